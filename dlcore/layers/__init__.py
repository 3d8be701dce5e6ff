"""Layers: one file each, all entered in ``layers``."""

from dlcore.layers.base import Layer, Shape, layers
from dlcore.layers.dense import Dense
from dlcore.layers.regularise import Dropout

__all__ = ["Dense", "Dropout", "Layer", "Shape", "layers"]
