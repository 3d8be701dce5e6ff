"""The labs, in the order in which they are taught."""

from __future__ import annotations

from typing import Any

from dlcore.guides.attention import GUIDE as ATTENTION
from dlcore.guides.autoencoder import GUIDE as AUTOENCODER
from dlcore.guides.backpropagation import GUIDE as BACKPROPAGATION
from dlcore.guides.base import Formula, Guide, Try
from dlcore.guides.convolution import GUIDE as CONVOLUTION
from dlcore.guides.gan import GUIDE as GAN
from dlcore.guides.gradient_descent import GUIDE as GRADIENT_DESCENT
from dlcore.guides.memory import GUIDE as MEMORY

__all__ = ["GUIDES", "Formula", "Guide", "Try"]

GUIDES: tuple[Guide[Any], ...] = (
    GRADIENT_DESCENT,
    BACKPROPAGATION,
    CONVOLUTION,
    MEMORY,
    ATTENTION,
    AUTOENCODER,
    GAN,
)
"""One is entered with its file; its page is ``pages/NAME.py``."""
