"""A network that is built anew keeps the weights of the layers that have not changed."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from dlcore.experiment import Experiment
from dlcore.layers import Dense, Dropout, Layer, Shape, form
from dlcore.model import Network
from dlcore.spec import Call


class _Layer(NamedTuple):
    """One layer that learns, or remembers; ``declared`` is all that must be the same for weights to fit.

    Of a dense layer that is all but its width, for the weights that both have are kept.
    """

    name: str
    declared: object
    modules: nn.Sequential
    linear: nn.Linear | None

    def equals(self, other: _Layer) -> bool:
        if self.linear is None or other.linear is None:
            return self.declared == other.declared and _sizes(self.modules) == _sizes(other.modules)
        return self.declared == other.declared and self.linear.out_features == other.linear.out_features


def keeps_weights(before: Experiment, after: Experiment) -> bool:
    """Whether a change leaves the weights be: another start is asked for by its seed or its method."""
    return before.init == after.init and before.seeds.init == after.seeds.init


def carry(old: Network, before: Experiment, new: Network, after: Experiment) -> list[str]:
    """Copy the weights of unchanged layers; the names of those layers, in order.

    Stacks of equal height are compared layer by layer, others from the input side and from the output side.
    A layer is unchanged when its declaration is, and the shape that it is given; its buffers come along.
    Of a dense layer that has grown or shrunk, or that has other inputs, the weights that both have are
    copied.  After a layer that has no counterpart, only the same number of inputs will do.
    """
    ours, theirs = _layers(new, after), _layers(old, before)
    pairs = dict(_pairs(theirs, ours))
    kept = []
    for j, i in pairs.items():
        if theirs[i].declared == ours[j].declared and _kept(i, j, pairs, theirs, ours, before, after):
            kept.append(ours[j].name)
    return kept


def sentence(kept: list[str], after: Experiment) -> str:
    """Say which layers keep their weights; "" when none does."""
    if not kept:
        return ""
    numbers = [name.removeprefix("layer ") for name in kept if name.startswith("layer ")]
    if len(kept) == sum(layer.n_parameters(shape) > 0 for layer, shape in _stack(after)):
        who, keep = "all layers", "keep"
    else:
        named = [f"layer{'s' * (len(numbers) > 1)} {_joined(numbers)}"] if numbers else []
        named += ["the output layer"] if len(kept) > len(numbers) else []
        who, keep = " and ".join(named), "keep" if len(kept) > 1 else "keeps"
    its = "their" if keep == "keep" else "its"
    return f"Started over; {who} {keep} {its} weights.  Reset begins afresh."


def retune(module: nn.Module, before: Call, after: Call) -> None:
    """Give a living module the settings in which its new declaration differs; shapes must be the same.

    A module made of others keeps each as torch does: those of its arguments by their place, those of its
    keywords under the same name.
    """
    for i, (was, now) in enumerate(zip(before.args, after.args, strict=True)):
        if isinstance(now, Call):
            retune(cast(nn.Sequential, module)[i], was, now)
    for (name, was), (_, now) in zip(before.kwargs, after.kwargs, strict=True):
        if isinstance(now, Call):
            retune(getattr(module, name), was, now)
        elif isinstance(now, tuple | list) and any(isinstance(each, Call) for each in now):
            for part, old, new in zip(getattr(module, name), was, now, strict=True):
                retune(part, old, new)
        elif was != now:
            setattr(module, name, now)


def _joined(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _sizes(modules: nn.Module) -> list[tuple[int, ...]]:
    """The shapes of all that modules learn or remember."""
    return [tuple(each.shape) for each in _numbers(modules)]


def _numbers(modules: nn.Module) -> list[Tensor]:
    """All that modules learn or remember."""
    return [*modules.parameters(), *modules.buffers()]


def _stack(experiment: Experiment) -> list[tuple[Layer, Shape]]:
    """Every layer with the shape that it is given, the output layer last."""
    return list(zip(experiment.stack(), experiment.shapes(), strict=False))


def _layers(network: Network, experiment: Experiment) -> list[_Layer]:
    """The layers that hold numbers, named as a person counts them: on the plane only those with neurons."""
    plane = experiment.data.planar and all(isinstance(each, Dense | Dropout) for each in experiment.network)
    linears = dict(network.linears())
    found: list[_Layer] = []
    for place, (layer, shape) in enumerate(_stack(experiment)):
        modules = network.modules_of(place)
        if not layer.n_parameters(shape):
            continue
        name = f"layer {len(found) + 1 if plane else place + 1}"
        if place == len(experiment.network):
            found.append(_Layer("output", ("output", linears[place].out_features), modules, linears[place]))
        elif isinstance(layer, Dense):
            narrow = layer.model_copy(update={"units": 0})
            found.append(_Layer(name, (narrow, form(shape)), modules, linears[place]))
        else:
            found.append(_Layer(name, (layer, shape), modules, None))
    return found


def _pairs(old: list[_Layer], new: list[_Layer]) -> list[tuple[int, int]]:
    """Places (in the new stack, in the old one) of layers that stand for each other."""
    if len(old) == len(new):
        return [(i, i) for i in range(len(new))]
    shorter = min(len(old), len(new))
    first = 0
    while first < shorter and old[first].equals(new[first]):
        first += 1
    last = 0
    while last < shorter - first and old[-1 - last].equals(new[-1 - last]):
        last += 1
    ahead = [(i, i) for i in range(first)]
    return ahead + [(len(new) - k, len(old) - k) for k in range(last, 0, -1)]


@torch.no_grad()
def _kept(
    i: int,
    j: int,
    pairs: dict[int, int],
    theirs: list[_Layer],
    ours: list[_Layer],
    before: Experiment,
    after: Experiment,
) -> bool:
    """Copy what layer i of the old stack and layer j of the new one have in common; whether there is any."""
    old, new = theirs[i], ours[j]
    if old.linear is None or new.linear is None:
        fits = _sizes(old.modules) == _sizes(new.modules)
        if fits:
            for source, target in zip(_numbers(old.modules), _numbers(new.modules), strict=True):
                target.copy_(source)
        return fits
    columns: list[tuple[int, int]] = []
    n_inputs = old.linear.in_features, new.linear.in_features
    behind = [theirs[i - 1].linear, ours[j - 1].linear] if i and j and pairs.get(j - 1) == i - 1 else []
    if i == j == 0 and before.data.planar and after.data.planar:
        columns = [
            (before.inputs.index(each), place)
            for place, each in enumerate(after.inputs)
            if each in before.inputs
        ]
    elif n_inputs[0] == n_inputs[1] or n_inputs == tuple(each and each.out_features for each in behind):
        # what neurons just behind give comes in their order, so the first of them are the same ones
        columns = [(k, k) for k in range(min(n_inputs))]
    if columns:
        _copy(old.linear, new.linear, columns)
    return bool(columns)


def _copy(old: nn.Linear, new: nn.Linear, columns: list[tuple[int, int]]) -> None:
    n_units = min(old.out_features, new.out_features)
    for source, target in columns:
        new.weight[:n_units, target] = old.weight[:n_units, source]
    new.bias[:n_units] = old.bias[:n_units]
