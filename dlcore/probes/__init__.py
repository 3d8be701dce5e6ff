"""Probes: what can be read off a session.  Each computes named arrays and leaves no trace."""

from dlcore.probes import boundary, curves, forecast, health, mistakes, neurons, spaces, weights
from dlcore.probes.base import Probe, opened, probes

__all__ = [
    "Probe",
    "boundary",
    "curves",
    "forecast",
    "health",
    "mistakes",
    "neurons",
    "opened",
    "probes",
    "spaces",
    "weights",
]
