"""A network that is built anew keeps the weights of the layers that have not changed."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import nn

from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.model import Network
from dlcore.spec import Call


class _Layer(NamedTuple):
    """One layer that learns; ``declared`` is all of its declaration but its width."""

    name: str
    declared: object
    linear: nn.Linear

    def equals(self, other: _Layer) -> bool:
        return self.declared == other.declared and self.linear.weight.shape[0] == other.linear.weight.shape[0]


def keeps_weights(before: Experiment, after: Experiment) -> bool:
    """Whether a change leaves the weights be: another start is asked for by its seed or its method."""
    return before.init == after.init and before.seeds.init == after.seeds.init


def carry(old: Network, before: Experiment, new: Network, after: Experiment) -> list[str]:
    """Copy the weights of unchanged layers; the names of those layers, in order.

    Stacks of equal height are compared layer by layer, others from the input side and from the output side.
    A layer is unchanged when its declaration is; of a layer that has grown or shrunk, or that has other
    inputs, the weights that both have are copied.  After a layer that has no counterpart, only the same
    number of inputs will do.
    """
    ours, theirs = _layers(new, after), _layers(old, before)
    pairs = dict(_pairs(theirs, ours))
    kept = []
    for j, i in pairs.items():
        columns = _columns(i, j, pairs, theirs[i].linear, ours[j].linear, before, after)
        if theirs[i].declared == ours[j].declared and columns:
            _copy(theirs[i].linear, ours[j].linear, columns)
            kept.append(ours[j].name)
    return kept


def sentence(kept: list[str], after: Experiment) -> str:
    """Say which layers keep their weights; "" when none does."""
    if not kept:
        return ""
    numbers = [name.removeprefix("layer ") for name in kept if name.startswith("layer ")]
    n_layers = sum(isinstance(layer, Dense) for layer in after.network) + 1
    if len(kept) == n_layers:
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


def _layers(network: Network, experiment: Experiment) -> list[_Layer]:
    found = []
    for number, (place, linear) in enumerate(network.linears(), 1):
        if place == len(experiment.network):
            found.append(_Layer("output", ("output", linear.weight.shape[0]), linear))
        else:
            layer = experiment.network[place]
            found.append(_Layer(f"layer {number}", layer.model_copy(update={"units": 0}), linear))
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


def _columns(
    i: int,
    j: int,
    pairs: dict[int, int],
    old: nn.Linear,
    new: nn.Linear,
    before: Experiment,
    after: Experiment,
) -> list[tuple[int, int]]:
    """Which input of the old layer is which of the new one."""
    if i == j == 0 and before.data.planar and after.data.planar:
        return [
            (before.inputs.index(each), place)
            for place, each in enumerate(after.inputs)
            if each in before.inputs
        ]
    if j and i and pairs.get(j - 1) == i - 1:
        return [(k, k) for k in range(min(old.in_features, new.in_features))]
    return [(k, k) for k in range(old.in_features)] if old.in_features == new.in_features else []


@torch.no_grad()
def _copy(old: nn.Linear, new: nn.Linear, columns: list[tuple[int, int]]) -> None:
    n_units = min(old.out_features, new.out_features)
    for source, target in columns:
        new.weight[:n_units, target] = old.weight[:n_units, source]
    new.bias[:n_units] = old.bias[:n_units]
