"""The labs, in the order in which they are taught."""

from __future__ import annotations

from typing import Any

from dlcore.guides.autoencoder import GUIDE as AUTOENCODER
from dlcore.guides.base import Formula, Guide, Try
from dlcore.guides.gan import GUIDE as GAN

__all__ = ["GUIDES", "Formula", "Guide", "Try"]

GUIDES: tuple[Guide[Any], ...] = (AUTOENCODER, GAN)
"""One is entered with its file; its page is ``pages/NAME.py``."""
