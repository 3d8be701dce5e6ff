"""Gradient descent: rules racing down a surface, and down the loss of a network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SerializeAsAny

from dlcore.experiment import Experiment
from dlcore.formula import LONGEST, read
from dlcore.guides.base import Formula, Guide, Try
from dlcore.optimizers import SGD, Optimizer, optimizers
from dlcore.spec import Declared
from dlcore.surfaces import SURFACES, Surface

SURFACE: Literal["A surface"] = "A surface"
NETWORK: Literal["Your network"] = "Your network"
PATHS: Literal["the paths"] = "the paths"
FIRST: Literal["first weights"] = "first weights"

RULES: dict[str, Optimizer] = {
    "Gradient descent": SGD(),
    "Momentum": SGD(momentum=0.9),
    "Nesterov": SGD(momentum=0.9, nesterov=True),
    "Adagrad": optimizers["adagrad"](),
    "RMSprop": optimizers["rmsprop"](),
    "Adam": optimizers["adam"](),
    **{
        optimizers[kind].heading(): optimizers[kind]()
        for kind in optimizers.kinds()
        if kind not in {"sgd", "adagrad", "rmsprop", "adam"}
    },
}
"""Every rule that can race, by the name people know it by; any that is registered is one."""
SIX = tuple(RULES)[:6]
FOUR = ("Gradient descent", "Momentum", "RMSprop", "Adam")
OWN_RATE = ("Adadelta", "L-BFGS")
"""Rules that find their own scale, and race at the rate they are declared with."""


def name_of(rule: Optimizer) -> str:
    """The name of a rule among :data:`RULES`."""
    if isinstance(rule, SGD):
        return (
            "Nesterov"
            if rule.nesterov and rule.momentum
            else "Momentum"
            if rule.momentum
            else "Gradient descent"
        )
    return rule.heading()


def rated(name: str, surface: Surface | None) -> Optimizer:
    """A rule with a learning rate that suits a surface; or a network, where it is given none."""
    rule = RULES[name]
    if name in OWN_RATE:
        return rule
    slope, step = (surface.slope_rate, surface.step_rate) if surface else (0.1, 0.01)
    if isinstance(rule, SGD):
        # what rolls on takes steps up to ten times as long
        rate = slope / 3 if rule.momentum else slope
    elif name == "RAdam":
        rate = slope  # its first steps are as long as the gradient is steep
    elif name == "Adagrad":
        rate = min(5 * step, 10.0)
    else:
        rate = step / 4 if name == "Lion" else step
    return rule.model_copy(update={"learning_rate": float(f"{rate:.1g}")})


def field(names: tuple[str, ...], surface: str | None) -> tuple[Optimizer, ...]:
    """Several rules at the start."""
    return tuple(rated(name, SURFACES[surface] if surface else None) for name in names)


Rules = Annotated[
    tuple[Annotated[SerializeAsAny[Optimizer], BeforeValidator(optimizers.parse)], ...],
    Field(min_length=1, max_length=len(RULES)),
]
Place = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]


class GradientDescentSettings(Declared):
    """What the lab shows: a surface and what races on it, or a network's loss and what trains it."""

    tab: Literal["A surface", "Your network"] = Field(SURFACE, description="What is descended")
    surface: str = Field(
        "Ravine", description="The surface", max_length=40, pattern=f"^({'|'.join(SURFACES)})$"
    )
    formula: Annotated[str, AfterValidator(lambda text: read(text).text)] = Field(
        SURFACES[Surface.OWN].formula, max_length=LONGEST, description="Your own formula in x and y"
    )
    x: Place = Field(SURFACES["Ravine"].start[0], title="Start x", description="Where the descent begins")
    y: Place = Field(SURFACES["Ravine"].start[1], title="Start y", description="Where the descent begins")
    racers: Rules = Field(field(SIX, "Ravine"), description="What races on the surface")
    noise: float = Field(
        0.0,
        ge=0,
        le=100,
        title="Noise",
        description="How far the gradient of one sample is off, in each direction (standard deviation)",
        json_schema_extra={"log": True},
    )
    batch: int = Field(
        1,
        ge=1,
        le=500,
        title="Batch",
        description="Samples a step averages over: noise shrinks with its square root",
        json_schema_extra={"log": True},
    )
    seed: int = Field(0, ge=0, le=999_999, description="Which noise, and which random directions")
    looked: str = Field("Momentum", max_length=40, description="The rule whose steps are opened")
    experiment: Experiment = Field(Experiment(), description="Whose loss is the surface")
    trainers: Rules = Field(field(FOUR, None), description="What trains the network")
    directions: Literal["the paths", "random directions"] = Field(
        PATHS,
        title="Plane through",
        description="The plane in which most of the paths lies, or two random directions as long as each "
        "filter (Li et al., 2018)",
    )
    begin: Literal["first weights", "weights now"] = Field(
        FIRST, title="Start from", description="Where the descents of the network begin"
    )
    network_batch: int = Field(
        500,
        ge=1,
        le=500,
        title="Batch",
        description="Training points a step looks at; 500 is all of them",
        json_schema_extra={"log": True},
    )

    @property
    def on_surface(self) -> bool:
        """Whether a surface is descended, and not a network's loss."""
        return self.tab == SURFACE

    def shown(self) -> Surface:
        """The surface, under the visitor's own formula where it is theirs."""
        surface = SURFACES[self.surface]
        return surface.with_formula(self.formula) if self.surface == Surface.OWN else surface

    def rules(self) -> dict[str, Optimizer]:
        """What descends, by name."""
        return {name_of(rule): rule for rule in (self.racers if self.on_surface else self.trainers)}

    def opened(self) -> str:
        """The rule whose steps are opened: one of those that descend."""
        rules = self.rules()
        return self.looked if self.looked in rules else next(iter(rules))

    def with_rules(self, rules: tuple[Optimizer, ...]) -> GradientDescentSettings:
        """The same with other rules in this tab."""
        return self.model_copy(update={"racers" if self.on_surface else "trainers": rules})

    def on(self, surface: str) -> GradientDescentSettings:
        """The same rules from the start of another surface, at rates that suit it."""
        start = SURFACES[surface].start
        names = tuple(name_of(rule) for rule in self.racers)
        changes = {"surface": surface, "x": start[0], "y": start[1], "racers": field(names, surface)}
        return self.model_copy(update=changes)


def _runnable(experiment: Experiment) -> Experiment:
    """An experiment that has come in a link, or the playground's first where it cannot run."""
    return Experiment() if experiment.problems() else experiment


OPENING = GradientDescentSettings()
CHOICES = ("Gradient descent", "Momentum or Nesterov", "Adagrad, RMSprop or Adam", "None of them")
FAMILIES = (("Gradient descent",), ("Momentum", "Nesterov"), ("Adagrad", "RMSprop", "Adam"))

GUIDE = Guide(
    name="gradient_descent",
    title="Gradient descent",
    icon=":material/landscape:",
    hint="Optimizers race down a surface, and down the real loss of your own network",
    question="Steep across and level along: which rule reaches the bottom first?",
    choices=CHOICES,
    settings=OPENING,
    experiments=lambda settings: {"network": _runnable(settings.experiment)},
    tries=(
        Try(
            "Stuck on a ridge",
            "Exactly on the ridge of a saddle the gradient points along it. Then add noise.",
            OPENING.on("Saddle").model_copy(update={"y": 0.0, "looked": "Gradient descent"}),
        ),
        Try(
            "Over the edge",
            "Gradient descent with a learning rate above 2/λ: each step is longer than the last.",
            OPENING.on("Ravine").model_copy(
                update={
                    "racers": (SGD(learning_rate=1.02), rated("Adam", SURFACES["Ravine"])),
                    "looked": "Gradient descent",
                }
            ),
        ),
        Try(
            "Four rules on a real network",
            "The loss of a network on the spiral, in the plane that holds most of their paths.",
            OPENING.model_copy(update={"tab": NETWORK, "looked": "Gradient descent"}),
        ),
    ),
    formulas=(
        Formula(
            "Gradient descent",
            r"w \leftarrow w - \eta\, \nabla f(w)",
            "Step against the gradient, as far as the learning rate says.",
            "Cauchy, 1847; Robbins and Monro, 1951, for gradients with noise",
        ),
        Formula(
            "Momentum, and Nesterov's look ahead",
            r"v \leftarrow \mu v + g, \quad w \leftarrow w - \eta v; "
            r"\qquad w \leftarrow w - \eta\,(g + \mu v)",
            "Keep rolling: what changes its sign from step to step cancels, what does not adds up.",
            "Polyak, 1964; Nesterov, 1983",
        ),
        Formula(
            "Adagrad, RMSprop, Adam",
            r"w \leftarrow w - \eta\, \frac{g}{\sqrt{\sum g^2}}, \quad \frac{g}{\sqrt{v}}, \quad "
            r"\frac{\hat m}{\sqrt{\hat v}}",
            "Divide by how large the gradient has been, for each weight by itself: then a steep direction is "
            "walked no faster than a level one.",
            "Duchi et al., 2011; Hinton, 2012; Kingma and Ba, 2015",
        ),
        Formula(
            "The edge of stability",
            r"\eta < \frac{2}{\lambda_{\max}\!\left(\nabla^2 f\right)}",
            "Along the steepest curvature a step multiplies the distance by 1 − ηλ. Above 2/λ it grows.",
            "LeCun et al., 1998; Cohen et al., 2021",
        ),
        Formula(
            "The surface of a network",
            r"f(a, b) = L\left(\theta + a\, \delta + b\, \gamma\right), \quad "
            r"\delta_i \leftarrow \frac{\delta_i}{\lVert \delta_i \rVert} \lVert \theta_i \rVert",
            "A plane through all the weights at once; each filter of a random direction is as long as the "
            "network's own.",
            "Li et al., 2018",
        ),
        Formula(
            "Noise of a batch",
            r"g_B = \nabla f(w) + \varepsilon, "
            r"\quad \varepsilon \sim \mathcal N\!\left(0, \tfrac{\sigma^2}{B}\right)",
            "The mean gradient of B samples is off by the noise of one, over the square root of B.",
            "Bottou et al., 2018",
        ),
    ),
)
