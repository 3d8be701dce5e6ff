"""Luck or setting: what the page of that name is set to, what it offers, and what it leans on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from dlcore.activations import ReLU, Tanh
from dlcore.data.points import Circle
from dlcore.experiment import Experiment, with_value
from dlcore.guides.base import Formula, Try
from dlcore.initializers import He, Xavier
from dlcore.layers import Dense
from dlcore.optimizers import SGD, Adam
from dlcore.spec import Declared

MOST_EPOCHS = 2000
OTHER = "Another experiment"


class LuckSettings(Declared):
    """Which experiment is trained from many seeds, and beside which other."""

    experiment: Experiment = Field(Experiment(), description="What is trained")
    second: Experiment | None = Field(None, description="What it is compared with")
    n: Literal[16, 32, 64] = Field(
        32, title="Seeds", description="How many networks, each with first weights and an order of its own"
    )
    epochs: int = Field(100, ge=1, le=MOST_EPOCHS, description="For how many epochs each is trained")
    setting: str = Field("", max_length=40, description="Which setting the second has another value of")

    def wanted(self) -> dict[str, Experiment]:
        """The experiments to train, by the name that each group has."""
        both = {"first": self.experiment}
        return {**both, "second": self.second} if self.second is not None else both


@dataclass(frozen=True)
class Knob:
    """A setting that can be given a second value."""

    name: str
    path: str
    """Where its widget writes to; of what all layers have in common, in the first."""
    offered: Callable[[Experiment], bool]
    begun: Callable[[Experiment], Any]
    """A second value to begin with."""

    def turned(self, experiment: Experiment, value: Any) -> Experiment:
        """The experiment with another value of the setting.  Raises ``ValidationError`` out of bounds."""
        if not self.path.startswith("network."):
            return with_value(experiment, self.path, value)
        field = self.path.rpartition(".")[2]
        for place, layer in enumerate(experiment.network):
            if isinstance(layer, Dense):
                experiment = with_value(experiment, f"network.{place}.{field}", value)
        return experiment


def _first_dense(e: Experiment) -> Dense:
    return next(layer for layer in e.network if isinstance(layer, Dense))


def _has_dense(e: Experiment) -> bool:
    return any(isinstance(layer, Dense) for layer in e.network)


def _always(e: Experiment) -> bool:
    return True


KNOBS = {
    knob.name: knob
    for knob in (
        Knob(
            "Learning rate",
            "optimizer.learning_rate",
            _always,
            lambda e: float(f"{min(10 * e.optimizer.learning_rate, 10.0):.3g}"),
        ),
        Knob("Optimizer", "optimizer", _always, lambda e: SGD() if isinstance(e.optimizer, Adam) else Adam()),
        Knob("Batch size", "batch_size", _always, lambda e: 50 if e.batch_size < 50 else 10),
        Knob("Start", "init", _always, lambda e: He() if isinstance(e.init, Xavier) else Xavier()),
        Knob("L2", "regularisation.l2", _always, lambda e: 0.0 if e.regularisation.l2 else 0.01),
        Knob(
            "Neurons in every layer",
            "network.units",
            _has_dense,
            lambda e: min(2 * _first_dense(e).units, 64) if _first_dense(e).units < 64 else 8,
        ),
        Knob(
            "Activation",
            "network.activation",
            _has_dense,
            lambda e: ReLU() if isinstance(_first_dense(e).activation, Tanh) else Tanh(),
        ),
    )
}
"""The settings that are offered, by name."""


def _rate(rate: float) -> Experiment:
    """The playground's first net with another learning rate."""
    return with_value(Experiment(), "optimizer.learning_rate", rate)


_FEWEST = Experiment(
    data=Circle(), network=(Dense(units=3, activation=ReLU()),), optimizer=Adam(learning_rate=0.03)
)

TRIES = (
    Try(
        "Ten times the learning rate",
        "η = 0.003 against η = 0.03: from some seeds the slower one wins all the same",
        LuckSettings(second=_rate(0.03), epochs=100, setting="Learning rate"),
    ),
    Try(
        "A twentieth more",
        "η = 0.01 against η = 0.0105: a run of each may well tell them apart.  Do 32 of each?",
        LuckSettings(experiment=_rate(0.01), second=_rate(0.0105), epochs=60, setting="Learning rate"),
    ),
    Try(
        "As few neurons as can do it",
        "Three straight lines around a circle: most seeds find them, the others never do",
        LuckSettings(experiment=_FEWEST, n=64, epochs=60),
    ),
)

FORMULAS = (
    Formula(
        "Sources of chance",
        r"s = s(\text{setting}) + \varepsilon_{\text{init}} + \varepsilon_{\text{order}}"
        r" + \varepsilon_{\text{dropout}} + \dots",
        "A score is what the setting earns and what chance adds.  Here the first weights, the order of the "
        "points and dropout are drawn anew for each seed; the data and the split stay, so what is found "
        "holds for these test points.",
        "Bouthillier et al., Accounting for variance in machine learning benchmarks, MLSys 2021",
    ),
    Formula(
        "How often the second wins",
        r"P(B > A) = \frac1{nm} \sum_{i,j} \big[s^B_j > s^A_i\big] + \tfrac12 \big[s^B_j = s^A_i\big]",
        "The share of all pairs of one seed each in which the second setting is better.  One half is no "
        "difference at all.",
        "Mann and Whitney, Annals of Mathematical Statistics 18, 1947: their U is n m times this share",
    ),
    Formula(
        "More than luck",
        r"\text{low} > \tfrac12 \quad\text{and}\quad \text{high} > \gamma = 0.75",
        "The 95 % interval of the share comes from drawing the seeds anew 2 000 times.  It has to leave one "
        "half out, and to reach a share that matters in practice.",
        "Efron, Annals of Statistics 7, 1979; γ as Bouthillier et al. recommend it",
    ),
    Formula(
        "All at once",
        r"W \in \mathbb R^{n \times r \times c}, \quad"
        r"\frac{\partial}{\partial W_i} \sum_j L_j(W_j) = \frac{\partial L_i}{\partial W_i}",
        "Each weight is a row of a larger tensor.  The gradient of the sum of all losses is, for each "
        "network, the gradient of its own: none learns of another.  Sums are rounded otherwise than in a run "
        "by itself; where learning is unsteady, that alone leads a seed elsewhere: one more source of luck.",
        "torch.func: stack_module_state, functional_call and vmap, as in the tutorial Model ensembling",
    ),
)
