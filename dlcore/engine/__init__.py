"""Engines: where runs live.  The page's side imports no torch."""

from dlcore.engine.local import EngineFull, LocalEngine
from dlcore.engine.protocol import Frame, State
from dlcore.engine.run import Run

__all__ = ["EngineFull", "Frame", "LocalEngine", "Run", "State"]
