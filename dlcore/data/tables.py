"""Tables: real ones that come with scikit-learn, and payments made up.

Every ``sample`` is printed whole into the exported script.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Scale, datasets
from dlcore.data.scaling import SCALES, Scaling

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator


class Rows(Dataset):
    """Rows of numbers in named columns."""

    columns: ClassVar[tuple[str, ...]]
    answers: ClassVar[tuple[str, ...]] = ()
    """What the classes are called; none for regression."""

    scaling: Scaling = Field("standard", description="How each column is brought to one scale")

    @property
    def planar(self) -> bool:
        return False

    @property
    def sample_shape(self) -> tuple[int, ...]:
        return (len(self.columns),)

    @property
    def n_classes(self) -> int:
        return len(self.answers)

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.answers

    @property
    def scale(self) -> Scale | None:
        return SCALES.get(self.scaling)

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in super().arguments().items() if name != "scaling"}


class RealTable(Rows):
    """Rows of measured numbers."""

    rows: ClassVar[int]

    @property
    def size(self) -> int:
        return self.rows

    def at_most(self, n_points: int) -> RealTable:
        return self


@datasets.add
class Iris(RealTable):
    """Three kinds of iris by the size of their leaves (Fisher, 1936)."""

    kind: Literal["iris"] = "iris"
    rows = 150
    columns = ("sepal length", "sepal width", "petal length", "petal width")
    answers = ("setosa", "versicolor", "virginica")

    @staticmethod
    def sample(rng: Generator) -> Drawn:
        from sklearn.datasets import load_iris

        x, y = load_iris(return_X_y=True)
        return x, y


@datasets.add
class Wine(RealTable):
    """Three growers' wines by a chemical analysis (Forina et al., 1991)."""

    kind: Literal["wine"] = "wine"
    rows = 178
    columns = (
        "alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
        "nonflavanoid phenols", "proanthocyanins", "colour intensity", "hue", "OD280/OD315", "proline",
    )  # fmt: skip
    answers = ("grower 1", "grower 2", "grower 3")

    @staticmethod
    def sample(rng: Generator) -> Drawn:
        from sklearn.datasets import load_wine

        x, y = load_wine(return_X_y=True)
        return x, y


@datasets.add
class BreastCancer(RealTable):
    """Malignant or benign, by the shape of cell nuclei (Street et al., 1993)."""

    kind: Literal["breast_cancer"] = "breast_cancer"
    rows = 569
    columns = tuple(
        f"{which} {what}"
        for which in ("mean", "error of", "worst")
        for what in ("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity",
                     "concave points", "symmetry", "fractal dimension")
    )  # fmt: skip
    answers = ("malignant", "benign")

    @staticmethod
    def sample(rng: Generator) -> Drawn:
        from sklearn.datasets import load_breast_cancer

        x, y = load_breast_cancer(return_X_y=True)
        return x, y


@datasets.add
class Diabetes(RealTable):
    """How far the disease has come in a year, by age, sex, weight and blood (Efron et al., 2004)."""

    kind: Literal["diabetes"] = "diabetes"
    rows = 442
    columns = ("age", "sex", "body mass index", "blood pressure", "s1", "s2", "s3", "s4", "s5", "s6")

    @staticmethod
    def sample(rng: Generator) -> Drawn:
        from sklearn.datasets import load_diabetes

        x, y = load_diabetes(return_X_y=True)
        return x, y


@datasets.add
class Fraud(Rows):
    """Card payments, a few of them fraud: the rare class is the one that matters.

    Made up.  Fraud tends to larger amounts, at night, far from home, in quick succession; the age of the
    account, the weekday and the number of the till tell nothing.
    """

    kind: Literal["fraud"] = "fraud"
    title = "Card fraud"
    columns = (
        "amount", "hour", "km from home", "minutes since the last", "payments today", "new shop",
        "years of the account", "weekday", "till",
    )  # fmt: skip
    answers = ("genuine", "fraud")

    n_rows: int = Field(
        2000, ge=100, le=5000, title="Payments", description="How many payments are made up",
        json_schema_extra={"step": 100},
    )  # fmt: skip
    positives: int = Field(
        5, ge=1, le=20, title="Fraud", description="Share of the payments that are fraud",
        json_schema_extra={"unit": "%"},
    )  # fmt: skip
    disguised: int = Field(
        10, ge=0, le=60, description="Share of the frauds that look like any other payment",
        json_schema_extra={"unit": "%", "step": 5},
    )  # fmt: skip

    @property
    def size(self) -> int:
        return self.n_rows

    def at_most(self, n_points: int) -> Fraud:
        return self.model_copy(update={"n_rows": n_points})

    @staticmethod
    def sample(rng: Generator, n_rows: int, positives: int, disguised: int) -> Drawn:
        fraud = np.arange(n_rows) < max(2, round(n_rows * positives / 100))
        odd = fraud & (rng.random(n_rows) >= disguised / 100)
        x = np.stack(
            [
                np.exp(rng.normal(np.where(odd, 4.6, 3.4), 0.9)).round(2),
                rng.normal(np.where(odd, 2.0, 14.0), 4.0) % 24,
                rng.exponential(np.where(odd, 60.0, 8.0)),
                rng.exponential(np.where(odd, 40.0, 600.0)),
                rng.poisson(np.where(odd, 5.0, 2.0)),
                rng.random(n_rows) < np.where(odd, 0.6, 0.15),
                rng.uniform(0, 20, n_rows),
                rng.integers(0, 7, n_rows),
                rng.integers(1, 100, n_rows),
            ],
            1,
        )
        mixed = rng.permutation(n_rows)
        return x[mixed], fraud[mixed].astype(int)
