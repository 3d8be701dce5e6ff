"""Networks that people know by name, laid out for the data at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dlcore import objectives
from dlcore.activations import ELU, GELU, Linear, ReLU
from dlcore.data import Dataset, Digits, Mnist, NextToken, Series, Split, Task
from dlcore.data.images import Shapes
from dlcore.data.series import Sunspots
from dlcore.data.tables import BreastCancer, Wine
from dlcore.data.text import SurnameLetters, Surnames
from dlcore.data.tokens import Reverse
from dlcore.experiment import Experiment, Stop
from dlcore.layers import (
    FLAT,
    GRU,
    IMAGE,
    LSTM,
    RNN,
    SEQUENCE,
    TOKENS,
    Activate,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GaussianCode,
    GlobalPool,
    Layer,
    LayerNorm,
    MaxPool,
    Patches,
    Positions,
    Residual,
    Shape,
    TransformerBlock,
    Transpose,
    form,
)
from dlcore.losses import losses
from dlcore.objectives import Objective, Reconstruction, Supervised, Variational
from dlcore.optimizers import Adam
from dlcore.presets import Preset

Stack = tuple[Layer, ...]
SUPERVISED = Supervised()
SPLIT = Split(train=70, validation=10)


@dataclass(frozen=True)
class Template:
    """A network with a name; ``layers`` lays it out for samples of a shape."""

    name: str
    hint: str
    data: Dataset
    """What it is first shown with."""
    forms: tuple[int, ...]
    """Which forms of samples it takes."""
    layers: Callable[[Shape], Stack]
    steps: bool | None = False
    """Whether it answers at each step of a sequence; None where it does not look ahead, either."""
    batch_size: int = 32
    rate: float = 0.003
    objective: Objective = SUPERVISED
    patience: int = 0
    """After how many epochs without a better validation loss it stops; 0 is never."""

    def fits(self, data: Dataset) -> bool:
        """Whether it can learn from these data."""
        shape = Experiment(data=data).input_shape
        if not self.objective.labelled and (data.planar or not self.objective.fits(data)):
            return False
        if form(shape) not in self.forms or (data.task is Task.TOKENS) != (self.steps is not False):
            return False
        if isinstance(self.data, Series) and not isinstance(data, Series):
            return False
        return not (isinstance(data, NextToken) and self.steps)

    def on(self, data: Dataset | None = None) -> Experiment:
        """The experiment that trains it on data that it fits."""
        data = data or self.data
        shape = Experiment(data=data).input_shape
        objective = objectives.NextToken() if isinstance(data, NextToken) else self.objective
        return Experiment(
            data=data,
            split=SPLIT,
            network=self.layers(shape),
            objective=objective,
            loss=next(loss for loss in losses if objective.task(data) in loss.tasks)(),
            optimizer=Adam(learning_rate=self.rate),
            batch_size=self.batch_size,
            stop=Stop(patience=self.patience),
        )


def offered(data: Dataset) -> tuple[Template, ...]:
    """The templates that fit data, in their order."""
    return tuple(each for each in TEMPLATES if each.fits(data))


def _flat(shape: Shape) -> Stack:
    return () if form(shape) == FLAT else (Flatten(),)


def _dense(units: int) -> Dense:
    return Dense(units=units, activation=ReLU())


def _mlp(shape: Shape) -> Stack:
    return (*_flat(shape), _dense(64), _dense(64))


def _lenet(shape: Shape) -> Stack:
    """LeCun et al., 1998, with maxima and ReLU; small images keep their border."""
    return (
        Conv2d(channels=6, kernel=5, padding=2),
        MaxPool(),
        Conv2d(channels=16, kernel=5, padding=0 if min(shape[1:]) >= 20 else 2),
        MaxPool(),
        Flatten(),
        _dense(120),
        _dense(84),
    )


def _vgg(shape: Shape) -> Stack:
    """Simonyan and Zisserman, 2015: pairs of small windows, then half the size."""
    pairs = [(Conv2d(channels=n), Conv2d(channels=n), MaxPool()) for n in (12, 24)]
    return (*(layer for pair in pairs for layer in pair), Flatten(), _dense(64))


def _skip(channels: int, stride: int) -> Residual:
    inside = (
        Conv2d(channels=channels, stride=stride, activation=Linear()),
        BatchNorm(momentum=0.3),
        Activate(),
        Conv2d(channels=channels, activation=Linear()),
        BatchNorm(momentum=0.3),
    )
    return Residual(inside=inside, activation=ReLU())


def _resnet(shape: Shape) -> Stack:
    """He et al., 2016: each block learns what to add to its input."""
    blocks = (_skip(8, 1), _skip(16, 2), _skip(16, 1), _skip(32, 2))
    return (Conv2d(channels=8), *blocks, GlobalPool())


def _deep(shape: Shape) -> Stack:
    """Twelve convolutions in a row: the gradient fades on its way to the first of them."""
    return (Conv2d(), MaxPool(), *(Conv2d(),) * 12, GlobalPool())


def _deep_with_skips(shape: Shape) -> Stack:
    """The same twelve, and a way around each pair of them."""
    pair = Residual(inside=(Conv2d(), Conv2d(activation=Linear())), activation=ReLU())
    return (Conv2d(), MaxPool(), *(pair,) * 6, GlobalPool())


def _char_rnn(shape: Shape) -> Stack:
    return (Embedding(size=24), RNN(units=64, keep="all steps"))


def _lstm(shape: Shape) -> Stack:
    return (LSTM(units=32, keep="last step"),)


def _gru(shape: Shape) -> Stack:
    """Reads from both ends; half of what it found is silenced, for names are few."""
    return (Embedding(size=24), GRU(units=64, both_ways=True), Dropout(p=0.5))


def _one_head(shape: Shape) -> Stack:
    return (Embedding(size=32), Positions(how="learned"), TransformerBlock(heads=1))


def _classifier(shape: Shape) -> Stack:
    return (Embedding(size=32), Positions(), TransformerBlock(heads=4), LayerNorm(), GlobalPool())


def _labeller(shape: Shape) -> Stack:
    blocks = (TransformerBlock(heads=4),) * 2
    return (Embedding(size=32), Positions(how="learned"), *blocks, LayerNorm())


def _gpt(shape: Shape) -> Stack:
    """Radford et al., 2018: the same blocks, none of which looks ahead."""
    blocks = (TransformerBlock(heads=4, causal=True),) * 2
    return (Embedding(size=32), Positions(how="learned"), *blocks, LayerNorm())


def _autoencoder(shape: Shape) -> Stack:
    """Hinton and Salakhutdinov, 2006, in small: down to two numbers and up again."""
    return (*_flat(shape), _bent(64), _bent(32), Dense(units=2, activation=Linear()), _bent(32), _bent(64))


def _variational(shape: Shape) -> Stack:
    """Kingma and Welling, 2013: the code is drawn from a Gaussian of each sample."""
    return (*_flat(shape), _bent(64), _bent(32), GaussianCode(), _bent(32), _bent(64))


def _bent(units: int) -> Dense:
    return Dense(units=units, activation=ELU())


def _mixer(shape: Shape) -> Stack:
    """Tolstikhin et al., 2021: mix the patches, then the features of each, and nothing else."""
    patches = Patches.made_for(shape)
    n_patches, _ = patches.output_shape(shape)
    width = 32

    def across() -> Residual:
        mixing = (Dense(units=64, activation=GELU()), Dense(units=n_patches, activation=Linear()))
        return Residual(inside=(LayerNorm(), Transpose(), *mixing, Transpose()))

    def within() -> Residual:
        mixing = (Dense(units=64, activation=GELU()), Dense(units=width, activation=Linear()))
        return Residual(inside=(LayerNorm(), *mixing))

    blocks = (across(), within(), across(), within())
    return (patches, Dense(units=width, activation=Linear()), *blocks, LayerNorm(), GlobalPool())


NUMBERS = (FLAT, SEQUENCE, IMAGE)
DIGITS, LETTERS = Mnist(), SurnameLetters()
LENET = Template("LeNet", "Two convolutions, two poolings, two dense layers", DIGITS, (IMAGE,), _lenet)
TEMPLATES = (
    Template("Perceptron", "No hidden layer: a weighted sum for each answer", BreastCancer(), NUMBERS, _flat),
    Template("MLP", "Two dense layers, whatever the data", Wine(), NUMBERS, _mlp),
    LENET,
    Template("Small VGG", "Pairs of 3 × 3 convolutions, then half the size", DIGITS, (IMAGE,), _vgg),
    Template("Small ResNet", "Blocks that add to their input: depth does no harm", DIGITS, (IMAGE,), _resnet),
    Template("Deep, no skips", "Twelve convolutions in a row learn nothing", Shapes(), (IMAGE,), _deep),
    Template(
        "Deep, with skips", "The same twelve learn: gradients have a way around", Shapes(), (IMAGE,),
        _deep_with_skips,
    ),
    Template(
        "Autoencoder", "Down to two numbers and up again: what is left of a sample", Digits(), NUMBERS,
        _autoencoder, objective=Reconstruction(),
    ),
    Template(
        "Variational autoencoder", "A code that is drawn, so that new samples can be made of it", Digits(),
        NUMBERS, _variational, objective=Variational(),
    ),
    Template("MLP-mixer", "Patches mixed across and within, no convolution", DIGITS, (IMAGE,), _mixer),
    Template(
        "LSTM forecaster", "A memory that reads step by step", Sunspots(), (SEQUENCE,), _lstm,
        batch_size=16, patience=50,
    ),
    Template(
        "GRU classifier", "A memory that reads from both ends", Surnames(), (TOKENS,), _gru, patience=10
    ),
    Template("Tiny Transformer classifier", "Letters look at letters", Surnames(), (TOKENS,), _classifier),
    Template(
        "One attention head", "See which letter looks at which", Reverse(), (TOKENS,), _one_head,
        steps=True, batch_size=16, rate=0.001,
    ),
    Template("Tiny Transformer", "Letters look at all letters", Reverse(), (TOKENS,), _labeller, steps=True),
    Template("Char-RNN", "A state carried from letter to letter", LETTERS, (TOKENS,), _char_rnn, steps=None),
    Template("Tiny GPT", "Attention to what came before alone", LETTERS, (TOKENS,), _gpt, steps=None),
)  # fmt: skip


@dataclass(frozen=True)
class Try:
    """A template worth a look, with the view that shows why."""

    preset: Preset
    view: str


def _try(name: str, question: str, template: str, view: str) -> Try:
    found = next(each for each in TEMPLATES if each.name == template)
    return Try(Preset(name, question, found.on()), view)


TRY = (
    _try(
        "What a convolution sees",
        "Which channels answer to edges, and from which epoch on?  Draw a digit of your own under Try it.",
        "LeNet",
        "Feature maps",
    ),
    _try(
        "Letters that look at letters",
        "Eight letters are to be reversed.  To which letter does each answer look once it is right?",
        "One attention head",
        "Attention",
    ),
    _try(
        "Too deep to learn",
        "The gradient fades on its way to the first of twelve layers.  What do skips change?  Take the "
        "template with skips, or choose pairs of layers and put them in a Residual.",
        "Deep, no skips",
        "Weights and gradients",
    ),
)
"""Three things to try in the builder."""
