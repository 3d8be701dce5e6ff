"""The lab of attention: a tiny Transformer on five tasks with strings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dlcore.data import Dataset, Split
from dlcore.data.text import SurnameLetters
from dlcore.data.tokens import Addition, Copy, Reverse, Sort
from dlcore.experiment import Experiment
from dlcore.guides.base import Formula, Guide, Try
from dlcore.layers import Embedding, Layer, LayerNorm, Positions, TransformerBlock
from dlcore.objectives import NextToken, Supervised
from dlcore.optimizers import Adam
from dlcore.spec import Declared

Name = Literal["copy", "reverse", "sort", "addition", "names"]
TASKS: dict[str, tuple[Dataset, int, float]] = {
    "copy": (Copy(length=6, symbols=26), 16, 0.003),
    "reverse": (Reverse(length=6, symbols=26), 16, 0.003),
    "sort": (Sort(length=6, symbols=26), 16, 0.006),
    "addition": (Addition(n_strings=4000), 32, 0.01),
    "names": (SurnameLetters(), 32, 0.005),
}
"""What there is to learn, how many numbers stand for a letter, and the learning rate."""
FIRST_BLOCK = 2
"""The layer in which the first block is, after the embedding and the positions."""
MOST_TYPED = 40


class AttentionSettings(Declared):
    """What a student may change in the lab of attention."""

    task: Name = Field("reverse", description="What the network is to write for a string that it reads")
    positions: bool = Field(
        True, description="Whether each letter is told where in the string it stands, by waves added to it"
    )
    network: Literal["1 × 1", "1 × 2", "2 × 2"] = Field(
        "1 × 2",
        title="Blocks × heads",
        description="How many blocks follow each other, with how many heads each",
    )
    text: str = Field(
        "", max_length=MOST_TYPED, title="Your own string", description="What the network reads"
    )
    temperature: float = Field(
        1.0,
        ge=0,
        le=2,
        description="What the outputs are divided by before the softmax: at 0 the likeliest letter is taken, "
        "above 1 unlikely ones become likelier",
        json_schema_extra={"step": 0.05},
    )
    top_k: int = Field(
        0,
        ge=0,
        le=20,
        title="Top-k",
        description="Draw from so many of the likeliest letters only; 0 for all",
    )
    silenced: tuple[Annotated[int, Field(ge=0, le=15)], ...] = Field(
        (),
        max_length=16,
        description="Heads that are switched off, counted through all blocks",
        json_schema_extra={"form": False},
    )

    @property
    def sizes(self) -> tuple[int, int]:
        """How many blocks there are, and how many heads each has."""
        blocks, heads = self.network.split(" × ")
        return int(blocks), int(heads)


def experiments(settings: AttentionSettings) -> dict[str, Experiment]:
    """The one run of the lab; a head that is switched off is switched off while it goes on."""
    data, size, rate = TASKS[settings.task]
    n_blocks, heads = settings.sizes
    blocks: list[Layer] = [
        TransformerBlock(
            heads=heads,
            causal=settings.task == "names",
            silenced_heads=tuple(k - first for k in settings.silenced if first <= k < first + heads),
        )
        for first in range(0, n_blocks * heads, heads)
    ]
    network = (Embedding(size=size), Positions(off=not settings.positions), *blocks, LayerNorm())
    made = Experiment(
        data=data,
        split=Split(train=70, validation=10),
        network=network,
        objective=NextToken() if settings.task == "names" else Supervised(),
        optimizer=Adam(learning_rate=rate),
        batch_size=32,
    )
    return {"Transformer": made}


def head_name(settings: AttentionSettings, head: int) -> str:
    """What a head is called: ``2.1`` is the first of the second block."""
    _, heads = settings.sizes
    return f"{head // heads + 1}.{head % heads + 1}"


GUIDE: Guide[AttentionSettings] = Guide(
    name="attention",
    title="Attention",
    icon=":material/visibility:",
    hint="Every head of a tiny Transformer, from noise to a pattern, and one look opened to its numbers",
    question="A tiny Transformer learns to spell words backwards.  "
    "For the first letter of its answer, which letter of the word will it look at?",
    choices=("The first", "The last", "All alike"),
    settings=AttentionSettings(),
    experiments=experiments,
    tries=(
        Try(
            "No positions",
            "Without waves that say where a letter stands, “stop” and “post” are the same to it",
            AttentionSettings(positions=False),
        ),
        Try(
            "Copy needs no head",
            "Switch heads off: the answer goes past them, along the residual",
            AttentionSettings(task="copy", network="1 × 1"),
        ),
        Try(
            "Two blocks: who is missed?",
            "Once it can sort, switch one head after another off and read off what is missed",
            AttentionSettings(task="sort", network="2 × 2"),
        ),
    ),
    formulas=(
        Formula(
            "Scaled dot-product attention",
            r"h = \mathrm{softmax}\!\left(\frac{Q K^\top}{\sqrt d} + M\right) V",
            "Each query meets every key; the softmax of the products says how much of each value is taken.  "
            "M is −∞ where a mask hides a step, else 0.",
            "Vaswani et al., Attention is all you need, 2017",
        ),
        Formula(
            "Several heads",
            r"x \leftarrow x + W_O\,[h_1;\,h_2;\,\dots]",
            "Heads look side by side, each in its own part of the numbers; what they find is added to what "
            "was there.  Switching one off puts 0 in its place, and shows what was its own.",
            "Vaswani et al., 2017; Michel, Levy, Neubig, Are sixteen heads really better than one?, 2019",
        ),
        Formula(
            "Positional encoding",
            r"P_{t,2i} = \sin\left(t / 10000^{2i/D}\right),\quad "
            r"P_{t,2i+1} = \cos\left(t / 10000^{2i/D}\right)",
            "Without it, letters in another order give the same looks in another order: only what does not "
            "depend on the order can be learnt.  A causal mask gives some of the order away.",
            "Vaswani et al., 2017; Haviv et al., Transformer language models without positional encodings "
            "still learn positional information, 2022",
        ),
        Formula(
            "Temperature and top-k",
            r"p_i = \frac{e^{z_i / \tau}}{\sum_{j \in \text{top } k} e^{z_j / \tau}}",
            "How the next letter is drawn: a low temperature sharpens the shares, and only the k likeliest "
            "take part.",
            "Fan, Lewis, Dauphin, Hierarchical neural story generation, 2018",
        ),
    ),
)
