"""Probes: what can be read off a session.  Each computes named arrays and leaves no trace."""

from dlcore.probes import (
    attention,
    boundary,
    curves,
    features,
    forecast,
    health,
    histograms,
    mistakes,
    neurons,
    projection,
    quality,
    recurrence,
    spaces,
    trace,
    weights,
    worst,
)
from dlcore.probes.base import Probe, opened, probes

__all__ = [
    "Probe",
    "attention",
    "boundary",
    "curves",
    "features",
    "forecast",
    "health",
    "histograms",
    "mistakes",
    "neurons",
    "opened",
    "probes",
    "projection",
    "quality",
    "recurrence",
    "spaces",
    "trace",
    "weights",
    "worst",
]
