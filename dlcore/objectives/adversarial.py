"""A loss that is itself learnt: generator against discriminator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, SerializeAsAny

from dlcore.activations import Linear, ReLU
from dlcore.data.base import Dataset, Task
from dlcore.data.features import X1, X2
from dlcore.layers import Dense, Layer, Shape, built, layers
from dlcore.losses import Head, Loss, Target
from dlcore.objectives.base import Objective, objectives
from dlcore.optimizers import Adam, Optimizer, optimizers
from dlcore.spec import LIVE, Call, Problem

if TYPE_CHECKING:
    from dlcore.experiment import Experiment

Game = Literal["minimax", "non-saturating", "least squares", "Wasserstein"]
MOST_SCORED = 128
"""The most numbers of a sample that a generator is asked to make."""


@objectives.add
class Adversarial(Objective):
    r"""Make samples of noise that a second network cannot tell from real ones.

    The network is the generator.  The discriminator learns to score real samples high and fakes low, and the
    generator to make fakes that are scored high: the loss is itself learnt.  Goodfellow et al., 2014.
    """

    kind: Literal["adversarial"] = "adversarial"
    learns = True
    answers = False
    labelled = False
    measures = ("distance", "near by")
    formula = r"\min_G \max_D\; \mathbb E_x \ln D(x) + \mathbb E_z \ln\big(1 - D(G(z))\big)"

    latent: int = Field(
        2, ge=1, le=64, title="Noise", description="How many random numbers a fake is made of"
    )
    uniform: bool = Field(
        False, title="Uniform noise", description="Whether they are drawn evenly between −1 and 1, not normal"
    )
    discriminator: tuple[Annotated[SerializeAsAny[Layer], BeforeValidator(layers.parse)], ...] = Field(
        (Dense(units=32, activation=ReLU()),) * 2,
        max_length=16,
        description="The hidden layers of the discriminator, in order",
        json_schema_extra={"form": False},
    )
    game: Game = Field("non-saturating", description="What each of the two makes small")
    penalty: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Gradient penalty",
        description="How much a slope of the scores other than 1 costs the discriminator",
        json_schema_extra={"step": 0.1, **LIVE},
    )
    spectral: bool = Field(
        False,
        title="Spectral norm",
        description="Whether no layer of the discriminator may stretch anything",
    )
    statistics: bool = Field(
        False,
        title="Minibatch statistics",
        description="Whether the discriminator sees how much the samples of a batch differ",
    )
    optimizer: Annotated[SerializeAsAny[Optimizer], BeforeValidator(optimizers.parse)] = Field(
        Adam(learning_rate=0.001),
        description="How the discriminator steps",
        json_schema_extra={"form": False},
    )
    steps: int = Field(
        1,
        ge=1,
        le=10,
        title="Steps of the discriminator",
        description="In one round; they share the batch's real samples",
        json_schema_extra=LIVE,
    )
    every: int = Field(
        1,
        ge=1,
        le=10,
        title="Steps of the generator",
        description="Rounds of the generator to one of the discriminator",
        json_schema_extra=LIVE,
    )
    moves: Literal["both", "discriminator", "generator"] = Field(
        "both", title="Who steps", description="The other keeps its weights", json_schema_extra=LIVE
    )

    def fits(self, data: Dataset) -> bool:
        return not data.vocabulary and math.prod(data.sample_shape) <= MOST_SCORED

    def task(self, data: Dataset) -> Task:
        return Task.REGRESSION

    def input_shape(self, shape: Shape) -> Shape:
        return (self.latent,)

    def given(self, n: int, seed: int) -> NDArray[np.float32]:
        """The noise of the n fakes that judge the generator: (n, Z); each step of the game draws its own."""
        rng = np.random.default_rng(seed)
        size = (n, self.latent)
        return (rng.uniform(-1, 1, size) if self.uniform else rng.normal(size=size)).astype(np.float32)

    def head(self, loss: Loss, data: Dataset, shape: Shape) -> Head:
        return Head(math.prod(data.sample_shape), Target.DISTRIBUTION)

    def stack(self, n_features: int) -> tuple[Layer, ...]:
        """The discriminator's hidden layers as they are built, and its output."""
        return (*built(self.discriminator), Dense(activation=Linear()).model_copy(update={"units": 1}))

    def criterion(self, loss: Loss, data: Dataset, counts: Sequence[int] = ()) -> Call:
        n_features = math.prod(data.sample_shape)
        shape: Shape = (n_features,)
        calls: list[Call] = []
        *hidden, output = self.stack(n_features)
        for layer in hidden:
            calls += layer.calls(shape)
            shape = layer.output_shape(shape)
        if self.statistics:
            calls.append(Call("dlcore.adversaries.MinibatchDeviation"))
            shape = (shape[0] + 1,)
        calls += output.calls(shape)
        chosen = {
            name: getattr(self, name)
            for name in ("game", "uniform", "penalty", "spectral", "steps", "every", "moves")
        }
        return Call(
            "dlcore.adversaries.Adversary",
            Call("torch.nn.Sequential", *calls),
            sizes=(self.latent, n_features),
            optimizer=self.optimizer.target.rpartition(".")[2],
            settings=self.optimizer.hyperparameters(),
            **chosen,
        )

    def step(self) -> Call:
        return Call("dlcore.adversaries.fooled")

    def problems(self, experiment: Experiment) -> list[Problem]:
        found = []
        if experiment.data.planar and experiment.inputs != (X1(), X2()):
            found.append(
                Problem(
                    "Inputs",
                    "A generator makes points of the plane, and these inputs are computed of points.",
                    "Take x₁ and x₂.",
                    {"inputs": (X1(), X2())},
                )
            )
        if self.optimizer.searches:
            found.append(self._remedy("An optimizer that searches needs a loss that stays.", "Use Adam.",
                                      optimizer=Adam(learning_rate=0.001)))  # fmt: skip
        return [*found, *self._misfits(experiment)]

    def _misfits(self, experiment: Experiment) -> list[Problem]:
        """Layers of the discriminator that do not fit on each other."""
        shape: Shape = (math.prod(experiment.data.sample_shape),)
        for i, layer in enumerate(self.stack(shape[0])):
            needed = layer.needs(shape)
            if needed:
                return [
                    self._remedy(
                        f"Layer {i + 1} of the discriminator needs {needed}.",
                        "Take it away and those behind it.",
                        discriminator=self.discriminator[:i],
                    )
                ]
            shape = layer.output_shape(shape)
        return []

    def _remedy(self, what: str, then: str, **changes: Any) -> Problem:
        return Problem("Discriminator", what, then, {"objective": self.model_copy(update=changes)})
