"""What a person does to single weights and neurons: hold a weight where it is, switch a neuron off."""

from __future__ import annotations

from pydantic import Field

from dlcore.spec import Declared

BIAS = -1
MAX_WEIGHT = 1000.0


class Held(Declared):
    """A weight or bias that training does not move; held at 0 it is cut."""

    layer: int = Field(0, ge=0, le=64, description="The layer, counted from 0, the output layer last")
    unit: int = Field(0, ge=0, le=1024, description="The neuron that the weight leads to")
    source: int = Field(BIAS, ge=BIAS, le=1024, description="Where the weight comes from; −1 for the bias")
    value: float = Field(0.0, ge=-MAX_WEIGHT, le=MAX_WEIGHT, description="What it is held at")


class Silenced(Declared):
    """A neuron that answers 0, whatever it is given."""

    layer: int = Field(0, ge=0, le=64, description="The layer, counted from 0")
    unit: int = Field(0, ge=0, le=1024, description="The neuron")
