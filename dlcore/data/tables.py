"""Real tables that come with scikit-learn.  Every ``sample`` is printed whole into the exported script."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from dlcore.data.base import Dataset, Scale, datasets
from dlcore.data.scaling import SCALES, Scaling

Drawn = tuple[NDArray[Any], NDArray[Any]]
Generator = np.random.Generator


class RealTable(Dataset):
    """Rows of measured numbers."""

    rows: ClassVar[int]
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
    def size(self) -> int:
        return self.rows

    def at_most(self, n_points: int) -> RealTable:
        return self

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
        return {}


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
