"""What every layer declares: the shape it makes and the modules that make it."""

from __future__ import annotations

from dlcore.spec import Call, Declared, Registry

Shape = tuple[int, ...]
"""The shape of one sample: no batch dimension."""


class Layer(Declared):
    """One step of a network."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one sample after the layer, given its shape before."""
        raise TypeError("a layer declares its own output_shape")

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        """The modules that compute the layer on samples of ``shape``, in order."""
        raise TypeError("a layer declares its own calls")

    def n_parameters(self, shape: Shape) -> int:
        """How many numbers the layer learns on samples of ``shape``."""
        return 0

    def multiply_adds(self, shape: Shape) -> int:
        """How many products the layer adds up for one sample of ``shape``: about half its FLOPs."""
        return 0


layers: Registry[Layer] = Registry("layer")
