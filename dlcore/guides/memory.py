"""Lab: memory.  An RNN, an LSTM and a GRU read the same strings, and are asked for the first letter."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dlcore.data import Dataset, Split
from dlcore.data.series import MAX_WINDOW, Sunspots
from dlcore.data.tokens import Recall
from dlcore.experiment import Experiment, Stop
from dlcore.guides.base import Formula, Guide, Try
from dlcore.layers import GRU, LSTM, RNN, Embedding, Layer
from dlcore.losses import CrossEntropy, Loss, MeanSquared
from dlcore.optimizers import Adam
from dlcore.spec import LIVE, Declared

KINDS = ("RNN", "LSTM", "GRU")
ENOUGH = 0.95
"""From this accuracy on unseen strings on, a network is said to know the first letter."""
SYMBOLS = 10
RUNGS = (5, 10, 15, 25, 40, 60)
"""The distances of the ladder."""
RUNG_EPOCHS = 20
SPLIT = Split(train=70, validation=10)


class MemorySettings(Declared):
    """Three networks that differ in nothing but the cell that reads."""

    task: Literal["recall", "sunspots"] = Field(
        "recall", title="Data", description="Strings whose first letter is asked for, or a real series"
    )
    steps: int = Field(
        25, ge=5, le=100, title="n, steps to remember",
        description="How many letters pass before the first is asked for; how many years are seen, up to 64",
    )  # fmt: skip
    remember: float = Field(
        2.0, ge=0, le=5, title="Forget-gate bias",
        description="What the gate that keeps the memory starts with: at 0 it keeps half of it each step",
        json_schema_extra={"step": 0.5},
    )  # fmt: skip
    units: int = Field(
        32, ge=4, le=64, description="How many numbers each network remembers", json_schema_extra={"step": 4}
    )
    rate: float = Field(
        0.005, ge=0.0003, le=0.03, title="Learning rate", description="How far each step goes",
        json_schema_extra={**LIVE, "log": True},
    )  # fmt: skip


def experiments(settings: MemorySettings) -> dict[str, Experiment]:
    """The same experiment three times, but for its cell."""
    return {kind: experiment(settings, kind) for kind in KINDS}


def experiment(settings: MemorySettings, kind: str) -> Experiment:
    """One of the three."""
    cell = _cell(settings, kind)
    data: Dataset
    network: tuple[Layer, ...]
    loss: Loss
    if settings.task == "recall":
        data, loss = Recall(steps=settings.steps, symbols=SYMBOLS, n_strings=4000), CrossEntropy()
        network, batch_size = (Embedding(size=8), cell), 32
        stop = Stop(epochs=60, measure="validation score", target=0.99)
    else:
        data, loss = Sunspots(window=min(settings.steps, MAX_WINDOW)), MeanSquared()
        network, batch_size, stop = (cell,), 16, Stop(epochs=300, patience=50)
    return Experiment(
        data=data,
        split=SPLIT,
        network=network,
        loss=loss,
        optimizer=Adam(learning_rate=settings.rate),
        batch_size=batch_size,
        stop=stop,
    )


def ladder(settings: MemorySettings) -> dict[tuple[int, str], Experiment]:
    """The three at every distance, each trained for so many epochs or until it knows the first letter."""
    recall = settings.model_copy(update={"task": "recall"})
    short = Stop(epochs=RUNG_EPOCHS, measure="validation score", target=0.99)
    return {
        (steps, kind): experiment(recall.model_copy(update={"steps": steps}), kind).model_copy(
            update={"stop": short}
        )
        for steps in RUNGS
        for kind in KINDS
    }


def _cell(settings: MemorySettings, kind: str) -> Layer:
    if kind == "RNN":
        return RNN(units=settings.units)
    cell = LSTM if kind == "LSTM" else GRU
    return cell(units=settings.units, remember=settings.remember)


def came_true(scores: dict[str, float]) -> int | None:
    """Which of the guide's choices accuracies on unseen strings come to; None is none of them."""
    knowing = tuple(kind for kind in KINDS if scores[kind] >= ENOUGH)
    outcomes: tuple[tuple[str, ...], ...] = ((), ("LSTM",), ("LSTM", "GRU"), KINDS)
    return outcomes.index(knowing) if knowing in outcomes else None


GUIDE = Guide(
    name="memory",
    title="Memory",
    icon=":material/memory:",
    hint="RNN, LSTM and GRU read the same strings: states, gates, and the gradient on its way back",
    question="Which of the three still knows the first letter after 25 others have passed?",
    choices=("None of them", "Only the LSTM", "LSTM and GRU", "All three"),
    settings=MemorySettings(),
    going_on=frozenset({"rate"}),
    experiments=experiments,
    tries=(
        Try(
            "A gate that forgets",
            "With a forget-gate bias of 0 the gates begin by letting go of half the memory at each letter",
            MemorySettings(remember=0.0),
        ),
        Try(
            "Sixty letters",
            "More than twice as far, with gates that begin by keeping nearly all: who still gets there?",
            MemorySettings(steps=60, remember=4.0),
        ),
        Try(
            "A real series",
            "Sunspots, a number a year since 1700: does a long memory help where the last years say most?",
            MemorySettings(task="sunspots", steps=24),
        ),
    ),
    formulas=(
        Formula(
            "RNN",
            r"h_t = \tanh(W x_t + U h_{t-1} + b)",
            "Each letter is mixed with all that is remembered: nothing stays as it was.",
            "Elman, Finding structure in time, 1990",
        ),
        Formula(
            "Gradient through time",
            r"\frac{\partial L}{\partial h_t} = \frac{\partial L}{\partial h_n} "
            r"\prod_{k=t+1}^{n} \mathrm{diag}(1 - h_k^2)\, U",
            "One factor for each step back.  Where they shrink what they meet, nothing reaches the start.",
            "Bengio, Simard and Frasconi, Learning long-term dependencies … is difficult, 1994; "
            "Pascanu, Mikolov and Bengio, 2013",
        ),
        Formula(
            "LSTM",
            r"c_t = f_t \odot c_{t-1} + i_t \odot g_t, \quad h_t = o_t \odot \tanh c_t, \quad "
            r"f, i, o = \sigma(W x_t + U h_{t-1} + b)",
            "The memory is only multiplied by the gate f: at f = 1 it stays for ever, its gradient too.",
            "Hochreiter and Schmidhuber, Long short-term memory, 1997; Gers, Schmidhuber and Cummins, 2000",
        ),
        Formula(
            "Forget-gate bias",
            r"f_1 = \sigma(b_f): \quad \sigma(0)^{25} = 3 \cdot 10^{-8}, \quad \sigma(2)^{25} = 0.04",
            "What is left of the first letter before anything is learnt.  Begin by remembering.",
            "Jozefowicz, Zaremba and Sutskever, An empirical exploration of recurrent architectures, 2015",
        ),
        Formula(
            "GRU",
            r"h_t = z_t \odot h_{t-1} + (1 - z_t) \odot \tanh(W x_t + r_t \odot U h_{t-1} + b)",
            "One gate keeps and lets in at once; there is no memory beside the state.",
            "Cho et al., Learning phrase representations using RNN encoder–decoder, 2014",
        ),
    ),
)
