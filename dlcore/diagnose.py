"""What is wrong with a run, from its own numbers: what was seen, why it happens, what to do.

Each rule is one function that looks at the evidence and returns a finding or None.  ``CAUSES`` are specific;
``SYMPTOMS`` are only asked where no cause has been found.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.activations import ELU, LeakyReLU, Linear, ReLU, Sigmoid, Step, Tanh
from dlcore.evidence import RECENT, Evidence, Finding, number
from dlcore.initializers import He, Xavier, Zeros
from dlcore.layers import Dense

SEVERITIES = ("error", "warning", "hint")
GOOD_SCORE = 0.95
"""Accuracy or R² in training from which nothing holds the learning back."""
POOR_SCORE = 0.85
PATIENCE = 30
"""Epochs a run is given before its progress is judged."""
FAULTS = ("activations", "loss", "gradient", "weights")


Rule = Callable[[Evidence], Finding | None]


def diagnose(evidence: Evidence) -> list[Finding]:
    """Ask every rule; what was found, the worst first."""
    if evidence.failure:
        found = [not_finite(evidence)]
    elif not evidence.fits():
        return []
    else:
        found = _found(CAUSES, evidence)
        found += [] if any(each.severity != "hint" for each in found) else _found(SYMPTOMS, evidence)
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def _found(rules: tuple[Rule, ...], evidence: Evidence) -> list[Finding]:
    return [finding for rule in rules if (finding := rule(evidence)) is not None]


def not_finite(e: Evidence) -> Finding:
    """A number has left the range of float32, 3.4 × 10³⁸ (IEEE 754); the first one is named."""
    seen = e.failure
    if "fault" in e.health:
        what, layer, step, epoch = (int(each) for each in e.health["fault"])
        where = "" if FAULTS[what] == "loss" else f" of {e.name(layer)}"
        seen = (
            f"The {FAULTS[what]}{where} overflowed first: step {step}, epoch {epoch}; "
            f"its largest weight was {number(float(e.health['fault_largest'][0]))}."
        )
    remedy = e.with_rate(0.1)
    clipped = e.experiment.regularisation.model_copy(update={"max_norm": 1.0})
    return Finding(
        "not finite",
        "error",
        seen,
        "Steps grew from one to the next until a number passed the largest that float32 holds, 3.4 × 10³⁸.",
        f"Lower the rate to {remedy['optimizer'].learning_rate:g}, clip the gradient at 1, and start again.",
        {**remedy, "regularisation": clipped},
    )


def all_zero_start(e: Evidence) -> Finding | None:
    """Units that start alike get the same gradient and stay alike (Goodfellow et al., 2016, section 8.4)."""
    alike = [i for row, i, _ in e.hidden() if e.health["alike"][row]]
    if not alike:
        return None
    zeros = isinstance(e.experiment.init, Zeros)
    return Finding(
        "all-zero start",
        "error",
        f"All neurons of {e.name(alike[0])} have the same weights.",
        "They get the same gradient, so they stay alike: the layer is no more than one neuron.",
        "Start from random weights: Xavier.",
        {"init": Xavier()} if zeros else None,
    )


def no_slope(e: Evidence) -> Finding | None:
    """A step has slope zero, so no gradient passes it (Minsky and Papert, 1969)."""
    steps = [i for _, i, layer in e.hidden() if isinstance(layer.activation, Step)]
    if not steps:
        return None
    return Finding(
        "no slope",
        "warning",
        f"{e.name(steps[0]).capitalize()} has the step activation: the gradient of its weights is 0.",
        "A step is flat on both sides, so nothing tells the weights before it which way to go.",
        "Use tanh, a step with a slope.",
        {"network": e.with_activation(Tanh(), steps)},
    )


def dead_relus(e: Evidence) -> Finding | None:
    """A ReLU that no point moves gets no gradient and stays so (Lu et al., 2019, "Dying ReLU")."""
    relus = [(row, i) for row, i, layer in e.hidden() if isinstance(layer.activation, ReLU)]
    dead = {i: float(e.health["dead"][row]) for row, i in relus}
    worst = max(dead, key=lambda i: dead[i], default=None)
    if worst is None or dead[worst] < 0.4:
        return None
    layer = e.experiment.network[worst]
    units = getattr(layer, "units", 0)
    return Finding(
        "dead ReLUs",
        "error" if dead[worst] == 1 else "warning",
        f"{round(dead[worst] * units)} of {units} ReLUs in {e.name(worst)} answer 0 at every training point.",
        "Where a ReLU answers 0 its slope is 0 as well: it gets no gradient and cannot come back.",
        "Use leaky ReLU there; a lower learning rate keeps others from dying.",
        {"network": e.with_activation(LeakyReLU(), [i for _, i in relus])},
    )


def saturated(e: Evidence) -> Finding | None:
    """Squashing units far from zero pass hardly any gradient (Glorot and Bengio, 2010)."""
    squashing = [(row, i) for row, i, layer in e.hidden() if isinstance(layer.activation, Tanh | Sigmoid)]
    shares = {i: float(e.health["saturated"][row]) for row, i in squashing}
    worst = max(shares, key=lambda i: shares[i], default=None)
    if worst is None or shares[worst] < 0.6 or e.train_score >= POOR_SCORE:
        return None
    remedy: dict[str, Any] = {"init": Xavier()}
    what_to_do = "Start from smaller weights: Xavier."
    if isinstance(e.experiment.init, Xavier):
        pull = e.experiment.regularisation.model_copy(update={"l2": 0.01})
        remedy, what_to_do = {"regularisation": pull}, "Pull the weights down: L2 of 0.01."
    return Finding(
        "saturated",
        "warning",
        f"{shares[worst]:.0%} of the answers of {e.name(worst)} are at the flat ends.",
        "Its weights are so large that the sums lie where the curve is flat: the gradient nearly vanishes.",
        what_to_do,
        remedy,
    )


def vanishing_gradient(e: Evidence) -> Finding | None:
    """Slopes below one multiply up, layer by layer (Hochreiter, 1991; Glorot and Bengio, 2010)."""
    gradient = e.health["gradient"]
    hidden = e.hidden()
    first = float(gradient[hidden[0][0]]) if hidden else 0.0
    if len(hidden) < 3 or e.train_score >= GOOD_SCORE or not 0 < first < gradient[-1] / 300:
        return None
    return Finding(
        "vanishing gradient",
        "warning",
        f"The gradient of {e.name(hidden[0][1])} is {number(float(gradient[-1]) / first)} times below the "
        "output's.",
        "Each layer multiplies it by the slope of its activation, which is below one.",
        "Use ELU, whose slope is one for positive sums, or fewer layers.",
        {"network": e.with_activation(ELU(), [i for _, i, _ in hidden]), "init": He()},
    )


def exploding_gradient(e: Evidence) -> Finding | None:
    """Large weights multiply up, layer by layer; clipping bounds the step (Pascanu et al., 2013)."""
    gradient = e.health["gradient"]
    deep = len(e.hidden()) >= 2
    if not deep or not gradient.max() >= 30 or e.experiment.regularisation.max_norm:
        return None
    row = int(gradient.argmax())
    where = e.name(int(e.health["layer"][row])).capitalize()
    clipped = e.experiment.regularisation.model_copy(update={"max_norm": 1.0})
    return Finding(
        "exploding gradient",
        "error",
        f"{where} has a gradient of {number(float(gradient[row]))} per weight.",
        "Each layer multiplies it by its weights, and they are large.",
        "Start from Xavier weights and clip the gradient at 1.",
        {"regularisation": clipped, "init": Xavier()},
    )


def rate_too_high(e: Evidence) -> Finding | None:
    """The loss leaps up and down instead of falling (Bengio, 2012, "Practical recommendations")."""
    loss = e.recent("train_loss")
    if len(loss) < RECENT // 2 or not np.isfinite(loss).all():
        return None
    leaps = np.diff(loss)
    turns = np.mean(np.sign(leaps[1:]) != np.sign(leaps[:-1]))
    leap = float(np.mean(np.abs(leaps)) / loss.mean())
    first = float(e.curves["train_loss"][0])
    worse_than_start = loss.min() > 2 * first
    leaping = turns > 0.35 and leap > 0.2 and loss.mean() > 0.25 * first and e.train_score < GOOD_SCORE
    if not (worse_than_start or leaping):
        return None
    update = float(np.nanmax(e.health["update"]))
    remedy = e.with_rate(0.1)
    seen = (
        f"The loss is {number(float(loss[-1]))}, and {number(first)} at the start"
        if worse_than_start
        else f"The loss leaps by {leap:.0%} of itself from epoch to epoch"
    )
    return Finding(
        "rate too high",
        "warning",
        f"{seen}; one step moves weights by up to {update:.1%}.",
        "Steps are longer than the valley is wide, so they land on the other slope.",
        f"Lower the learning rate to {remedy['optimizer'].learning_rate:g}.",
        remedy,
    )


def rate_too_low(e: Evidence) -> Finding | None:
    """Updates of about a thousandth of the weights learn well; far smaller ones crawl (Karpathy, CS231n)."""
    update = e.health["update"]
    loss = e.curves["train_loss"].astype(float)
    if e.epoch < 10 or e.train_score >= GOOD_SCORE or not np.isfinite(update).all():
        return None
    if update.max() >= 1e-4 or loss[-1] < 0.7 * loss[0] or e.experiment.optimizer.learning_rate >= 1:
        return None
    remedy = e.with_rate(min(1e-3 / max(float(update.max()), 1e-12), 1e4))
    return Finding(
        "rate too low",
        "warning",
        f"One step moves the weights by {number(float(update.max()))} of themselves; a thousandth is usual.",
        "Steps this short take for ever to get anywhere.",
        f"Raise the learning rate to {remedy['optimizer'].learning_rate:g}.",
        remedy,
    )


def linear_net(e: Evidence) -> Finding | None:
    """Linear layers collapse into one, which draws one straight line (Minsky and Papert, 1969)."""
    hidden = e.hidden()
    linear = [i for _, i, layer in hidden if isinstance(layer.activation, Linear)]
    if len(linear) < len(hidden) or e.epoch < PATIENCE or e.train_score >= POOR_SCORE or not e.flat():
        return None
    network = e.with_activation(Tanh(), linear) if linear else (Dense(units=4), *e.experiment.network)
    return Finding(
        "linear net",
        "warning",
        f"{e.score_said()} after {e.epoch} epochs, and every layer is linear.",
        "Linear layers together are one linear layer: it draws a straight line, and none parts these points.",
        "Use tanh in the hidden layers." if linear else "Add a hidden layer of 4 tanh neurons.",
        {"network": network},
    )


def class_imbalance(e: Evidence) -> Finding | None:
    """A net can score well by ignoring a rare class (He and Garcia, 2009)."""
    counts = e.health["classes"]
    if len(counts) < 2 or counts.min() * 4 >= counts.max():
        return None
    rare = int(counts.argmin())
    return Finding(
        "class imbalance",
        "hint",
        f"Class {rare} has {counts[rare]} of {counts.sum()} training points, class {int(counts.argmax())} "
        f"{counts.max()}.",
        "The loss hardly feels the rare class; answering the common one everywhere already scores "
        f"{counts.max() / counts.sum():.0%}.",
        "Add points of the rare class, and judge by the map instead of the accuracy.",
    )


def too_few_points(e: Evidence) -> Finding | None:
    """With fewer points than weights a net can learn them by heart (Zhang et al., 2017)."""
    n_train, n_parameters = int(e.health["shares"][0]), e.experiment.n_parameters()
    if n_train >= 40 or n_parameters < n_train:
        return None
    data = e.experiment.data
    remedy: dict[str, Any] | None = None
    if e.experiment.split.train < 50 and n_train * 50 / e.experiment.split.train >= 40:
        remedy = {"split": e.experiment.split.model_copy(update={"train": 50, "validation": 10})}
    elif "n_points" in data.settings():
        remedy = {"data": data.model_copy(update={"n_points": 500})}
    return Finding(
        "too few points",
        "hint",
        f"{n_train} training points for {n_parameters} weights and biases.",
        "That few can be learnt by heart, and say little about the points in between.",
        "Draw or share out more training points.",
        remedy,
    )


def underfitting(e: Evidence) -> Finding | None:
    """The net is too small for the pattern: poor in training and no longer better (Goodfellow, 2016, 5.2)."""
    loss, epochs = e.curves["train_loss"].astype(float), e.curves["epoch"]
    late = loss[epochs >= 0.5 * e.epoch]
    if e.epoch < 5 * PATIENCE or e.train_score >= POOR_SCORE or not np.isfinite(late).all():
        return None
    third = len(late) // 3
    if late[-third:].mean() < 0.97 * late[:third].mean():
        return None
    network = tuple(
        layer.model_copy(update={"units": max(8, layer.units)}) if isinstance(layer, Dense) else layer
        for layer in e.experiment.network
    )
    last = next((layer for layer in reversed(network) if isinstance(layer, Dense)), Dense(units=8))
    return Finding(
        "underfitting",
        "warning",
        f"{e.score_said()} in training after {e.epoch} epochs, and no longer rising.",
        "The net is too small for the pattern, or its inputs do not show it.",
        "Widen the layers to 8 neurons and add one more; more inputs help, too.",
        {"network": (*network, last)},
    )


def overfitting(e: Evidence) -> Finding | None:
    """The loss on held-out points rises while that in training falls (Prechelt, 1998, "Early stopping")."""
    share = "validation" if e.health["shares"][1] >= 30 else "test"
    held = e.curves[f"{share}_loss"].astype(float)
    train = e.curves["train_loss"].astype(float)
    if e.epoch < PATIENCE or not np.isfinite(held).all():
        return None
    best = int(held.argmin())
    now, then = float(np.median(held[-5:])), float(np.median(train[-5:]))
    if now < 1.25 * held[best] or now < 1.5 * then or train[best] < then:
        return None
    pull = e.experiment.regularisation
    remedy = {"regularisation": pull.model_copy(update={"l2": min(max(0.01, pull.l2 * 3), 1.0)})}
    return Finding(
        "overfitting",
        "warning",
        f"The {share} loss is {number(now)}; it was {number(float(held[best]))} at epoch "
        f"{int(e.curves['epoch'][best])}.  In training it is {number(then)}.",
        "The net is learning the noise of its training points by heart.",
        f"Pull the weights down with L2 of {remedy['regularisation'].l2:g}; more points help, too.",
        remedy,
    )


CAUSES: tuple[Rule, ...] = (
    all_zero_start,
    exploding_gradient,
    no_slope,
    dead_relus,
    rate_too_high,
    saturated,
    vanishing_gradient,
    rate_too_low,
    linear_net,
    overfitting,
    class_imbalance,
    too_few_points,
)
SYMPTOMS: tuple[Rule, ...] = (underfitting,)
