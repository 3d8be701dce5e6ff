"""Data sets, the inputs computed from them, and how they are split."""

from dlcore.data.base import PLANE, Dataset, Pattern, Task, datasets
from dlcore.data.features import Feature, features
from dlcore.data.images import Digits, Mnist, OwnImages, Shapes
from dlcore.data.own import Own
from dlcore.data.own_table import OwnTable
from dlcore.data.points import Spiral
from dlcore.data.split import Parts, Split, prepare
from dlcore.data.tables import Iris

__all__ = [
    "PLANE",
    "Dataset",
    "Digits",
    "Feature",
    "Iris",
    "Mnist",
    "Own",
    "OwnImages",
    "OwnTable",
    "Parts",
    "Pattern",
    "Shapes",
    "Spiral",
    "Split",
    "Task",
    "datasets",
    "features",
    "prepare",
]
