"""Data sets, the inputs computed from them, and how they are split."""

from dlcore.data.base import PLANE, Dataset, Pattern, Task, datasets
from dlcore.data.features import Feature, features
from dlcore.data.images import Digits, Mnist
from dlcore.data.own import Own
from dlcore.data.points import Spiral
from dlcore.data.split import Parts, Split, class_counts, prepare
from dlcore.data.tables import Iris

__all__ = [
    "PLANE",
    "Dataset",
    "Digits",
    "Feature",
    "Iris",
    "Mnist",
    "Own",
    "Parts",
    "Pattern",
    "Spiral",
    "Split",
    "Task",
    "class_counts",
    "datasets",
    "features",
    "prepare",
]
