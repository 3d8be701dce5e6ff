"""Probes: what can be read off a session.  Each computes named arrays and leaves no trace."""

from dlcore.probes import (
    boundary,
    curves,
    features,
    health,
    histograms,
    mistakes,
    neurons,
    projection,
    quality,
    spaces,
    trace,
    weights,
    worst,
)
from dlcore.probes.base import Probe, opened, probes

__all__ = [
    "Probe",
    "boundary",
    "curves",
    "features",
    "health",
    "histograms",
    "mistakes",
    "neurons",
    "opened",
    "probes",
    "projection",
    "quality",
    "spaces",
    "trace",
    "weights",
    "worst",
]
