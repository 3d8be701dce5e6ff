"""Probes: what can be read off a session.  Each computes named arrays and leaves no trace."""

<<<<<<< HEAD
from dlcore.probes import (
    attention,
    boundary,
    curves,
    features,
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
=======
from dlcore.probes import boundary, curves, forecast, health, mistakes, neurons, spaces, weights
>>>>>>> work-page
from dlcore.probes.base import Probe, opened, probes

__all__ = [
    "Probe",
    "attention",
    "boundary",
    "curves",
<<<<<<< HEAD
    "features",
=======
    "forecast",
>>>>>>> work-page
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
