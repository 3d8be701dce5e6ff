"""What every layer declares: the shape it makes and the modules that make it."""

from __future__ import annotations

from typing import ClassVar

from dlcore.spec import Call, Declared, Registry

Shape = tuple[int, ...]
"""The shape of one sample: no batch dimension."""
FLAT, SEQUENCE, IMAGE = 1, 2, 3
RANKS = {
    FLAT: "a flat input",
    SEQUENCE: "a sequence (channels, length)",
    IMAGE: "images (channels, height, width)",
}
"""What samples of so many dimensions are called."""


class Layer(Declared):
    """One step of a network."""

    ranks: ClassVar[tuple[int, ...]] = ()
    """The numbers of dimensions that a sample may have; none is any."""

    def needs(self, shape: Shape) -> str:
        """What the layer needs that samples of ``shape`` are not, in words; "" where they fit."""
        if self.ranks and len(shape) not in self.ranks:
            return " or ".join(RANKS[rank] for rank in self.ranks)
        return ""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one sample after the layer, given a shape that fits."""
        raise TypeError("a layer declares its own output_shape")

    def calls(self, shape: Shape) -> tuple[Call, ...]:
        """The modules that compute the layer on samples of ``shape``, in order."""
        raise TypeError("a layer declares its own calls")

    def n_parameters(self, shape: Shape) -> int:
        """How many numbers the layer learns on samples of ``shape``."""
        return 0


layers: Registry[Layer] = Registry("layer")
