"""How the layers of an experiment fit on each other, on its data, and into a server's limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from dlcore.data import Task
from dlcore.interventions import BIAS
from dlcore.layers import (
    FLAT,
    FORMS,
    SEQUENCE,
    Dense,
    Embedding,
    Flatten,
    GlobalPool,
    Layer,
    Shape,
    built,
    count,
    form,
    shown,
)
from dlcore.layers.nested import misplaced, through
from dlcore.limits import Limits
from dlcore.spec import Problem

if TYPE_CHECKING:
    from dlcore.experiment import Experiment

Stack = tuple[Layer, ...]
BRIDGES: tuple[Stack, ...] = (
    (Flatten(),),
    (GlobalPool(),),
    (Embedding(),),
    (Embedding(), Flatten()),
    (Embedding(), GlobalPool()),
)
"""What usually mends a misfit, the first one that does before the others."""
BATCH_NUMBERS = 100
"""A batch may bring forth so many times the numbers that one sample may."""


def problems(e: Experiment, bounds: Limits) -> Iterator[Problem]:
    """Why the network cannot run, each reason with a remedy: what does not fit, or else what is too much."""
    misfits = list(_misfits(e))
    yield from misfits
    if not misfits:
        yield from _too_much(e, bounds)
        yield from _interventions(e)


def _misfits(e: Experiment) -> Iterator[Problem]:
    """The first layer that cannot take what the one before it gives."""
    at = misplaced(e.network, e.input_shape)
    shape = through(e.network[:at], e.input_shape)
    needed = _needed(e, at, shape)
    if not needed:
        return
    output = at == len(e.network)
    who = "The output layer" if output else f"Layer {at + 1} ({e.network[at].heading()})"
    before = f"layer {at}" if at else "the data"
    what = f"{who} needs {needed}, and {before} gives {shown(shape)}."
    bridge = next((each for each in BRIDGES if _spans(e, each, at, shape)), None)
    if bridge is not None:
        mended = (*e.network[:at], *bridge, *e.network[at:])
        put = " and ".join(layer.heading() for layer in bridge)
        yield Problem("Network", what, f"Put {put} before it.", {"network": mended})
    elif output:
        yield Problem("Network", what, "Take the last layer away.", {"network": e.network[:-1]})
    else:
        mended = (*e.network[:at], *e.network[at + 1 :])
        yield Problem("Network", what, "Take it away, or change what comes before.", {"network": mended})


def _needed(e: Experiment, at: int, shape: Shape) -> str:
    """What the layer at a place, the output layer last, needs that ``shape`` is not; "" where it fits."""
    if at < len(e.network):
        return built(e.network)[at].needs(shape)
    if e.task is not Task.TOKENS:
        return "" if form(shape) == FLAT else FORMS[FLAT]
    (steps,) = e.data.answer_shape
    if form(shape) != SEQUENCE:
        return FORMS[SEQUENCE]
    return "" if shape[0] == steps else f"all {steps} steps"


def _spans(e: Experiment, bridge: Stack, at: int, shape: Shape) -> bool:
    """Whether a bridge stands on ``shape``, and what comes at a place stands on the bridge."""
    return misplaced(bridge, shape) == len(bridge) and not _needed(e, at, through(bridge, shape))


def _too_much(e: Experiment, bounds: Limits) -> Iterator[Problem]:
    if count(e.network) > bounds.max_layers:
        yield Problem(
            "Network",
            f"{count(e.network)} layers are more than this server's {bounds.max_layers}.",
            "Take some away.",
            {"network": _shortened(e, lambda e: count(e.network) <= bounds.max_layers)},
        )
        return
    wide = [i for i, layer in enumerate(e.network) if getattr(layer, "units", 0) > bounds.max_units]
    most = max(1, BATCH_NUMBERS * bounds.max_numbers // _n_numbers(e))
    if wide:
        narrowed = tuple(
            layer.model_copy(update={"units": bounds.max_units}) if i in wide else layer
            for i, layer in enumerate(e.network)
        )
        yield Problem(
            "Network",
            f"Layer {wide[0] + 1} has more units than this server's {bounds.max_units}.",
            "Make it narrower.",
            {"network": narrowed},
        )
    elif e.n_parameters() > bounds.max_parameters:
        yield Problem(
            "Network",
            f"{e.n_parameters()} parameters are more than this server's {bounds.max_parameters}.",
            "Use fewer or narrower layers.",
            {"network": _shortened(e, lambda e: e.n_parameters() <= bounds.max_parameters)},
        )
    elif _n_numbers(e) > bounds.max_numbers:
        yield Problem(
            "Network",
            f"Its layers make {_n_numbers(e)} numbers of one sample; this server holds {bounds.max_numbers}.",
            "Use fewer channels or steps, or pool earlier.",
            {"network": _shortened(e, lambda e: _n_numbers(e) <= bounds.max_numbers)},
        )
    elif e.batch_size > most:
        yield Problem(
            "Batch size",
            f"{e.batch_size} samples at a time are more than this server holds with this network.",
            f"Take {most} at a time.",
            {"batch_size": most},
        )


def _shortened(e: Experiment, within: Callable[[Experiment], bool]) -> Stack:
    """As many of the first layers as leave it within a limit, with the bridge that they then need."""
    for n in range(len(e.network) - 1, -1, -1):
        kept = e.model_copy(update={"network": e.network[:n]})
        shape = through(kept.network, e.input_shape)
        for bridge in ((), *BRIDGES):
            mended = e.model_copy(update={"network": (*kept.network, *bridge)})
            if _spans(kept, bridge, n, shape) and within(mended):
                return mended.network
    return ()


def _n_numbers(e: Experiment) -> int:
    """How many numbers the layers make of one sample."""
    # an output without units belongs to a loss that does not fit, which is told elsewhere
    return max(1, sum(layer.n_numbers(shape) for layer, shape in zip(e.stack(), e.shapes(), strict=False)))


def _interventions(e: Experiment) -> Iterator[Problem]:
    """Holds and silences that point at what is not there: a layer may have been taken away."""
    shapes = e.shapes()
    dense = {i for i, layer in enumerate(built(e.network)) if isinstance(layer, Dense)}
    weighted = {*dense, len(e.network)}
    held = tuple(
        each
        for each in e.held
        if each.layer in weighted
        and each.unit < shapes[each.layer + 1][-1]
        and BIAS <= each.source < shapes[each.layer][-1]
    )
    if held != e.held:
        yield Problem("Network", "A held weight is not in this network.", "It is let go.", {"held": held})
    silenced = tuple(
        each for each in e.silenced if each.layer in dense and each.unit < shapes[each.layer + 1][-1]
    )
    if silenced != e.silenced:
        yield Problem(
            "Network", "A silenced neuron is not in this network.", "It is forgotten.", {"silenced": silenced}
        )
