"""Layers: one file for each family, all entered in ``layers``."""

from dlcore.layers.base import (
    FLAT,
    FORMS,
    IMAGE,
    SEQUENCE,
    TOKENS,
    Bypass,
    Layer,
    Shape,
    Tokens,
    built,
    count,
    form,
    layers,
    shown,
)
from dlcore.layers.convolution import AveragePool, Conv1d, Conv2d, GlobalPool, MaxPool
from dlcore.layers.dense import Dense
from dlcore.layers.embedding import Embedding
from dlcore.layers.regularise import Dropout, GaussianNoise, SpatialDropout
from dlcore.layers.reshape import Activate, Flatten, GroupNorm, LayerNorm

__all__ = [
    "FLAT",
    "FORMS",
    "IMAGE",
    "SEQUENCE",
    "TOKENS",
    "Activate",
    "AveragePool",
    "Bypass",
    "Conv1d",
    "Conv2d",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "GlobalPool",
    "GroupNorm",
    "Layer",
    "LayerNorm",
    "MaxPool",
    "Shape",
    "SpatialDropout",
    "Tokens",
    "built",
    "count",
    "form",
    "layers",
    "shown",
]
