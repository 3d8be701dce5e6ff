"""Convolution: a window that slides over a picture, and a network that finds its own windows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dlcore.data.images import Mnist
from dlcore.data.split import Split
from dlcore.experiment import Experiment
from dlcore.guides.base import Formula, Guide, Try
from dlcore.layers import Conv2d, Flatten, MaxPool
from dlcore.losses import CrossEntropy
from dlcore.optimizers import Adam
from dlcore.regularisation import Regularisation
from dlcore.sliding import LARGEST, How, Window
from dlcore.spec import Declared

Weight = Annotated[float, Field(ge=-10, le=10)]
Part = Literal["Slide a window", "Watch it learn", "Follow a digit", "What it likes"]
Picture = Literal["digit", "small digit", "shape", "drawing", "upload"]
OWN, LEARNT, LARGEST_OF, MEAN_OF = "own", "learnt", "max pool", "mean pool"
RUN = "network"


class ConvolutionSettings(Declared):
    """What is slid over what, and which network learns."""

    part: Part = Field("Slide a window", description="What is looked at")
    picture: Picture = Field("digit", description="What the window slides over")
    sample: int = Field(4, ge=0, le=9, description="Which of them")
    kernel: Literal[
        "identity", "box blur", "Gaussian", "sharpen", "Sobel x", "Sobel y", "Laplacian", "emboss",
        "diagonal", "shift left", "max pool", "mean pool", "learnt", "own",
    ] = Field("Sobel x", description="What the numbers under the window are weighed with")  # fmt: skip
    weights: tuple[Weight, ...] = Field((), max_length=3 * LARGEST**2, description="A kernel of one's own")
    bias: Weight = Field(0.0, description="What is added to each sum")
    channel: int = Field(0, ge=0, le=15, description="Which of the network's own filters")
    size: int = Field(3, ge=1, le=LARGEST, description="How many places wide and high the window is")
    stride: int = Field(1, ge=1, le=4, description="How many places the window moves at a time")
    padding: int = Field(0, ge=0, le=3, description="How many places of zeros lie around the picture")
    dilation: int = Field(1, ge=1, le=3, description="How far apart the places under the window are")
    filters: Literal[4, 8, 16] = Field(8, description="How many patterns the first layer looks for")
    width: Literal[3, 5, 7] = Field(5, title="Window", description="How wide and high each of its windows is")
    pull: float = Field(
        0.01, ge=0, le=0.03, title="Weight decay",
        description="How strongly what is of no use fades: the noise of the start",
        json_schema_extra={"step": 0.001},
    )  # fmt: skip
    layer: Literal["first", "second", "answer"] = Field(
        "answer", description="Whose channels' favourites are shown"
    )

    def window(self, size: int | None = None) -> Window:
        """The window as it moves."""
        how: How = "max" if self.kernel == LARGEST_OF else "mean" if self.kernel == MEAN_OF else "sum"
        return Window(size or self.size, self.stride, self.padding, self.dilation, how)


def network(settings: ConvolutionSettings) -> Experiment:
    """A small network of two convolutions that learns to read digits."""
    width = settings.width
    return Experiment(
        data=Mnist(),
        split=Split(train=80, validation=0),
        network=(
            Conv2d(channels=settings.filters, kernel=width, padding=width // 2),
            MaxPool(),
            Conv2d(channels=16, kernel=3, padding=1),
            MaxPool(),
            Flatten(),
        ),
        loss=CrossEntropy(),
        optimizer=Adam(learning_rate=0.003),
        regularisation=Regularisation(l2=settings.pull),
        batch_size=32,
    )


_FIRST = ConvolutionSettings()

GUIDE = Guide(
    name="convolution",
    title="Convolution",
    icon=":material/grid_on:",
    hint="Slide a window over a picture; then watch a network find windows of its own",
    question="A network starts with windows of random numbers and learns to read digits.  "
    "What will its first windows have become?",
    choices=(
        "Still noise: the later layers do the work",
        "Edges: bright on one side, dark on the other",
        "Small pictures of digits",
    ),
    settings=_FIRST,
    experiments=lambda settings: {RUN: network(settings)},
    tries=(
        Try(
            "Find upright strokes",
            "Sobel x takes the left from the right.  Where does it answer, and with which sign?  "
            "Slide it slowly, then swap for Sobel y.",
            _FIRST.model_copy(update={"kernel": "Sobel x", "sample": 1}),
        ),
        Try(
            "Three channels, one sum",
            "A colour picture has three numbers at each place.  Look at each channel alone: which of them "
            "sees the shape best?  Edit one channel's kernel alone.",
            _FIRST.model_copy(update={"picture": "shape", "kernel": "Laplacian", "padding": 1}),
        ),
        Try(
            "Without weight decay",
            "Play for ten epochs.  The network reads as well, but its windows keep the noise they began "
            "with: nothing makes what is of no use fade.",
            _FIRST.model_copy(update={"part": "Watch it learn", "pull": 0.0}),
        ),
    ),
    formulas=(
        Formula(
            "Convolution",
            r"y_{ij} = b + \sum_{c} \sum_{u=0}^{k-1} \sum_{v=0}^{k-1} "
            r"w_{cuv}\, x_{c,\; is + ud - p,\; js + vd - p}",
            "The numbers under the window, of every channel, times the kernel, and the bias; stride s, "
            "dilation d, padding p.  The kernel is not turned around: mathematicians call that a "
            "cross-correlation.",
            "LeCun et al., 1989; Dumoulin and Visin, 2016",
        ),
        Formula(
            "Size of the output",
            r"n' = \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1",
            "At how many places of a side the window stops.",
            "Dumoulin and Visin, 2016",
        ),
        Formula(
            "Sobel",
            r"\begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix} = "
            r"\begin{pmatrix} 1 \\ 2 \\ 1 \end{pmatrix} \begin{pmatrix} -1 & 0 & 1 \end{pmatrix}",
            "A difference one way, and a blur the other: a slope that a single pixel cannot fake.",
            "Sobel and Feldman, 1968",
        ),
        Formula(
            "What a channel likes most",
            r"x^* = \arg\max_{x \in [0, 1]^n} a_c(x), \qquad "
            r"x \leftarrow x + \eta\, \frac{\partial a_c}{\partial x}",
            "Gradient ascent, not on the weights but on the picture, until the channel answers strongest.",
            "Erhan, Bengio, Courville and Vincent, 2009",
        ),
    ),
)
