"""Data sets, the inputs computed from them, and how they are split."""

from dlcore.data.base import PLANE, Dataset, Pattern, Task, datasets
from dlcore.data.features import Feature, features
from dlcore.data.images import Digits, Mnist, OwnImages, Shapes
from dlcore.data.own import Own
from dlcore.data.own_series import OwnSeries
from dlcore.data.own_table import OwnTable
from dlcore.data.own_text import OwnText
from dlcore.data.points import Spiral
from dlcore.data.series import Series
from dlcore.data.split import Parts, Split, prepare
from dlcore.data.tables import Iris
from dlcore.data.text import NextToken
from dlcore.data.tokens import Strings

__all__ = [
    "PLANE",
    "Dataset",
    "Digits",
    "Feature",
    "Iris",
    "Mnist",
    "NextToken",
    "Own",
    "OwnImages",
    "OwnSeries",
    "OwnTable",
    "OwnText",
    "Parts",
    "Pattern",
    "Series",
    "Shapes",
    "Spiral",
    "Split",
    "Strings",
    "Task",
    "datasets",
    "features",
    "prepare",
]
