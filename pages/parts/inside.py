"""What the views of a network's inside look at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Inside:
    """Which layer, sample, channel, head and step the views show; one that is past the end means the last."""

    layer: int = 0
    sample: int = 0
    """One of the test samples."""
    channel: int = 0
    head: int = 0
    query: int = 0
    common: bool = False
    """Whether all maps of a layer share one scale of colours."""
    numbers: int = 0
    """Whose histograms are shown: 0 the weights', 1 the activations', 2 the gradients'."""
    flat: int = 0
    """How many numbers become two: 0 by principal components, 1 by t-SNE, 2 by UMAP."""
    order: int = 0
    """Which mistakes come first: 0 the worst, 1 the most confident."""
    quality: int = 0
    """How answers are judged: 0 by what is taken for what, 1 by ROC curves, 2 by calibration."""
    ahead: int = 1
    """How many steps ahead a forecast looks."""
    across: int = 500
    """Where in the plane of a code one stands, in thousandths of its sides."""
    up: int = 500
