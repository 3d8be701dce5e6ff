"""Visitors: known by a token that only their browser has."""

from __future__ import annotations

import hashlib


def hashed(owner: str) -> str:
    """How a visitor's token is written down: whoever reads that cannot become the visitor.  64 letters."""
    return hashlib.sha256(f"glassbox:{owner}".encode()).hexdigest()
