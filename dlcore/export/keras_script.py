"""The experiment as a Keras 3 script: the same network and training, from first weights of its own."""

from __future__ import annotations

from typing import Any

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.export import script_data
from dlcore.export.keras_layers import CELLS, Draft, NoSuchLayer, write
from dlcore.export.printed import NEWLINE, arguments, called, function, indented
from dlcore.export.script import DEFAULT_EPOCHS, title
from dlcore.layers import IMAGE, Tokens, form
from dlcore.losses import Target
from dlcore.optimizers import Optimizer
from dlcore.schedules import Constant, Plateau

NOT_THERE = "so there is no Keras script."
LOSSES = {
    "mean_squared": "keras.losses.MeanSquaredError()",
    "mean_absolute": "keras.losses.MeanAbsoluteError()",
}
TARGETS = {
    Target.VALUE: "y{column}",
    Target.ZERO_ONE: "y.astype(np.float32)[:, None]",
    Target.SIGN: "2 * y.astype(np.float32)[:, None] - 1",
    Target.INDEX: "y",
    Target.ONE_HOT: "np.eye({n_classes}, dtype=np.float32)[y]",
}
WAVES = '''def waves(steps, size):
    """Waves of ever greater length along the steps: (steps, size)."""
    angles = np.arange(steps)[:, None] / 10000 ** (np.arange(0, size, 2) / size)
    both = np.stack([np.sin(angles), np.cos(angles)], 2)
    return both.reshape(steps, -1)[:, :size].astype(np.float32)'''
STEP = '''def step(x):
    """1 where x is positive, else 0."""
    return keras.ops.cast(x > 0, "float32")'''


def missing(experiment: Experiment) -> str:
    """Why there is no Keras script of an experiment, in a sentence; "" where there is one."""
    try:
        script(experiment)
    except NoSuchLayer as reason:
        return str(reason)
    return ""


def script(experiment: Experiment, epochs: int = 0) -> str:
    """Write the experiment as Python that needs keras, numpy and what its data comes from.

    Raises ``NoSuchLayer``, in words, where it has something that Keras does not.
    """
    e = experiment
    refused = _refused(e)
    if refused:
        raise NoSuchLayer(f"Keras has no {refused}, {NOT_THERE}")
    network = _network(e)
    parts = [_head(e), _data(e), *network, _training(e, epochs or e.stop.epochs or DEFAULT_EPOCHS)]
    return (NEWLINE * 3).join(part.strip() for part in parts) + NEWLINE


def _refused(e: Experiment) -> str:
    pull = e.regularisation
    reasons = {
        "weights that are held and neurons that are silenced": e.held or e.silenced,
        "augmentation of this kind": e.augmentation.active,
        "mean of the weights over epochs": pull.average == "SWA",
        "L1 pull past the optimizer": pull.l1 and pull.how == "decoupled decay",
        f"optimizer “{e.optimizer.heading()}”": _optimizer(e.optimizer) is None,
        f"objective “{e.objective.heading()}” with these settings": not e.objective.paired
        or e.objective.learns,
        f"loss “{e.loss.heading()}” with these settings": not _loss(e),
    }
    return next((what for what, is_so in reasons.items() if is_so), "")


def _head(e: Experiment) -> str:
    math = "" if isinstance(e.schedule, Constant | Plateau) else f"import math{NEWLINE * 2}"
    return f'''"""{title(e)}: an experiment from Glassbox, in Keras 3.

The same network and the same training.  First weights and the order of the samples are drawn by Keras, so
that the numbers are others; a schedule sets the rate once an epoch.
"""

{math}import keras
import numpy as np

keras.utils.set_random_seed({e.seeds.init})'''


def _data(e: Experiment) -> str:
    lines = script_data.samples(e, wrap="")
    if e.data.planar:
        lines.append("x = inputs(x)")
    if e.head().target is Target.INPUT:
        lines.append("y = x.reshape(len(x), -1)")
    if not e.data.planar and form(e.input_shape) == IMAGE:
        lines.append("x = x.transpose(0, 2, 3, 1)  # Keras has channels last")
    if e.head().target is Target.INPUT:
        return NEWLINE.join(lines)
    column = "" if e.data.answer_shape else "[:, None]"
    target = TARGETS[_target(e)].format(n_classes=e.data.n_classes, column=column)
    return NEWLINE.join([*lines, f"y = {target}"] if target != "y" else lines)


def _target(e: Experiment) -> Target:
    """The targets as Keras's loss wants them: smoothed cross-entropy takes no class numbers."""
    target, smoothed = e.head().target, bool(getattr(e.loss, "label_smoothing", None))
    return Target.ONE_HOT if target is Target.INDEX and smoothed else target


def _network(e: Experiment) -> list[str]:
    draft, shape = Draft(bool(_penalty(e))), e.input_shape
    for layer in e.stack():
        write(layer, shape, draft)
        shape = layer.output_shape(shape)
    if e.head().activation == "tanh":
        draft.apply('keras.layers.Activation("tanh")')
    given = e.input_shape
    if isinstance(given, Tokens):
        entry = f'keras.Input({tuple(given)}, dtype="int32")'
    else:
        entry = f"keras.Input({(*given[1:], given[0]) if form(given) == IMAGE else given})"
    functions = [WAVES] * draft.positions + [STEP] * any(line == "h = step(h)" for line in draft.lines)
    lines = [
        *_start(e, any(CELLS in line for line in draft.lines)),
        f"given = {entry}",
        "h = given",
        *draft.lines,
        "network = keras.Model(given, h)",
    ]
    return [*functions, NEWLINE.join(lines)]


def _penalty(e: Experiment) -> str:
    """What pulls on the weights through the optimizer; "" where nothing does."""
    pull = e.regularisation
    pulls = pull.how == "penalty" and (pull.l1 or pull.l2)
    return f"keras.regularizers.L1L2({pull.l1!r}, {pull.l2 / 2!r})" if pulls else ""


def _start(e: Experiment, cells: bool) -> list[str]:
    """How weights begin, and the penalty on them, on those of recurrent cells among them."""
    made = _penalty(e)
    penalty = f', "kernel_regularizer": {made}' if made else ""
    lines = [f'start = {{"kernel_initializer": {_initializer(e.init)}{penalty}}}']
    return [*lines, f'cells = {{"kernel_regularizer": {made}, "recurrent_regularizer": {made}}}'][: 1 + cells]


def _initializer(init: Any) -> str:
    kind = init.kind
    if kind in ("xavier", "he"):
        return repr(f"{'glorot' if kind == 'xavier' else 'he'}_{init.distribution}")
    given = {
        "orthogonal": ("Orthogonal", {"gain": getattr(init, "gain", 1.0)}),
        "uniform": ("RandomUniform", {"minval": -getattr(init, "a", 1.0), "maxval": getattr(init, "a", 1.0)}),
        "normal": ("RandomNormal", {"stddev": getattr(init, "std", 1.0)}),
    }
    if kind not in given:
        return repr("zeros")
    name, config = given[kind]
    # by its name: one object would give layers of the same shape the same weights
    return repr({"class_name": name, "config": config})


def _loss(e: Experiment) -> str:
    """The loss as Keras has it; "" where it has none."""
    kind, task = e.loss.kind_name(), e.task
    smoothing = float(getattr(e.loss, "label_smoothing", None) or 0)
    if kind in LOSSES:
        return LOSSES[kind]
    if kind == "huber":
        return f"keras.losses.Huber({getattr(e.loss, 'delta', 1.0)!r})"
    if kind == "hinge" and task is Task.BINARY:
        return "keras.losses.Hinge()"
    if e.loss.weighs:
        return ""
    if kind == "one_against_all" and task is Task.CLASSES:
        return "keras.losses.BinaryCrossentropy(from_logits=True)"
    if kind != "cross_entropy" or (task is Task.TOKENS and smoothing):
        return ""
    smooth = f", label_smoothing={smoothing!r}" if smoothing else ""
    if task is Task.BINARY:
        return f"keras.losses.BinaryCrossentropy(from_logits=True{smooth})"
    if smooth:
        return f"keras.losses.CategoricalCrossentropy(from_logits=True{smooth})"
    asked = ", ignore_class=-100" if task is Task.TOKENS else ""
    return f"keras.losses.SparseCategoricalCrossentropy(from_logits=True{asked})"


def _metric(e: Experiment) -> str:
    """What is printed beside the loss; "" where Keras measures nothing alike."""
    if e.task is Task.REGRESSION:
        return "keras.metrics.R2Score()"
    target = _target(e)
    if e.task is Task.BINARY and target is Target.ZERO_ONE:
        return "keras.metrics.BinaryAccuracy(threshold=0.0)"
    if e.task is Task.CLASSES:
        return f"keras.metrics.{'Sparse' if target is Target.INDEX else ''}CategoricalAccuracy()"
    return ""


def _optimizer(rule: Optimizer) -> tuple[str, dict[str, Any]] | None:
    """Keras's name of an optimizer and its settings; None where it has none like it."""
    kind, given = rule.kind_name(), rule.model_dump(mode="python")
    moments = {"beta_1": given.get("beta1"), "beta_2": given.get("beta2")}
    decay = {"weight_decay": given.get("weight_decay")}
    known: dict[str, tuple[str, dict[str, Any]]] = {
        "sgd": ("SGD", {"momentum": given.get("momentum"), "nesterov": given.get("nesterov")}),
        "adam": ("Adam", {**moments, "epsilon": 1e-8}),
        "adamw": ("AdamW", {**moments, "epsilon": 1e-8, **decay}),
        "nadam": ("Nadam", {**moments, "epsilon": 1e-8}),
        "lion": ("Lion", {**moments, **decay}),
        "rmsprop": (
            "RMSprop",
            {"rho": given.get("smoothing"), "momentum": given.get("momentum"), "epsilon": 1e-8},
        ),
        "adagrad": ("Adagrad", {"initial_accumulator_value": 0.0, "epsilon": 1e-10}),
        "adadelta": ("Adadelta", {"rho": given.get("smoothing"), "epsilon": 1e-6}),
    }
    return known.get(kind)


def _training(e: Experiment, epochs: int) -> str:
    found = _optimizer(e.optimizer)
    assert found is not None
    name, settings = found
    pull = e.regularisation
    extra: dict[str, Any] = {"global_clipnorm": pull.max_norm} if pull.max_norm else {}
    if pull.l2 and pull.how == "decoupled decay":
        extra["weight_decay"] = pull.l2
    if pull.average == "EMA":
        extra |= {"use_ema": True, "ema_momentum": pull.memory}
    rule = called(f"keras.optimizers.{name}", repr(e.optimizer.learning_rate), **{**settings, **extra})
    metric = _metric(e)
    functions, callbacks = _callbacks(e)
    known = "validation" in script_data.shares(e)
    share = "validation" if known else "test"
    lines = [
        "network.compile(",
        *indented([f"optimizer={rule},", f"loss={_loss(e)},"], 1).splitlines(),
        *([f"    metrics=[{metric}],"] if metric else []),
        ")",
        "network.fit(",
        "    x[train],",
        "    y[train],",
        f"    batch_size={e.batch_size},",
        f"    epochs={epochs},",
        f"    validation_data=(x[{share}], y[{share}]),",
        *([f"    callbacks=[{', '.join(callbacks)}],"] if callbacks else []),
        "    verbose=2,",
        ")",
        "print(network.evaluate(x[test], y[test], verbose=0, return_dict=True))",
    ]
    return NEWLINE.join([*(f"{each}{NEWLINE * 2}" for each in functions), *lines])


def _callbacks(e: Experiment) -> tuple[list[str], list[str]]:
    """The functions that have to be there, and what is called at the ends of epochs."""
    functions, callbacks = [], []
    schedule, rate = e.schedule, e.optimizer.learning_rate
    if isinstance(schedule, Plateau):
        settings = {
            "factor": schedule.gamma,
            "patience": schedule.patience,
            "min_lr": rate * schedule.lowest,
        }
        callbacks.append(f"keras.callbacks.ReduceLROnPlateau({arguments(settings)})")
    elif not isinstance(schedule, Constant):
        functions.append(function(type(schedule).factor))
        at = f"lambda epoch, rate: {rate!r} * factor(epoch, {arguments(schedule.arguments())})"
        callbacks.append(f"keras.callbacks.LearningRateScheduler({at})")
    if e.stop.patience:
        settings = {"patience": e.stop.patience, "restore_best_weights": e.stop.restore_best}
        callbacks.append(f"keras.callbacks.EarlyStopping({arguments(settings)})")
    return functions, callbacks
