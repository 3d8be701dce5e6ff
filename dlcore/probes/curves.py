"""How losses and scores came down to where they are."""

from __future__ import annotations

from dlcore.probes.base import Probe, add
from dlcore.record import Arrays
from dlcore.training.session import Session


@add
class Curves(Probe):
    """The history: ``epoch`` (R,) int32; ``train_loss``, ``validation_loss``, ``test_loss``, ``train_score``,
    ``validation_score``, ``test_score`` (R,) float32, nan where a share is empty."""

    kind = "curves"

    def read(self, session: Session) -> Arrays:
        return session.history.arrays()
