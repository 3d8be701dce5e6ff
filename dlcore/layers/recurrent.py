"""Recurrent layers: the same cell at every step, with a memory of the steps before."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from dlcore.layers.base import SEQUENCE, Frozen, Layer, Shape, layers
from dlcore.spec import Call


class Recurrent(Layer):
    """A layer that reads a sequence step by step."""

    family = "Recurrent"
    takes = (SEQUENCE,)
    target: ClassVar[str]
    gates: ClassVar[int]
    """How many matrices of weights the cell has for its input, and as many for its state."""

    units: int = Field(16, ge=1, le=256, description="How many numbers the layer remembers")
    both_ways: bool = Field(
        False, title="Bidirectional", description="Whether a second cell reads from the end, beside the first"
    )
    keep: Literal["last step", "all steps"] = Field(
        "last step",
        description="What is passed on: the state after the whole sequence, or that of every step",
    )
    frozen: Frozen = False

    def output_shape(self, shape: Shape) -> Shape:
        width = self.units * self._ways
        return (shape[0], width) if self.keep == "all steps" else (width,)

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        cell = Call(
            self.target,
            shape[1],
            self.units,
            batch_first=True,
            bidirectional=self.both_ways,
            **self.cell_options(),
        )
        return (Call("dlcore.blocks.Recurrent", cell=cell, last=self.keep == "last step", **self.options()),)

    def cell_options(self) -> dict[str, Any]:
        """What torch's cell is told beside its sizes."""
        return {}

    def options(self) -> dict[str, Any]:
        """What the block around the cell is told beside what it keeps."""
        return {}

    def n_parameters(self, shape: Shape) -> int:
        return self._ways * self.gates * self.units * (shape[1] + self.units + 2)

    def multiply_adds(self, shape: Shape) -> int:
        return self._ways * self.gates * self.units * (shape[1] + self.units) * shape[0]

    def n_numbers(self, shape: Shape) -> int:
        return self._ways * (self.gates + 1) * self.units * shape[0]

    @property
    def _ways(self) -> int:
        return 2 if self.both_ways else 1


class Gated(Recurrent):
    """A cell whose gates decide what is remembered."""

    remember: float = Field(
        0.0,
        ge=-5,
        le=5,
        description="What the gate that keeps the state starts with beside chance: above 0 it remembers",
        json_schema_extra={"step": 0.5},
    )

    def options(self) -> dict[str, Any]:
        return {"remember": self.remember}


@layers.add
class RNN(Recurrent):
    r"""Mix each step with what came of the steps before.

    (N, T, D) → (N, units), or of all steps (N, T, units); twice the units in both directions.
    $h_t = \varphi(W x_t + b + U h_{t-1} + c)$.  Elman, 1990.
    """

    kind: Literal["rnn"] = "rnn"
    title = "RNN"
    target = "torch.nn.RNN"
    gates = 1
    activation: Literal["tanh", "relu"] = Field("tanh", description="What becomes of each sum")

    def cell_options(self) -> dict[str, Any]:
        return {"nonlinearity": self.activation}


@layers.add
class LSTM(Gated):
    r"""Keep a memory beside the state, with gates that write, keep and read it.

    (N, T, D) → (N, units), or of all steps (N, T, units); twice the units in both directions.
    $c_t = f_t \odot c_{t-1} + i_t \odot g_t$ and $h_t = o_t \odot \tanh c_t$ with gates
    $i, f, o = \sigma(W x_t + b + U h_{t-1} + c)$.  Hochreiter and Schmidhuber, 1997.
    """

    kind: Literal["lstm"] = "lstm"
    title = "LSTM"
    target = "torch.nn.LSTM"
    gates = 4


@layers.add
class GRU(Gated):
    r"""Keep a state, with a gate that lets go of it and one that looks past it.

    (N, T, D) → (N, units), or of all steps (N, T, units); twice the units in both directions.
    $h_t = z_t \odot h_{t-1} + (1 - z_t) \odot n_t$ with
    $n_t = \tanh(W x_t + b + r_t \odot (U h_{t-1} + c))$ and gates $r, z$.  Cho et al., 2014.
    """

    kind: Literal["gru"] = "gru"
    title = "GRU"
    target = "torch.nn.GRU"
    gates = 3
