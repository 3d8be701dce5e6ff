"""Surfaces to descend: functions of two numbers with known valleys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dlcore.formula import Formula, read


@dataclass(frozen=True)
class Surface:
    """A formula with the part of the plane that is shown, where a descent begins, and how far steps go."""

    name: str
    formula: str
    words: str
    """What makes it hard, in a sentence."""
    x: tuple[float, float]
    y: tuple[float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...] = ()
    slope_rate: float = 0.03
    """A learning rate for the rules whose step is as long as the gradient is steep."""
    step_rate: float = 0.1
    """A learning rate for the rules whose step is about as long as the rate."""
    source: str = ""

    OWN: ClassVar[str] = "Own formula"

    def read(self) -> Formula:
        """The formula as it is worked out.  Raises ``FormulaError``, in words."""
        return read(self.formula)

    def with_formula(self, text: str) -> Surface:
        """The same part of the plane under another formula."""
        return Surface(
            self.name, text, self.words, self.x, self.y, self.start, (), self.slope_rate, self.step_rate
        )


SURFACES = {
    surface.name: surface
    for surface in (
        Surface(
            "Bowl",
            "x^2 + y^2",
            "Equally steep on all sides: every rule finds its floor.",
            (-3, 3),
            (-3, 3),
            (-2.4, 1.8),
            ((0, 0),),
            slope_rate=0.1,
            step_rate=0.1,
        ),
        Surface(
            "Ravine",
            "0.02*x^2 + y^2",
            "Fifty times as curved across as along: what is stable across crawls along.",
            (-10.5, 4.5),
            (-7.5, 7.5),
            (-9, 4),
            ((0, 0),),
            slope_rate=0.9,
            step_rate=0.1,
            source="Polyak, 1964",
        ),
        Surface(
            "Rosenbrock",
            "(1 - x)^2 + 100*(y - x^2)^2",
            "A bent valley with steep walls and an almost level floor.",
            (-2, 2),
            (-1, 3),
            (-1.2, 1.0),
            ((1, 1),),
            slope_rate=0.001,
            step_rate=0.03,
            source="Rosenbrock, 1960",
        ),
        Surface(
            "Saddle",
            "x^2 - y^2 + 0.1*y^4",
            "Level in the middle, and lower on both sides: from the ridge itself only noise helps.",
            (-3.2, 3.2),
            (-3.2, 3.2),
            (-2.5, 0.001),
            ((0, 5**0.5), (0, -(5**0.5))),
            slope_rate=0.05,
            step_rate=0.1,
            source="Dauphin et al., 2014",
        ),
        Surface(
            "Himmelblau",
            "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
            "Four floors, all equally deep: the start and the rule decide which.",
            (-5, 5),
            (-5, 5),
            (-0.5, -1.0),
            ((3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)),
            slope_rate=0.01,
            step_rate=0.2,
            source="Himmelblau, 1972",
        ),
        Surface(
            "Beale",
            "(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2",
            "A level plain between steep corners.",
            (-4.5, 4.5),
            (-4.5, 4.5),
            (1.0, 1.5),
            ((3, 0.5),),
            slope_rate=0.003,
            step_rate=0.1,
            source="Beale, 1958",
        ),
        Surface(
            "Rastrigin",
            "20 + x^2 - 10*cos(2*pi*x) + y^2 - 10*cos(2*pi*y)",
            "A hollow at every whole number, the deepest in the middle.",
            (-3.2, 3.2),
            (-3.2, 3.2),
            (-2.3, 1.8),
            ((0, 0),),
            slope_rate=0.002,
            step_rate=0.1,
            source="Rastrigin, 1974",
        ),
        Surface(
            Surface.OWN,
            "x^2/4 + y^2 + sin(3*x)*cos(3*y)",
            "What you write.",
            (-4, 4),
            (-4, 4),
            (-3, 2),
            slope_rate=0.03,
            step_rate=0.1,
        ),
    )
}
