"""Layers: one file for each family, all entered in ``layers``."""

from dlcore.layers.base import FLAT, IMAGE, SEQUENCE, Layer, Shape, layers
from dlcore.layers.convolution import AveragePool, Conv1d, Conv2d, GlobalPool, MaxPool
from dlcore.layers.dense import Dense
from dlcore.layers.regularise import Dropout, GaussianNoise, SpatialDropout
from dlcore.layers.reshape import Activate, Flatten, GroupNorm, LayerNorm

__all__ = [
    "FLAT",
    "IMAGE",
    "SEQUENCE",
    "Activate",
    "AveragePool",
    "Conv1d",
    "Conv2d",
    "Dense",
    "Dropout",
    "Flatten",
    "GaussianNoise",
    "GlobalPool",
    "GroupNorm",
    "Layer",
    "LayerNorm",
    "MaxPool",
    "Shape",
    "SpatialDropout",
    "layers",
]
