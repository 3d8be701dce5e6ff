"""Initialisations: where the weights start.  Biases start at zero."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.spec import Call, Declared, Registry


class Initializer(Declared):
    """A distribution of first weights."""

    def call(self) -> Call:
        """The ``torch.nn.init`` function to apply to each weight matrix."""
        raise TypeError("an initialisation declares its own call")


initializers: Registry[Initializer] = Registry("initialisation")
Shape = Literal["uniform", "normal"]


@initializers.add
class Xavier(Initializer):
    """Keep the size of signals with tanh and sigmoid (Glorot and Bengio, 2010)."""

    kind: Literal["xavier"] = "xavier"
    distribution: Shape = Field("uniform", description="The shape of the distribution")

    def call(self) -> Call:
        return Call(f"torch.nn.init.xavier_{self.distribution}_")


@initializers.add
class He(Initializer):
    """Keep the size of signals with ReLU (He et al., 2015)."""

    kind: Literal["he"] = "he"
    distribution: Shape = Field("uniform", description="The shape of the distribution")

    def call(self) -> Call:
        return Call(f"torch.nn.init.kaiming_{self.distribution}_", nonlinearity="relu")


@initializers.add
class Orthogonal(Initializer):
    """Rotate without stretching (Saxe et al., 2014)."""

    kind: Literal["orthogonal"] = "orthogonal"
    gain: float = Field(
        1.0, ge=0.1, le=5, description="How much to stretch after all", json_schema_extra={"step": 0.1}
    )

    def call(self) -> Call:
        return Call("torch.nn.init.orthogonal_", gain=self.gain)


@initializers.add
class Uniform(Initializer):
    """Draw evenly from −a to a."""

    kind: Literal["uniform"] = "uniform"
    a: float = Field(0.5, ge=0.01, le=5, description="The largest weight", json_schema_extra={"step": 0.05})

    def call(self) -> Call:
        return Call("torch.nn.init.uniform_", -self.a, self.a)


@initializers.add
class Normal(Initializer):
    """Draw from a bell curve around zero."""

    kind: Literal["normal"] = "normal"
    std: float = Field(
        0.5, ge=0.01, le=5, description="Standard deviation of the weights", json_schema_extra={"step": 0.05}
    )

    def call(self) -> Call:
        return Call("torch.nn.init.normal_", 0.0, self.std)


@initializers.add
class Zeros(Initializer):
    """Start from nothing: all neurons of a layer stay alike, and nothing can be learnt."""

    kind: Literal["zeros"] = "zeros"

    def call(self) -> Call:
        return Call("torch.nn.init.zeros_")
