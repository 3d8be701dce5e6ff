"""What keeps an experiment from running, in words and with a remedy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dlcore import fit
from dlcore.data import Own, Split
from dlcore.data.own import MIN_POINTS
from dlcore.layers import IMAGE, form
from dlcore.limits import Limits
from dlcore.losses import losses
from dlcore.objectives import Supervised
from dlcore.spec import Problem

if TYPE_CHECKING:
    from dlcore.experiment import Experiment


def problems(experiment: Experiment, bounds: Limits) -> Iterator[Problem]:
    """Find every reason why an experiment cannot run, each with a remedy."""
    task, objective = experiment.task, experiment.objective
    if not objective.fits(experiment.data):
        yield Problem(
            "Objective",
            f"{objective.heading()} does not fit {experiment.data.heading()}.",
            "Learn what these data ask for.",
            {"objective": Supervised()},
        )
        return
    if task not in experiment.loss.tasks:
        fitting = next(loss for loss in losses if task in loss.tasks)
        yield Problem(
            "Loss",
            f"{experiment.loss.heading()} does not fit {_learnt(experiment)}, a {task} problem.",
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
    yield from objective.problems(experiment)
    yield from fit.problems(experiment, bounds)


def _learnt(experiment: Experiment) -> str:
    """What there is to learn: the data's name, and where it is not what they ask for, the objective's."""
    data, objective = experiment.data.heading(), experiment.objective
    return data if isinstance(objective, Supervised) else f"{objective.heading()} of {data}"
