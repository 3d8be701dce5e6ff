"""Lab 6: what is left of a digit that has to go through two numbers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.activations import ELU, Linear
from dlcore.data import Digits, Split
from dlcore.data.images import LeftOut
from dlcore.experiment import Experiment
from dlcore.guides.base import Formula, Guide, Try
from dlcore.layers import Dense, Flatten, GaussianCode, Layer
from dlcore.losses import MeanSquared
from dlcore.objectives import Objective, Reconstruction, Variational
from dlcore.optimizers import Adam
from dlcore.spec import Declared

SIZES = (1, 2, 4, 8, 16)
"""The codes that are compared."""
WIDTHS = (64, 32)


class AutoencoderSettings(Declared):
    """What may be turned in the lab."""

    how: Literal["plain", "denoising", "variational"] = Field(
        "plain",
        title="Autoencoder",
        description="Denoising is given damaged digits and asked for whole ones; variational draws its code",
    )
    size: int = Field(2, ge=1, le=16, title="Size of the code", description="Through how many numbers")
    noise: float = Field(
        0.3,
        ge=0,
        le=1,
        description="Standard deviation of what is added to each pixel while the network trains",
        json_schema_extra={"step": 0.05},
    )
    beta: float = Field(
        0.1,
        ge=0,
        le=2,
        title="β",
        description="How much staying near the standard normal weighs against giving the digit back",
        json_schema_extra={"step": 0.02},
    )
    stranger: LeftOut = Field(
        "0", title="Stranger", description="The digit that the network never gets to see while it trains"
    )
    compare: bool = Field(
        False,
        title="Compare sizes of the code",
        description="Trains the same network with codes of other sizes beside it, each in its own run",
    )


def experiments(settings: AutoencoderSettings) -> dict[str, Experiment]:
    """The autoencoder, and those of other sizes where they are compared."""
    found = {"code": autoencoder(settings)}
    if settings.compare:
        # as many as are told apart, the one that is nearest to the chosen size left out
        nearest = min(SIZES, key=lambda size: abs(size - settings.size))
        for size in SIZES:
            if size != nearest:
                found[f"size {size}"] = autoencoder(settings.model_copy(update={"size": size}))
    return found


def autoencoder(settings: AutoencoderSettings) -> Experiment:
    """The experiment of one size of the code."""
    sides = [Dense(units=width, activation=ELU()) for width in WIDTHS]
    code: Layer = Dense(units=settings.size, activation=Linear())
    objective: Objective = Reconstruction()
    if settings.how == "denoising":
        objective = Reconstruction(noise=settings.noise)
    if settings.how == "variational":
        code, objective = GaussianCode(units=settings.size), Variational(beta=settings.beta)
    return Experiment(
        data=Digits(without=settings.stranger),
        split=Split(train=70, validation=10),
        network=(Flatten(), *sides, code, *sides[::-1]),
        objective=objective,
        loss=MeanSquared(),
        optimizer=Adam(learning_rate=0.003),
        batch_size=32,
    )


GUIDE = Guide(
    name="autoencoder",
    title="Autoencoder",
    icon=":material/compress:",
    hint="Squeeze digits through two numbers, walk in their plane and see the decoder draw.",
    question="64 pixels are squeezed through 2 numbers, and nobody says which digit it is.  "
    "Where in the plane of the 2 numbers do the digits land?",
    choices=("Each kind in a place of its own", "All mixed up", "All on one line"),
    settings=AutoencoderSettings(),
    experiments=experiments,
    tries=(
        Try(
            "Draw from chance",
            "Variational: codes near a normal, so that every place of the plane is a digit",
            AutoencoderSettings(how="variational"),
        ),
        Try(
            "Mend noise",
            "Denoising: given digits under noise, it draws them clean",
            AutoencoderSettings(how="denoising", size=8, noise=0.4),
        ),
        Try(
            "What a number buys",
            "Codes of 1 to 16 numbers learn side by side, against principal components",
            AutoencoderSettings(compare=True),
        ),
    ),
    formulas=(
        Formula(
            "Autoencoder",
            r"\min_{f, g} \tfrac1N \sum_i \lVert g(f(x_i)) - x_i \rVert^2",
            "Encoder f makes the code of a sample, decoder g gives the sample back from it.  With straight "
            "layers alone the best plane is that of the principal components.",
            "Rumelhart, Hinton and Williams, 1986; Baldi and Hornik, 1989",
        ),
        Formula(
            "Denoising",
            r"\min_{f, g} \tfrac1N \sum_i \lVert g(f(x_i + \sigma \varepsilon_i)) - x_i \rVert^2",
            "Given a damaged sample, asked for the whole one.",
            "Vincent et al., 2008",
        ),
        Formula(
            "Variational",
            r"\tfrac1F \Big( \lVert g(z) - x \rVert^2 + \beta\, \mathrm{KL}\big(N(\mu, \sigma^2)\,\|\,"
            r"N(0, 1)\big)\Big),\quad z = \mu + \sigma \varepsilon",
            "The code is drawn from a Gaussian of each sample, which is held near the standard normal.",
            "Kingma and Welling, 2013; Higgins et al., 2017",
        ),
        Formula(
            "Anomaly score",
            r"s(x) = \tfrac1F \lVert g(f(x)) - x \rVert^2,\quad"
            r" \mathrm{AUC} = P(s_{\text{strange}} > s_{\text{known}})",
            "What the network has never seen it gives back badly.",
            "Hanley and McNeil, 1982; Sakurada and Yairi, 2014",
        ),
    ),
)
