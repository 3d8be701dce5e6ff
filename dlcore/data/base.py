"""What every data set declares."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.spec import Declared, Registry

PLANE = 6.0
"""Half the side of the square that pictures show: both coordinates run from −6 to 6."""


Scale = Callable[[NDArray[Any]], tuple[Any, Any]]
"""From numbers (N, F) to the offset and the width, both (F,), that bring each column to one scale."""
Fill = Callable[[NDArray[Any]], NDArray[Any]]
"""From numbers (N, F), nan where one is missing, to what stands in for those of each column, (F,)."""


class Task(StrEnum):
    """What there is to learn."""

    BINARY = "binary"
    CLASSES = "classes"
    REGRESSION = "regression"
    TOKENS = "tokens"
    """One class at each step of a sequence."""


class Dataset(Declared):
    """Samples with what is to be learnt about them."""

    sample: ClassVar[Callable[..., tuple[NDArray[Any], NDArray[Any]]]]
    """Give samples: ``sample(rng, **arguments)`` gives x (N, *sample_shape) and y (N, *answer_shape).

    Answers are classes or values; those of tokens are classes, −100 where nothing is asked.  Every data set
    has its own, a static method that needs nothing of this package: the exported script prints it whole.
    """

    @property
    def scale(self) -> Scale | None:
        """What brings the samples' numbers to one scale, fitted on the training share; None leaves them."""
        return None

    @property
    def fill(self) -> Fill | None:
        """What fills the gaps in the samples' numbers, fitted on the training share; None where none are."""
        return None

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample, (2,) for a point of the plane."""
        return (2,)

    @property
    def ordered(self) -> bool:
        """Whether the samples follow each other in time, so that shares are cut and not drawn."""
        return False

    @property
    def planar(self) -> bool:
        """Whether the samples are points of the plane, of which inputs are computed."""
        return True

    @property
    def answer_shape(self) -> tuple[int, ...]:
        """The shape of one answer: () for one class or value, (H,) for H values or for a class at H steps."""
        return ()

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """What the numbers of a sample stand for where it is a row of tokens; else empty."""
        return ()

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return tuple(str(k) for k in range(self.n_classes))

    @property
    def size(self) -> int:
        """How many samples are asked for; patterns of equal classes may give a few less."""
        raise TypeError("a data set says how many samples it has")

    def at_most(self, n_points: int) -> Dataset:
        """The same with fewer points."""
        raise TypeError("a data set says how it is made smaller")

    @property
    def n_classes(self) -> int:
        """How many classes there are; 0 for regression."""
        raise TypeError("a data set says how many classes it has")

    @property
    def task(self) -> Task:
        """What there is to learn."""
        return {0: Task.REGRESSION, 2: Task.BINARY}.get(self.n_classes, Task.CLASSES)

    def draw(self, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Draw x (N, *sample_shape), int64 for tokens and else float32, and y (N, *answer_shape), float32 for
        regression and else int64."""
        x, y = self._drawn(np.random.default_rng(seed))
        return (
            x.astype(np.int64 if self.vocabulary else np.float32),
            y.astype(np.float32 if self.task is Task.REGRESSION else np.int64),
        )

    def _drawn(self, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        return type(self).sample(rng, **self.arguments())

    def strangers(self) -> NDArray[Any]:
        """Samples of a kind that was left out, all there are: (M, *sample_shape) float32; mostly none."""
        return np.zeros((0, *self.sample_shape), np.float32)

    def arguments(self) -> dict[str, Any]:
        """The settings as :meth:`sample` takes them."""
        return {name: getattr(self, name) for name in self.settings()}


class Pattern(Dataset):
    """A rule from which as many points as asked for are drawn, more or less exactly."""

    regression: ClassVar[bool] = False

    n_points: int = Field(
        500,
        ge=20,
        le=5000,
        title="Points",
        description="How many points are drawn",
        json_schema_extra={"step": 10},
    )
    noise: float = Field(
        0.1,
        ge=0,
        le=0.5,
        description="How far points stray, as a share of the pattern's size",
        json_schema_extra={"step": 0.05},
    )

    @property
    def size(self) -> int:
        return self.n_points

    def at_most(self, n_points: int) -> Pattern:
        return self.model_copy(update={"n_points": n_points})

    @property
    def n_classes(self) -> int:
        return 0 if self.regression else int(getattr(self, "classes", 2))


datasets: Registry[Dataset] = Registry("data set")
