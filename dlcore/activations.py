"""Activations: what a neuron makes of its weighted sum."""

from __future__ import annotations

from typing import ClassVar, Literal

from dlcore.spec import Call, Declared, Registry


class Activation(Declared):
    """A function applied to every number of a layer."""

    formula: ClassVar[str]
    symbol: ClassVar[str] = ""
    """How it is written in a formula, in LaTeX; "" is its heading."""

    def calls(self) -> tuple[Call, ...]:
        """The modules that compute it; none for the identity."""
        raise TypeError("an activation declares its own calls")


activations: Registry[Activation] = Registry("activation")


@activations.add
class Linear(Activation):
    """Pass the sum on as it is: layers of it collapse into one."""

    kind: Literal["linear"] = "linear"
    formula = r"z"

    def calls(self) -> tuple[Call, ...]:
        return ()


@activations.add
class ReLU(Activation):
    """Cut off everything below zero (Nair and Hinton, 2010)."""

    kind: Literal["relu"] = "relu"
    title = "ReLU"
    formula = r"\max(0, z)"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.ReLU"),)


@activations.add
class LeakyReLU(Activation):
    """Let a hundredth of the negative side through, so that no unit dies (Maas et al., 2013)."""

    kind: Literal["leaky_relu"] = "leaky_relu"
    title = "Leaky ReLU"
    formula = r"\max(0.01\,z, z)"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.LeakyReLU"),)


@activations.add
class ELU(Activation):
    """Bend smoothly to −1 on the negative side (Clevert et al., 2016)."""

    kind: Literal["elu"] = "elu"
    title = "ELU"
    formula = r"z \text{ if } z > 0 \text{ else } e^z - 1"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.ELU"),)


@activations.add
class GELU(Activation):
    """Weigh the sum by its rank in a normal distribution (Hendrycks and Gimpel, 2016)."""

    kind: Literal["gelu"] = "gelu"
    title = "GELU"
    formula = r"z\,\Phi(z)"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.GELU"),)


@activations.add
class SiLU(Activation):
    """Weigh the sum by its own sigmoid; also called swish (Elfwing et al., 2018)."""

    kind: Literal["silu"] = "silu"
    title = "SiLU"
    formula = r"z\,\sigma(z)"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.SiLU"),)


@activations.add
class Softplus(Activation):
    """A ReLU with a round corner (Dugas et al., 2001)."""

    kind: Literal["softplus"] = "softplus"
    formula = r"\ln(1 + e^z)"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.Softplus"),)


@activations.add
class Tanh(Activation):
    """Squash the sum between −1 and 1."""

    kind: Literal["tanh"] = "tanh"
    symbol = r"\tanh"
    formula = r"\tanh z"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.Tanh"),)


@activations.add
class Sigmoid(Activation):
    """Squash the sum between 0 and 1."""

    kind: Literal["sigmoid"] = "sigmoid"
    symbol = r"\sigma"
    formula = r"\frac{1}{1 + e^{-z}}"

    def calls(self) -> tuple[Call, ...]:
        return (Call("torch.nn.Sigmoid"),)


@activations.add
class Sine(Activation):
    """A wave: periodic patterns come cheap (Sitzmann et al., 2020)."""

    kind: Literal["sine"] = "sine"
    symbol = r"\sin"
    formula = r"\sin z"

    def calls(self) -> tuple[Call, ...]:
        return (Call("dlcore.blocks.Sine"),)


@activations.add
class Step(Activation):
    """Fire or not (McCulloch and Pitts, 1943).  Its slope is zero, so layers before it cannot learn."""

    kind: Literal["step"] = "step"
    formula = r"1 \text{ if } z > 0 \text{ else } 0"

    def calls(self) -> tuple[Call, ...]:
        return (Call("dlcore.blocks.Step"),)
