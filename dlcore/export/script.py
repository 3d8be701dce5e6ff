"""The experiment as a PyTorch script that runs by itself and makes the very same run."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcore.data import Own, Task
from dlcore.data.split import cuts
from dlcore.experiment import Experiment
from dlcore.interventions import BIAS
from dlcore.layers import Dense
from dlcore.losses import Target
from dlcore.schedules import Constant
from dlcore.spec import Call

BLOCKS = Path(__file__).parents[1] / "blocks.py"
DEFAULT_EPOCHS = 200
ENDLESS = 1_000_000
"""Epochs of a script that ends when its stop is met."""
NEWLINE = "\n"
LINE = 100

TARGETS = {
    Target.VALUE: "torch.from_numpy(y[part])[:, None]",
    Target.ZERO_ONE: "torch.from_numpy(y[part]).float()[:, None]",
    Target.SIGN: "2 * torch.from_numpy(y[part]).float()[:, None] - 1",
    Target.INDEX: "torch.from_numpy(y[part])",
    Target.ONE_HOT: "nn.functional.one_hot(torch.from_numpy(y[part]), {n_classes}).float()",
}


def script(experiment: Experiment, epochs: int = 0) -> str:
    """Write the experiment as Python that needs nothing but numpy and torch.

    It trains for ``epochs`` epochs (0: as long as the experiment says, else 200) and makes the same weights
    as a session does on the same machine, to the last bit.
    """
    epochs = epochs or experiment.stop.epochs or (ENDLESS if _watches(experiment) else DEFAULT_EPOCHS)
    parts = [_head(experiment), _data(experiment), _network(experiment), _training(experiment, epochs)]
    return (NEWLINE * 3).join(part.strip() for part in parts) + NEWLINE


def _head(e: Experiment) -> str:
    math = "" if isinstance(e.schedule, Constant) else "import math\n\n"
    sizes = "-".join(str(shape[-1]) for shape in e.shapes())
    return f'''"""{e.data.heading()}, {sizes}, {e.optimizer.heading()}: an experiment from Glassbox."""

{math}import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)'''


def _data(e: Experiment) -> str:
    columns = ", ".join(_returned(type(each).column) for each in e.inputs)
    kind = "float32" if e.data.task is Task.REGRESSION else "int64"
    chance = f"np.random.default_rng({e.seeds.split})"
    order = (
        f"np.argsort({chance}.random(len(x)))" if isinstance(e.data, Own) else f"{chance}.permutation(len(x))"
    )
    first, second = cuts(len(e.data.draw(e.seeds.data)[0]), e.split)
    return f'''
{_function(type(e.data).sample)}


def inputs(points):
    """What the network is given: (N, 2) → (N, {len(e.inputs)})."""
    x1, x2 = points[:, 0], points[:, 1]
    return torch.from_numpy(np.stack([{columns}], 1).astype(np.float32))


x, y = sample(np.random.default_rng({e.seeds.data}), {_arguments(e.data.arguments())})
x, y = x.astype(np.float32), y.astype(np.{kind})
order = {order}
train, validation, test = np.split(order, [{first}, {second}])
x_train, x_test = inputs(x[train]), inputs(x[test])
y_train, y_test = ({TARGETS[e.head().target].format(n_classes=e.data.n_classes)} for part in (train, test))'''


def _layers(e: Experiment) -> list[tuple[Call, ...]]:
    """The modules of each layer, the output layer last."""
    shapes = e.shapes()
    hidden = [layer.calls(shape) for layer, shape in zip(e.stack()[:-1], shapes, strict=False)]
    return [*hidden, (Call("torch.nn.Linear", shapes[-2][-1], shapes[-1][-1]), *e.head().calls)]


def _network(e: Experiment) -> str:
    calls = [call for layer in _layers(e) for call in layer]
    criterion = e.loss.call(e.data.task)
    modules = _indented([f"{_short(call.source())}," for call in calls], 1)
    return f"""
{_blocks([*calls, criterion])}torch.manual_seed({e.seeds.init})
network = nn.Sequential(
{modules}
)
for module in network:
    if isinstance(module, nn.Linear):
        {_short(e.init.call().source("module.weight"))}
        nn.init.zeros_(module.bias)
criterion = {_short(criterion.source())}
{_interventions(e)}optimizer = {e.optimizer.call().source("network.parameters()")}"""


def _interventions(e: Experiment) -> str:
    """Frozen layers, held weights and silenced neurons, as lines between the network and its optimizer."""
    sizes = [len(layer) for layer in _layers(e)]
    first = [sum(sizes[:layer]) for layer in range(len(sizes))]
    lines = [
        f"network[{first[i]}].requires_grad_(False)"
        for i, layer in enumerate(e.stack()[:-1])
        if isinstance(layer, Dense) and layer.frozen
    ]
    for layer in sorted({each.layer for each in e.silenced}):
        units = sorted(each.unit for each in e.silenced if each.layer == layer)
        lines += [f"mask = torch.ones({e.shapes()[layer + 1][-1]})", f"mask[{units}] = 0.0"]
        last = first[layer] + sizes[layer] - 1
        lines.append(f"network[{last}].register_forward_hook(lambda module, x, y, mask=mask: y * mask)")
    if e.held:
        lines += ["", "", "@torch.no_grad()", "def hold():"]
        for each in e.held:
            place = f"bias[{each.unit}]" if each.source == BIAS else f"weight[{each.unit}, {each.source}]"
            lines.append(f"    network[{first[each.layer]}].{place} = {each.value!r}")
        lines += ["", "", "hold()"]
    return NEWLINE.join([*lines, ""]) if lines else ""


def _training(e: Experiment, epochs: int) -> str:
    pull = e.regularisation
    before = [f"torch.manual_seed({e.seeds.batches})"]
    if pull.l1 or pull.l2:
        before[:0] = [
            "linears = [module for module in network if isinstance(module, nn.Linear)]",
            "weights = [linear.weight for linear in linears if linear.weight.requires_grad]",
        ]
    if _watches(e):
        before = _watching(e) + before
    if not isinstance(e.schedule, Constant):
        before.insert(0, _function(type(e.schedule).factor) + NEWLINE * 2)
    return NEWLINE.join(
        [
            *before,
            f"for epoch in range({epochs}):",
            f"    order = np.random.default_rng(({e.seeds.batches}, epoch)).permutation(len(x_train))",
            *(["    seen = 0"] if not isinstance(e.schedule, Constant) else []),
            f"    for batch in torch.from_numpy(order).split({e.batch_size}):",
            _indented(_step(e), 2),
            f"    if (epoch + 1) % {max(1, (DEFAULT_EPOCHS if epochs == ENDLESS else epochs) // 20)} == 0:",
            _indented(_report(e), 2),
            *([_indented(_stop(e), 1)] if _watches(e) else []),
        ]
    )


def _watches(e: Experiment) -> bool:
    return e.stop.measure != "no target" or e.stop.patience > 0


def _watching(e: Experiment) -> list[str]:
    """The lines before the loop that a target or early stopping needs."""
    lines = [
        "parts = train, validation, test",
        "x_all = torch.cat([inputs(x[part]) for part in parts])",
        "y_all = [" + TARGETS[e.head().target].format(n_classes=e.data.n_classes) + " for part in parts]",
    ]
    return [*lines, 'best, best_epoch = float("inf"), 0'] if e.stop.patience else lines


def _stop(e: Experiment) -> list[str]:
    """The lines after an epoch that end the run where its stop says so."""
    stop = e.stop
    share, _, kind = stop.measure.partition(" ")
    place = {"validation": 1, "test": 2}.get(share, 1)
    lines = [
        "network.eval()",
        "with torch.inference_mode():",
        "    outputs = network(x_all).split([len(part) for part in parts])",
    ]
    if kind == "loss":
        lines.append(f"    measured = criterion(outputs[{place}], y_all[{place}]).item()")
    elif kind == "score":
        score = _score(e).replace("network(x_test)", f"outputs[{place}]").replace("y_test", f"y_all[{place}]")
        lines.append(f"    measured = ({score.replace('y[test]', f'y[parts[{place}]]')}).item()")
    if stop.patience:
        lines.append("    validation_loss = criterion(outputs[1], y_all[1]).item()")
    lines.append("network.train()")
    if kind != "target":
        sign = ">=" if kind == "score" else "<="
        lines += [f"if measured {sign} {stop.target!r}:", "    break"]
    if stop.patience:
        lines += [
            "if validation_loss < best:",
            "    best, best_epoch = validation_loss, epoch + 1",
            "    kept = [parameter.detach().clone() for parameter in network.parameters()]",
            f"if epoch + 1 - best_epoch >= {stop.patience}:",
        ]
        if stop.restore_best:
            lines += [
                "    with torch.no_grad():",
                "        for parameter, weights_then in zip(network.parameters(), kept):",
                "            parameter.copy_(weights_then)",
            ]
        lines.append("    break")
    return lines


def _step(e: Experiment) -> list[str]:
    """The lines of one update."""
    pull = e.regularisation
    lines = ["loss = criterion(network(x_train[batch]), y_train[batch])"]
    if pull.how == "penalty" and (pull.l1 or pull.l2):
        lines.append("for weight in weights:")
        lines += [f"    loss = loss + {pull.l1!r} * weight.abs().sum()"] * (pull.l1 > 0)
        lines += [f"    loss = loss + {pull.l2!r} / 2 * weight.square().sum()"] * (pull.l2 > 0)
    lines += ["optimizer.zero_grad()", "loss.backward()"]
    if not isinstance(e.schedule, Constant):
        settings = _arguments(e.schedule.arguments())
        lines.append(f"now = factor(epoch + seen / len(x_train), {settings})")
        lines.append(f'optimizer.param_groups[0]["lr"] = {e.optimizer.learning_rate!r} * now')
        lines.append("seen += len(batch)")
    if pull.max_norm:
        lines.append(f"nn.utils.clip_grad_norm_(network.parameters(), {pull.max_norm!r})")
    if pull.how == "decoupled decay" and (pull.l1 or pull.l2):
        lines += [
            'rate = optimizer.param_groups[0]["lr"]',
            "with torch.no_grad():",
            "    for weight in weights:",
        ]
        lines += [f"        weight.mul_(1 - rate * {pull.l2!r})", "optimizer.step()"]
        lines += ["with torch.no_grad():", "    for weight in weights:"]
        lines.append(f"        weight.copy_(nn.functional.softshrink(weight, rate * {pull.l1!r}))")
    else:
        lines.append("optimizer.step()")
    lines += ["hold()"] * bool(e.held)
    return lines


def _report(e: Experiment) -> list[str]:
    """The lines that print how good the network is."""
    name = "R²" if e.data.task is Task.REGRESSION else "accuracy"
    return [
        "network.eval()",
        "with torch.inference_mode():",
        "    train_loss = criterion(network(x_train), y_train)",
        "    test_loss = criterion(network(x_test), y_test)",
        f"    score = {_score(e)}",
        "network.train()",
        'print(f"epoch {epoch + 1}  train loss {train_loss:.6f}  test loss {test_loss:.6f}  "',
        f'      f"{name} {{score:.3f}}")',
    ]


def _score(e: Experiment) -> str:
    if e.data.task is Task.REGRESSION:
        spread = "(y_test - y_test.mean()).square().sum()"
        return f"1 - (y_test - network(x_test)).square().sum() / {spread}"
    answers = "(network(x_test)[:, 0] > 0)" if e.data.task is Task.BINARY else "network(x_test).argmax(1)"
    return f"({answers} == torch.from_numpy(y[test])).float().mean()"


def _indented(lines: list[str], level: int) -> str:
    return textwrap.indent(NEWLINE.join(lines), "    " * level)


def _arguments(settings: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_literal(value)}" for name, value in settings.items())


def _literal(value: Any) -> str:
    """Print a value; a long list goes over as many lines as it needs."""
    if not isinstance(value, list) or len(repr(value)) < LINE:
        return repr(value)
    lines = textwrap.wrap(repr(value)[1:-1].replace(", (", ",\n(").replace(", ", ",\xa0"), LINE - 4)
    return f"[{NEWLINE}{_indented(lines, 1)}{NEWLINE}]".replace("\xa0", " ")


def _short(source: str) -> str:
    return source.replace("torch.nn.", "nn.")


def _definition(function: Callable[..., Any]) -> ast.FunctionDef:
    """A static method as a plain function: decorators and annotations taken off."""
    parsed = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(parsed, ast.FunctionDef)
    parsed.decorator_list, parsed.returns = [], None
    for argument in parsed.args.args:
        argument.annotation = None
    return parsed


def _function(function: Callable[..., Any]) -> str:
    return ast.unparse(_definition(function))


def _returned(function: Callable[..., Any]) -> str:
    """The expression that a one-line function returns."""
    last = _definition(function).body[-1]
    assert isinstance(last, ast.Return)
    assert last.value is not None
    return ast.unparse(last.value)


def _blocks(calls: list[Call]) -> str:
    """The source of those modules of ours that are used, read without importing them and so torch."""
    wanted = {call.target.rpartition(".")[2] for call in calls if call.target.startswith("dlcore.blocks.")}
    text = BLOCKS.read_text()
    found = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef) and node.name in wanted]
    return "".join(f"{ast.get_source_segment(text, node)}\n\n\n" for node in found)
