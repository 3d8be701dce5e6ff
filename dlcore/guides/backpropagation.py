"""Lab: backpropagation, opened number by number, and what becomes of the gradient in depth."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from dlcore.activations import activations
from dlcore.data import Own, Split
from dlcore.data.features import X1, X2
from dlcore.data.points import Circle
from dlcore.experiment import Experiment
from dlcore.guides.base import Formula, Guide, Try
from dlcore.initializers import He, Initializer, Normal, Xavier
from dlcore.layers import BatchNorm, Dense, Layer, Residual
from dlcore.losses import CrossEntropy, Hinge, Loss, MeanSquared
from dlcore.optimizers import SGD
from dlcore.spec import Declared

View = Literal["Step by step", "You compute", "Vanishing gradients"]
Bend = Literal["sigmoid", "tanh", "ReLU"]
Start = Literal["small", "Xavier", "He"]
Wiring = Literal["plain", "skip", "norm", "skip + norm"]
Compared = Literal["activation", "start", "wiring", "depth"]

BENDS = {"sigmoid": "sigmoid", "tanh": "tanh", "ReLU": "relu"}
STARTS: dict[str, Initializer] = {
    "small": Normal(std=0.1),
    "Xavier": Xavier(distribution="normal"),
    "He": He(distribution="normal"),
}
LOSSES: dict[str, Loss] = {
    "squared": MeanSquared(),
    "cross-entropy": CrossEntropy(),
    "hinge": Hinge(),
}
WIDTH = 16
"""Units of each layer of the deep networks."""
DEPTHS = (4, 12, 30)
"""The depths that are compared where depth is."""
COMPARED = {"activation": "bend", "start": "start", "wiring": "wiring", "depth": "depth"}
"""Which setting gives way to the comparison."""


class BackpropagationSettings(Declared):
    """One small network opened, or several deep ones beside each other."""

    view: View = Field("Step by step", description="One small network opened, or deep ones compared")
    layers: int = Field(2, ge=1, le=3, title="Hidden layers", description="How many layers lie between")
    units: int = Field(2, ge=1, le=3, title="Neurons", description="How many neurons each hidden layer has")
    activation: Bend = Field("sigmoid", description="What each hidden neuron makes of its weighted sum")
    loss: Literal["squared", "cross-entropy", "hinge"] = Field(
        "squared", description="How the answer is judged"
    )
    rate: float = Field(
        0.5,
        ge=0.01,
        le=10,
        title="Learning rate",
        description="How far a step goes against the gradient",
        json_schema_extra={"log": True},
    )
    x1: float = Field(1.5, ge=-6, le=6, title="x₁", description="The first input")
    x2: float = Field(-0.5, ge=-6, le=6, title="x₂", description="The second input")
    answer: int = Field(1, ge=0, le=1, title="y", description="The class that would be right")
    compare: Compared = Field("activation", description="What differs between the lines; the rest is chosen")
    depth: int = Field(12, ge=2, le=30, description="How many hidden layers the deep networks have")
    bend: Bend = Field("sigmoid", title="Activation", description="The activation of every hidden layer")
    start: Start = Field("Xavier", description="How large the first weights are: σ = 0.1, or by fan-in")
    wiring: Wiring = Field(
        "plain",
        description="A skip goes around two layers; batch normalisation after each layer, or in each skip",
    )


def experiments(settings: BackpropagationSettings) -> dict[str, Experiment]:
    """One small network on one sample; or a deep network for each line of the comparison."""
    if settings.view != "Vanishing gradients":
        return {"network": small(settings)}
    return {name: deep(how) for name, how in lines(settings).items()}


def small(settings: BackpropagationSettings) -> Experiment:
    """The network that is opened; every batch is the one sample, so that a step is the gradient shown."""
    point = (settings.x1, settings.x2)
    bend = activations[BENDS[settings.activation]]()
    return Experiment(
        # data are shared out, so a sample to learn from needs copies for the other shares
        data=Own.of([point] * 4, [settings.answer] * 4),
        split=Split(train=75, validation=0),
        inputs=(X1(), X2()),
        network=(Dense(units=settings.units, activation=bend),) * settings.layers,
        loss=LOSSES[settings.loss],
        optimizer=SGD(learning_rate=settings.rate),
        init=Normal(std=0.8),
        batch_size=4,
    )


def lines(settings: BackpropagationSettings) -> dict[str, BackpropagationSettings]:
    """What each line of the comparison is, by its name."""
    field = COMPARED[settings.compare]
    choices = DEPTHS if field == "depth" else get_args(type(settings).model_fields[field].annotation)
    named = {f"{choice} layers" if field == "depth" else choice: choice for choice in choices}
    return {name: settings.model_copy(update={field: choice}) for name, choice in named.items()}


def deep(how: BackpropagationSettings) -> Experiment:
    """A network as deep as it is to be, on points inside and outside a circle."""
    bend = activations[BENDS[how.bend]]()
    return Experiment(
        data=Circle(n_points=200),
        network=hidden(how.depth, Dense(units=WIDTH, activation=bend), how.wiring),
        loss=CrossEntropy(),
        optimizer=SGD(learning_rate=0.1),
        init=STARTS[how.start],
        batch_size=50,
    )


def hidden(depth: int, layer: Dense, wiring: str) -> tuple[Layer, ...]:
    """``depth`` layers one after the other; a skip goes around two of them, the first has none."""
    normed = (BatchNorm(),) if "norm" in wiring else ()
    if "skip" not in wiring:
        return (layer, *normed) * depth
    pairs, rest = divmod(depth - 1, 2)
    return (
        layer,
        *(Residual(inside=(*normed, layer, layer)) for _ in range(pairs)),
        *(Residual(inside=(*normed, layer)) for _ in range(rest)),
    )


CHAIN = BackpropagationSettings(units=1, layers=3)
DEEP = BackpropagationSettings(view="Vanishing gradients")

GUIDE = Guide(
    name="backpropagation",
    title="Backpropagation",
    icon=":material/undo:",
    hint="A small network with every number open: forwards, backwards, checked; and gradients that vanish",
    question="Every weight gets its gradient, from the last layer back to the first. Where is it largest?",
    choices=("In the first layer", "In the last layer", "Alike in both"),
    settings=BackpropagationSettings(),
    experiments=experiments,
    tries=(
        Try(
            "One chain",
            "Three neurons in a row: the gradient of the first weight is one long product.  Which factors "
            "make it small?",
            CHAIN,
        ),
        Try(
            "Twelve layers deep",
            "Sigmoid, tanh and ReLU from the same seed: how much of the gradient reaches the first layer?",
            DEEP,
        ),
        Try(
            "What saves it",
            "Twenty sigmoid layers: plain, with skips, with batch normalisation, with both.",
            BackpropagationSettings(view="Vanishing gradients", compare="wiring", depth=20),
        ),
    ),
    formulas=(
        Formula(
            "Chain rule, backwards",
            r"\frac{\partial L}{\partial a_j} = \sum_k \frac{\partial L}{\partial z_k}\, w_{jk}, \qquad "
            r"\frac{\partial L}{\partial z_j} = \frac{\partial L}{\partial a_j}\, \varphi'(z_j)",
            "A neuron gets the gradients of those it feeds, back along its weights; then they go through the "
            "slope of its activation.",
            "Rumelhart, Hinton and Williams, 1986; Linnainmaa, 1970",
        ),
        Formula(
            "A weight's gradient, and its step",
            r"\frac{\partial L}{\partial w_{jk}} = \frac{\partial L}{\partial z_k}\, a_j, \qquad "
            r"w_{jk} \leftarrow w_{jk} - \eta\, \frac{\partial L}{\partial w_{jk}}",
            "The gradient of the sum times what came in along the weight.",
            "Rumelhart, Hinton and Williams, 1986",
        ),
        Formula(
            "Finite differences",
            r"\frac{\partial L}{\partial w} \approx \frac{L(w + h) - L(w - h)}{2h}, \qquad h = 10^{-5}",
            "Nudge one number and look at the loss: it needs no calculus, and two forward passes for every "
            "weight.",
            "Bishop, Pattern Recognition and Machine Learning, 2006, section 5.3.3",
        ),
        Formula(
            "Why gradients vanish",
            r"\frac{\partial L}{\partial z^{(1)}} = "
            r"\Big(\prod_{l=2}^{D} \mathrm{diag}\,\varphi'(z^{(l-1)})\, W^{(l)\top}\Big)"
            r"\frac{\partial L}{\partial z^{(D)}}, \qquad \sigma' \le \tfrac14",
            "Each layer multiplies by its slopes and its weights: of many factors below one nothing is left.",
            "Hochreiter, 1991; Bengio, Simard and Frasconi, 1994",
        ),
        Formula(
            "First weights that keep its size",
            r"\mathrm{Var}\,W = \frac{2}{n_{\text{in}} + n_{\text{out}}} \;\text{(Xavier)}, \qquad "
            r"\mathrm{Var}\,W = \frac{2}{n_{\text{in}}} \;\text{(He)}",
            "For tanh, and for ReLU, which passes half of what it is given.",
            "Glorot and Bengio, 2010; He et al., 2015",
        ),
        Formula(
            "Skips and normalisation",
            r"\frac{\partial}{\partial x}\big(x + f(x)\big) = 1 + f'(x), \qquad "
            r"\hat z = \frac{z - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}}",
            "A skip adds one to every factor; normalising brings each layer's numbers back to one scale.",
            "He et al., 2016; Ioffe and Szegedy, 2015",
        ),
    ),
)
