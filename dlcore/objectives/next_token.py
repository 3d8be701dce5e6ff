"""Learning from what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dlcore.data.base import Dataset
from dlcore.data.text import NextToken as Text
from dlcore.layers import Layer
from dlcore.objectives.base import Objective, objectives
from dlcore.spec import Call, Problem

if TYPE_CHECKING:
    from dlcore.experiment import Experiment

LOOKING_AHEAD = {"causal": True, "both_ways": False}
"""Settings of layers that can look ahead, at the values with which they do not."""


@objectives.add
class NextToken(Objective):
    r"""Say what comes next, at every place of a text, from what came before it.

    The text is its own answer: each token is to be foretold from those before it.  A network that looks ahead
    would read it off its input.  Shannon, 1951; Bengio et al., 2003.
    """

    kind: Literal["next_token"] = "next_token"
    formula = r"\min_\theta -\tfrac1T \sum_t \ln p_\theta\big(x_{t+1} \mid x_1, \dots, x_t\big)"

    def fits(self, data: Dataset) -> bool:
        return isinstance(data, Text)

    def step(self) -> Call:
        return Call("dlcore.steps.next_token")

    @property
    def paired(self) -> bool:
        return True

    def problems(self, experiment: Experiment) -> list[Problem]:
        blind = _looking_back(experiment.network)
        if blind == experiment.network:
            return []
        ahead = next(i for i, each in enumerate(blind) if each != experiment.network[i])
        return [
            Problem(
                "Network",
                f"Layer {ahead + 1} ({experiment.network[ahead].heading()}) looks at later steps, and would "
                "read the next token off its input.",
                "Let it look back only.",
                {"network": blind},
            )
        ]


def _looking_back(stack: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """The same layers, those inside of others too, none of which looks ahead where it can be told not to."""
    return tuple(each.model_copy(update=_changes(each)) for each in stack)


def _changes(layer: Layer) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: back
        for name, back in LOOKING_AHEAD.items()
        if name in type(layer).model_fields and getattr(layer, name) != back and not layer.off
    }
    for name in type(layer).model_fields:
        value = getattr(layer, name)
        if isinstance(value, tuple) and value and isinstance(value[0], Layer):
            found[name] = _looking_back(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], tuple):
            found[name] = tuple(_looking_back(each) for each in value)
    return found
