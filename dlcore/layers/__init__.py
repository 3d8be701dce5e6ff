"""Layers: one file for each family, all entered in ``layers``."""

from dlcore.layers.activate import Activate, Softmax
from dlcore.layers.attention import Positions, SelfAttention, TransformerBlock
from dlcore.layers.base import (
    FAMILIES,
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
from dlcore.layers.code import GaussianCode
from dlcore.layers.convolution import Conv1d, Conv2d, ConvTranspose2d, SqueezeExcite, Upsample
from dlcore.layers.dense import Dense
from dlcore.layers.embedding import Embedding
from dlcore.layers.nested import Nest, Parallel, Residual
from dlcore.layers.normalise import BatchNorm, GroupNorm, LayerNorm
from dlcore.layers.pooling import AveragePool, GlobalPool, MaxPool
from dlcore.layers.recurrent import GRU, LSTM, RNN
from dlcore.layers.regularise import Dropout, GaussianNoise, SpatialDropout
from dlcore.layers.reshape import Flatten, Patches, Rows, ToImage, ToSequence, Transpose

__all__ = [
    "FAMILIES",
    "FLAT",
    "FORMS",
    "GRU",
    "IMAGE",
    "LSTM",
    "RNN",
    "SEQUENCE",
    "TOKENS",
    "Activate",
    "AveragePool",
    "BatchNorm",
    "Bypass",
    "Conv1d",
    "Conv2d",
    "ConvTranspose2d",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianCode",
    "GaussianNoise",
    "GlobalPool",
    "GroupNorm",
    "Layer",
    "LayerNorm",
    "MaxPool",
    "Nest",
    "Parallel",
    "Patches",
    "Positions",
    "Residual",
    "Rows",
    "SelfAttention",
    "Shape",
    "Softmax",
    "SpatialDropout",
    "SqueezeExcite",
    "ToImage",
    "ToSequence",
    "Tokens",
    "TransformerBlock",
    "Transpose",
    "Upsample",
    "built",
    "count",
    "form",
    "layers",
    "palette",
    "shown",
]


def palette() -> dict[str, list[type[Layer]]]:
    """Every layer under its family, families and layers in the order in which a palette shows them."""
    return {family: [cls for cls in layers if cls.family == family] for family in FAMILIES}
