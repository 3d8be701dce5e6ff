"""Giving back what was given, through a narrow place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dlcore.data.base import Dataset, Task
from dlcore.layers import Shape
from dlcore.losses import Head, Loss, Target
from dlcore.objectives.base import PLAIN, Objective, objectives
from dlcore.optimizers import Adam
from dlcore.spec import LIVE, Call, Problem

if TYPE_CHECKING:
    from dlcore.experiment import Experiment


class GivingBack(Objective):
    """What objectives share whose target is the sample itself, all its numbers in a row."""

    labelled = False

    def fits(self, data: Dataset) -> bool:
        return not data.vocabulary

    def task(self, data: Dataset) -> Task:
        return Task.REGRESSION

    def head(self, loss: Loss, data: Dataset, shape: Shape) -> Head:
        return Head(math.prod(shape), Target.INPUT)

    def problems(self, experiment: Experiment) -> list[Problem]:
        found = []
        if experiment.augmentation.active:
            found.append(
                Problem(
                    "Augmentation",
                    f"{self.heading()} asks for the very image that was given, and augmentation changes it.",
                    "Leave the images as they are.",
                    {"augmentation": type(experiment.augmentation)()},
                )
            )
        if experiment.optimizer.searches and self.step() != PLAIN:
            found.append(
                Problem(
                    "Optimizer",
                    f"{experiment.optimizer.heading()} looks at a batch several times, and chance makes it "
                    "another one each time.",
                    "Use Adam.",
                    {"optimizer": Adam()},
                )
            )
        return found


@objectives.add
class Reconstruction(GivingBack):
    r"""Give back what was given: an autoencoder, whose narrowest layer is the code of a sample.

    With noise or masking the network is given a damaged sample while it trains and is to give back the whole
    one: a denoising autoencoder (Vincent et al., 2008).  Rumelhart, Hinton and Williams, 1986.
    """

    kind: Literal["reconstruction"] = "reconstruction"
    formula = r"\min_\theta \tfrac1N \sum_i L\big(f_\theta(\tilde x_i),\, x_i\big)"
    noise: float = Field(
        0.0,
        ge=0,
        le=2,
        description="Standard deviation of what is added to each number that the network is given",
        json_schema_extra={"step": 0.05, **LIVE},
    )
    mask: float = Field(
        0.0,
        ge=0,
        le=0.9,
        title="Masked",
        description="Share of the numbers that are set to 0 in what the network is given",
        json_schema_extra={"step": 0.05, **LIVE},
    )

    def step(self) -> Call:
        if not self.noise and not self.mask:
            return PLAIN
        return Call("dlcore.steps.denoised", noise=self.noise, mask=self.mask)
