"""Lab: a generator against a discriminator, and mode collapse, made and cured."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field

from dlcore.activations import ReLU
from dlcore.data import Dataset, Digits, Own, Split
from dlcore.data.features import X1, X2
from dlcore.data.own import TEXT
from dlcore.data.points import GaussianGrid, GaussianRing, Moons
from dlcore.experiment import Experiment
from dlcore.guides.base import Formula, Guide, Try
from dlcore.layers import Dense, Layer
from dlcore.losses import MeanSquared
from dlcore.objectives import Adversarial
from dlcore.optimizers import Adam
from dlcore.spec import Declared

Truth = Literal["ring", "grid", "moons", "drawn", "digits"]
Cure = Literal["none", "minibatch statistics", "Wasserstein + penalty", "spectral norm"]
Steps = Literal["5 : 1", "3 : 1", "1 : 1", "1 : 3", "1 : 5"]
Rates = Literal["1 : 20", "1 : 1"]
Who = Literal["both", "discriminator", "generator"]

RATE = 0.001
"""The generator's learning rate."""
SAMPLES = 64
"""Real samples, and fakes, in one step of either."""
CURES: dict[str, dict[str, Any]] = {
    "none": {},
    "minibatch statistics": {"statistics": True},
    "Wasserstein + penalty": {"game": "Wasserstein", "penalty": 1.0},
    "spectral norm": {"spectral": True},
}


def heart() -> str:
    """The drawing that there is before anybody has drawn: the outline of a heart, packed."""
    t = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    x = 4.2 * np.sin(t) ** 3
    y = 0.26 * (13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)) + 0.4
    return Own.of(np.stack([x, y], 1), np.zeros(len(t))).points


class GanSettings(Declared):
    """What is real, who plays how, and what is done against collapse."""

    truth: Truth = Field("ring", title="Real samples", description="What the fakes are to look like")
    cure: Cure = Field(
        "none", title="Against collapse", description="What the discriminator gets so that fakes stay varied"
    )
    steps: Steps = Field(
        "1 : 1",
        title="Steps D : G",
        description="How many steps the discriminator makes to so many of the generator",
    )
    rates: Rates = Field(
        "1 : 20",
        title="Learning rates D : G",
        description="How quickly the discriminator learns, next to the generator",
    )
    who: Who = Field("both", title="Who learns", description="The other keeps its weights")
    slow: bool = Field(
        False, title="Slow motion", description="Open a step: what each of the two sees, and what it does"
    )
    points: str = Field(
        heart(), max_length=TEXT, description="The drawing, packed", json_schema_extra={"form": False}
    )
    generator_layers: int = Field(2, ge=1, le=4, title="Layers", description="Hidden layers of the generator")
    generator_units: int = Field(32, ge=2, le=128, title="Units", description="In each of its hidden layers")
    noise: int = Field(2, ge=1, le=16, description="How many random numbers a fake is made of")
    discriminator_layers: int = Field(
        2, ge=1, le=4, title="Layers", description="Hidden layers of the discriminator"
    )
    discriminator_units: int = Field(
        32, ge=2, le=128, title="Units", description="In each of its hidden layers"
    )


def truth(settings: GanSettings) -> Dataset:
    """What is real."""
    if settings.truth == "drawn":
        return Own(points=settings.points)
    patterns: dict[str, Dataset] = {
        "ring": GaussianRing(n_points=2000),
        "grid": GaussianGrid(n_points=2500),
        "moons": Moons(n_points=2000),
        "digits": Digits(),
    }
    return patterns[settings.truth]


def experiments(settings: GanSettings) -> dict[str, Experiment]:
    """The game: the network is the generator, the discriminator belongs to the objective."""
    of_discriminator, of_generator = (int(n) for n in settings.steps.split(" : "))
    game = Adversarial(
        latent=settings.noise,
        discriminator=stack(settings.discriminator_layers, settings.discriminator_units),
        optimizer=Adam(learning_rate=RATE if settings.rates == "1 : 1" else RATE / 20, beta1=0.5),
        steps=of_discriminator,
        every=of_generator,
        moves=settings.who,
        **CURES[settings.cure],
    )
    return {
        "game": Experiment(
            data=truth(settings),
            split=Split(train=80, validation=0),
            inputs=(X1(), X2()),
            network=stack(settings.generator_layers, settings.generator_units),
            objective=game,
            loss=MeanSquared(),
            optimizer=Adam(learning_rate=RATE, beta1=0.5),
            batch_size=SAMPLES * of_discriminator,
        )
    }


def stack(n_layers: int, n_units: int) -> tuple[Layer, ...]:
    """A stack of ReLU layers."""
    return (Dense(units=n_units, activation=ReLU()),) * n_layers


CHOICES = ("All 8", "5 to 7", "4 or fewer")


def choice(n_covered: int) -> int:
    """Which of the choices so many clouds are."""
    return 0 if n_covered == 8 else 1 if n_covered >= 5 else 2


GUIDE = Guide(
    name="gan",
    title="GAN",
    icon=":material/swords:",
    hint="A forger and an expert learn from each other: fakes, scores, gradients, collapse and its cures",
    question="A generator never sees a real sample, only its fakes' scores. How many clouds will it find?",
    choices=CHOICES,
    settings=GanSettings(),
    going_on=frozenset({"who", "slow", "points"}),
    experiments=experiments,
    tries=(
        Try(
            "Cure it",
            "A discriminator that learns as quickly as the generator, and spectral norm: its scores have no "
            "cliffs, so that every fake feels where to go.",
            GanSettings(cure="spectral norm", rates="1 : 1"),
        ),
        Try(
            "Half a cure",
            "The quicker discriminator alone: which clouds does the generator miss, and for how long?",
            GanSettings(rates="1 : 1"),
        ),
        Try(
            "Draw your own",
            "Take the pencil, draw a shape, and watch the noise being bent into it.",
            GanSettings(truth="drawn", cure="Wasserstein + penalty", steps="3 : 1", rates="1 : 1"),
        ),
    ),
    formulas=(
        Formula(
            "The game",
            r"\min_G \max_D\; \mathbb E_x \ln D(x) + \mathbb E_z \ln\big(1 - D(G(z))\big)",
            "The discriminator D learns to tell real from fake; the generator G makes fakes of noise z that "
            "it takes for real.  At best G's fakes are distributed like the real "
            "samples, and D = ½ everywhere.",
            "Goodfellow et al., 2014",
        ),
        Formula(
            "What the generator really descends",
            r"L_G = -\,\mathbb E_z \ln D(G(z)), \qquad "
            r"\text{push on a fake} = -\frac{\partial L_G}{\partial G(z)}",
            "Non-saturating: steep where fakes are seen through.  The arrows are that push; each fake feels "
            "only the scores around it.",
            "Goodfellow et al., 2014, section 3",
        ),
        Formula(
            "Wasserstein, with gradient penalty",
            r"L_D = \mathbb E_z f(G(z)) - \mathbb E_x f(x) + \lambda\, \mathbb E_{\hat x}"
            r"\big(\lVert \nabla f(\hat x) \rVert - 1\big)^2",
            "Scores without a limit, and a slope held near 1 between real and fake: it never goes flat.",
            "Arjovsky et al., 2017; Gulrajani et al., 2017",
        ),
        Formula(
            "Spectral norm",
            r"\bar W = W / \sigma(W), \qquad \sigma(W) = \max_{\lVert h \rVert = 1} \lVert W h \rVert",
            "No layer of the discriminator stretches anything, so its scores cannot become cliffs.",
            "Miyato et al., 2018",
        ),
        Formula(
            "Minibatch statistics",
            r"o(x_1 \ldots x_m) = \tfrac1F \sum_f \mathrm{std}_i\, h_f(x_i)",
            "The discriminator sees how much a batch differs within itself: fakes all alike give themselves "
            "away.",
            "Salimans et al., 2016; Karras et al., 2018",
        ),
        Formula(
            "Distance to the truth",
            r"SW(P, Q) = \mathbb E_\theta \int \big| F^{-1}_{\theta P}(u) - F^{-1}_{\theta Q}(u) \big|\, du",
            "Sliced Wasserstein: seen from 32 directions, how far real samples have to be carried to "
            "be fakes.",
            "Rabin et al., 2011",
        ),
    ),
)
