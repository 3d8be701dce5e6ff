"""A code that is a place with a width, and so can be drawn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dlcore.layers import Dense, Flatten, GaussianCode, Layer, built, form
from dlcore.layers.base import FLAT
from dlcore.layers.nested import through
from dlcore.objectives.base import code_place, objectives
from dlcore.objectives.reconstruction import GivingBack
from dlcore.spec import LIVE, Call, Problem

if TYPE_CHECKING:
    from dlcore.experiment import Experiment


@objectives.add
class Variational(GivingBack):
    r"""Give back what was given from a code drawn by chance, and keep the codes near a standard normal.

    The loss is the reconstruction's and, times β, how far the Gaussian of each code is from the standard
    normal, in nats for each number of a sample: with squared errors the evidence lower bound of a decoder
    whose variance is β / 2.  Kingma and Welling, 2013; with β, Higgins et al., 2017.
    """

    kind: Literal["variational"] = "variational"
    inside = True
    formula = (
        r"\min_\theta L(\hat x, x) + \tfrac{\beta}{F}\, \mathrm{KL}\big(N(\mu, \sigma^2) \,\|\, N(0, 1)\big)"
    )
    beta: float = Field(
        0.1,
        ge=0,
        le=10,
        title="β",
        description="How much staying near the standard normal weighs against giving the sample back",
        json_schema_extra={"step": 0.01, **LIVE},
    )

    def step(self) -> Call:
        return Call("dlcore.steps.variational", beta=self.beta)

    def problems(self, experiment: Experiment) -> list[Problem]:
        found = super().problems(experiment)
        if any(isinstance(each, GaussianCode) for each in built(experiment.network)):
            return found
        return [
            *found,
            Problem(
                "Network",
                "A variational autoencoder draws its code, and no layer here does.",
                "Put a Gaussian code at the narrowest place.",
                {"network": _with_code(experiment)},
            ),
        ]


def _with_code(e: Experiment) -> tuple[Layer, ...]:
    """The stack with a code that is drawn, in place of a dense layer where that is the narrowest."""
    at = code_place(e.network, e.input_shape)
    if at >= 0 and isinstance(e.network[at], Dense):
        units = min(getattr(e.network[at], "units", 2), 64)
        return (*e.network[:at], GaussianCode(units=units), *e.network[at + 1 :])
    shape = through(e.network[: at + 1], e.input_shape)
    flat = () if form(shape) == FLAT else (Flatten(),)
    return (*e.network[: at + 1], *flat, GaussianCode(), *e.network[at + 1 :])
