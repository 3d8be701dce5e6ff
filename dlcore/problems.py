"""What keeps an experiment from running, in words and with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlcore.data import Own, Split, Task
from dlcore.data.own import MIN_POINTS
from dlcore.interventions import BIAS
from dlcore.layers import (
    FLAT,
    FORMS,
    IMAGE,
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
from dlcore.limits import Limits
from dlcore.losses import losses
from dlcore.spec import Problem

if TYPE_CHECKING:
    from dlcore.experiment import Experiment


def problems(experiment: Experiment, bounds: Limits) -> Iterator[Problem]:
    """Find every reason why an experiment cannot run, each with a remedy."""
    task = experiment.data.task
    if task not in experiment.loss.tasks:
        fitting = next(loss for loss in losses if task in loss.tasks)
        yield Problem(
            "Loss",
            f"{experiment.loss.heading()} does not fit {experiment.data.heading()}, a {task} problem.",
            f"Use {fitting.heading().lower()}.",
            {"loss": fitting()},
        )
    kinds = [each.kind_name() for each in experiment.inputs]
    if len(set(kinds)) < len(kinds):
        once = tuple(each for i, each in enumerate(experiment.inputs) if each not in experiment.inputs[:i])
        yield Problem("Inputs", "An input is listed twice.", "Keep one of each.", {"inputs": once})
    if experiment.split.test < 5:
        yield Problem(
            "Split",
            f"Training and validation leave {experiment.split.test} % for the test.",
            "Leave at least 5 %.",
            {
                "split": Split(
                    train=min(experiment.split.train, 85), validation=min(experiment.split.validation, 10)
                )
            },
        )
    stop = experiment.stop
    without = experiment.split.validation == 0 and experiment.split.folds < 2
    if without and (stop.patience or stop.measure.startswith("validation")):
        measure = "no target" if stop.measure.startswith("validation") else stop.measure
        yield Problem(
            "Stop",
            "The stop watches the validation points, and there are none.",
            "Keep some points for validation.",
            {"stop": stop.model_copy(update={"patience": 0, "measure": measure})},
        )
    pull = experiment.regularisation
    if experiment.optimizer.searches and pull.max_norm:
        yield Problem(
            "Regularisation",
            f"{experiment.optimizer.heading()} reads the curvature off its gradients, and these are clipped.",
            "Leave them as they are.",
            {"regularisation": pull.model_copy(update={"max_norm": 0.0})},
        )
    if experiment.data.size > bounds.max_points:
        yield Problem(
            "Data",
            f"{experiment.data.size} points are more than this server's {bounds.max_points}.",
            "Draw fewer.",
            {"data": experiment.data.at_most(bounds.max_points)},
        )
    elif experiment.data.size < MIN_POINTS:
        yield Problem(
            "Data",
            f"Too few points to learn from and be tested on: {experiment.data.size}.",
            f"It takes {MIN_POINTS}; here are some to begin with.",
            {"data": Own()},
        )
    criterion = experiment.loss.call(task).target if task in experiment.loss.tasks else ""
    of_images = form(experiment.input_shape) == IMAGE
    yield from experiment.augmentation.problems(of_images, experiment.loss.heading(), criterion)
    misfits = list(_misfits(experiment))
    yield from misfits
    if not misfits:
        yield from _network_problems(experiment, bounds)
        yield from _intervention_problems(experiment)


def _misfits(experiment: Experiment) -> Iterator[Problem]:
    """The first layer that cannot take what the one before it gives."""
    shape, network, before = experiment.input_shape, experiment.network, "the data"
    for i, layer in enumerate(built(network)):
        needed = layer.needs(shape)
        if needed:
            yield _misfit(experiment, i, f"Layer {i + 1} ({layer.heading()})", needed, before, shape)
            return
        shape, before = layer.output_shape(shape), f"layer {i + 1}"
    if not _fits(experiment, len(network), shape):
        needed = FORMS[_answered(experiment)]
        yield _misfit(experiment, len(network), "The output layer", needed, before, shape)


def _answered(e: Experiment) -> int:
    """The form that the output layer needs: a step for each token that is asked for, else one flat row."""
    return SEQUENCE if e.data.task is Task.TOKENS else FLAT


def _fits(e: Experiment, at: int, shape: Shape) -> bool:
    return not built(e.network)[at].needs(shape) if at < len(e.network) else form(shape) == _answered(e)


def _misfit(e: Experiment, at: int, who: str, needed: str, before: str, shape: Shape) -> Problem:
    """Say what does not fit, with the first of the usual bridges that mends it."""
    what = f"{who} needs {needed}, and {before} gives {shown(shape)}."
    for bridge in (Flatten(), GlobalPool(), Embedding()):
        if not bridge.needs(shape) and _fits(e, at, bridge.output_shape(shape)):
            mended = (*e.network[:at], bridge, *e.network[at:])
            return Problem("Network", what, f"Put {bridge.heading()} before it.", {"network": mended})
    if at == len(e.network):
        mended = e.network[:-1]
        return Problem("Network", what, "Take the last layer away.", {"network": mended})
    mended = (*e.network[:at], *e.network[at + 1 :])
    return Problem("Network", what, "Take it away, or change what comes before.", {"network": mended})


def _network_problems(experiment: Experiment, bounds: Limits) -> Iterator[Problem]:
    n_layers = count(experiment.network)
    if n_layers > bounds.max_layers:
        yield Problem(
            "Network",
            f"{n_layers} layers are more than this server's {bounds.max_layers}.",
            "Take some away.",
            {"network": _first(experiment.network, bounds.max_layers)},
        )
        return
    wide = [i for i, layer in enumerate(experiment.network) if getattr(layer, "units", 0) > bounds.max_units]
    if wide:
        narrowed = tuple(
            layer.model_copy(update={"units": bounds.max_units}) if i in wide else layer
            for i, layer in enumerate(experiment.network)
        )
        yield Problem(
            "Network",
            f"Layer {wide[0] + 1} has more units than this server's {bounds.max_units}.",
            "Make it narrower.",
            {"network": narrowed},
        )
    elif experiment.n_parameters() > bounds.max_parameters:
        yield Problem(
            "Network",
            f"{experiment.n_parameters()} parameters are more than this server's {bounds.max_parameters}.",
            "Use fewer or narrower layers.",
            {"network": experiment.network[:-1]},
        )


def _first(network: tuple[Layer, ...], most: int) -> tuple[Layer, ...]:
    """No more than ``most`` layers in all; the last one stays, which may be what the output layer needs."""
    while count(network) > most:
        network = (*network[:-2], network[-1]) if len(network) > 1 else ()
    return network


def _intervention_problems(experiment: Experiment) -> Iterator[Problem]:
    """Holds and silences that point at what is not there: a layer may have been taken away."""
    shapes = experiment.shapes()
    dense = {i for i, layer in enumerate(built(experiment.network)) if isinstance(layer, Dense)}
    weighted = {*dense, len(experiment.network)}
    held = tuple(
        each
        for each in experiment.held
        if each.layer in weighted
        and each.unit < shapes[each.layer + 1][-1]
        and BIAS <= each.source < shapes[each.layer][-1]
    )
    if held != experiment.held:
        yield Problem("Network", "A held weight is not in this network.", "It is let go.", {"held": held})
    silenced = tuple(
        each for each in experiment.silenced if each.layer in dense and each.unit < shapes[each.layer + 1][-1]
    )
    if silenced != experiment.silenced:
        yield Problem(
            "Network", "A silenced neuron is not in this network.", "It is forgotten.", {"silenced": silenced}
        )
