"""Learning from answers that are known."""

from __future__ import annotations

from typing import Literal

from dlcore.objectives.base import Objective, objectives


@objectives.add
class Supervised(Objective):
    r"""Answer as the data do: each sample comes with what is to be said about it."""

    kind: Literal["supervised"] = "supervised"
    formula = r"\min_\theta \tfrac1N \sum_i L\big(f_\theta(x_i),\, y_i\big)"
