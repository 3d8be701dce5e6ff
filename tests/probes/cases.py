"""Experiments, on the plane and beyond it, that probes are tested on."""

from typing import ClassVar, Literal

import numpy as np

from dlcore.activations import ReLU
from dlcore.data import Dataset, Split, Task, datasets, features
from dlcore.experiment import Experiment
from dlcore.guides.autoencoder import AutoencoderSettings, autoencoder
from dlcore.layers import Dense, Dropout, layers
from dlcore.losses import Hinge, MeanSquared
from dlcore.objectives import Adversarial


class Copied(Dataset):
    """Six tokens of five, to be said again; of the first nothing is asked."""

    kind: Literal["copied"] = "copied"
    n: int = 60
    planar: ClassVar[bool] = False
    sample_shape: ClassVar = (6,)
    answer_shape: ClassVar = (6,)
    vocabulary: ClassVar = ("a", "b", "c", " ", "e")
    n_classes: ClassVar[int] = 5
    class_names: ClassVar = vocabulary
    task: ClassVar = Task.TOKENS

    @property
    def size(self):
        return self.n

    @staticmethod
    def sample(rng, n):
        x = rng.integers(0, 5, (n, 6))
        y = x.copy()
        y[:, 0] = -100
        return x, y


class Ahead(Dataset):
    """Eight steps of two waves, and the next three values."""

    kind: Literal["ahead"] = "ahead"
    n: int = 60
    planar: ClassVar[bool] = False
    sample_shape: ClassVar = (8, 2)
    answer_shape: ClassVar = (3,)
    n_classes: ClassVar[int] = 0

    @property
    def size(self):
        return self.n

    @staticmethod
    def sample(rng, n):
        start = rng.uniform(0, 6, (n, 1))
        wave = np.sin(start + np.arange(11) / 2)
        return np.stack([wave[:, :8], np.cos(start + np.arange(8) / 2)], 2), wave[:, 8:]


IMAGES = Experiment(
    data=datasets["digits"](n_images=150),
    split=Split(train=50, validation=10),
    network=(
        layers["conv2d"](channels=6),
        layers["group_norm"](groups=2),
        layers["max_pool"](),
        Dropout(),
        layers["flatten"](),
        Dense(units=12, activation=ReLU()),
    ),
)
TOKENS = Experiment(data=Copied(), network=(layers["embedding"](size=8), Dense(units=12)))
AHEAD = Experiment(
    data=Ahead(), network=(Dense(units=3), layers["flatten"](), Dense(units=6)), loss=MeanSquared()
)
IRIS = Experiment(data=datasets["iris"](), network=(Dense(units=6),))
ATTENDING = Experiment(
    data=Copied(),
    network=(
        layers["embedding"](size=8),
        layers["positions"](),
        layers["transformer_block"](heads=2, hidden=12),
        layers["residual"](inside=(layers["self_attention"](heads=4, causal=True),)),
        layers["self_attention"](heads=2, rotary=True),
    ),
)
REMEMBERING = Experiment(
    data=Ahead(),
    network=(
        layers["lstm"](units=5, keep="all steps", both_ways=True),
        layers["gru"](units=4, keep="all steps"),
        layers["rnn"](units=3),
    ),
    loss=MeanSquared(),
)
PAIR = (Dense(units=8, activation=ReLU()),)
FORGED = Experiment(
    data=datasets["gaussian_ring"](n_points=200),
    inputs=(features["x1"](), features["x2"]()),
    network=PAIR,
    objective=Adversarial(discriminator=PAIR, spectral=True, statistics=True, latent=3, steps=2),
    loss=MeanSquared(),
    batch_size=40,
)
FORGED_DIGITS = FORGED.model_copy(
    update={
        "data": datasets["digits"](n_images=150),
        "objective": Adversarial(game="Wasserstein", penalty=1.0),
    }
)
FORETELLING = Experiment(
    data=datasets["surname_letters"](n_each=20), network=(layers["embedding"](size=8), Dense(units=12))
)
BEYOND = {
    "forged": FORGED,
    "forged digits": FORGED_DIGITS,
    "autoencoder": autoencoder(AutoencoderSettings(how="variational", size=3)),
    "mending": autoencoder(AutoencoderSettings(how="denoising")),
    "images": IMAGES,
    "tokens": TOKENS,
    "values ahead": AHEAD,
    "iris": IRIS,
    "attention": ATTENDING,
    "recurrent": REMEMBERING,
    "letters": FORETELLING,
    "series": Experiment(
        data=datasets["sunspots"](window=12),
        network=(layers["flatten"](), Dense(units=4)),
        loss=MeanSquared(),
    ),
}
WIDE = (Dense(units=20), Dropout(p=0.4), Dense(units=3, activation=ReLU()))
PLANE = {
    "binary": Experiment(data=datasets["moons"](n_points=60), network=WIDE),
    "binary hinge": Experiment(data=datasets["moons"](n_points=60), network=WIDE, loss=Hinge()),
    "binary squared": Experiment(data=datasets["moons"](n_points=60), network=WIDE, loss=MeanSquared()),
    "classes": Experiment(data=datasets["blobs"](n_points=60, classes=4), network=WIDE),
    "classes squared": Experiment(
        data=datasets["blobs"](n_points=60, classes=4), network=WIDE, loss=MeanSquared()
    ),
    "regression": Experiment(data=datasets["ripple"](n_points=60), network=WIDE, loss=MeanSquared()),
    "no hidden layer": Experiment(data=datasets["xor"](n_points=60), network=()),
}
CASES = {**PLANE, **BEYOND}
