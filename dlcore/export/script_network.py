"""What a script says of the network: its modules, their first weights, the loss and the optimizer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlcore.experiment import Experiment
from dlcore.export.printed import LINE, NEWLINE, call, indented, modules_in, source
from dlcore.interventions import BIAS
from dlcore.layers import Layer, Nest, Shape
from dlcore.layers.nested import walk
from dlcore.objectives.base import PLAIN
from dlcore.spec import Call

WEIGHTED = ("Linear", "Conv1d", "Conv2d", "ConvTranspose2d")
"""Those of torch's modules that an initialisation fills and regularisation pulls on; on recurrent cells it
pulls, too."""
COUNT_ANEW = Call("dlcore.updates.count_anew")


def layers(e: Experiment) -> list[tuple[Call, ...]]:
    """The modules of each layer, the output layer last."""
    *hidden, output = [layer.calls(shape) for layer, shape in zip(e.stack(), e.shapes(), strict=False)]
    return [*hidden, (*output, *e.head().calls)]


def calls(e: Experiment) -> list[Call]:
    """All that the network, its loss and its optimizer are made of."""
    criterion = e.objective.criterion(e.loss, e.data)
    made = [*(each for layer in layers(e) for each in layer), criterion, e.optimizer.call()]
    if e.objective.step() != PLAIN:
        made.append(e.objective.step())
    return [*made, COUNT_ANEW] if recounts(e) else made


def recounts(e: Experiment) -> bool:
    """Whether what batch norm knows of its inputs is counted anew for the averaged weights."""
    network = [each for layer in layers(e) for made in layer for each in made.all()]
    return e.regularisation.average != "none" and any("BatchNorm" in each.target for each in network)


def weighted(e: Experiment) -> str:
    """The classes of those modules of this network that have weights, as ``isinstance`` takes them."""
    network = [each for layer in layers(e) for made in layer for each in made.all()]
    if e.objective.learns:
        network += e.criterion().all()
    text = NEWLINE.join([*(call(each) for each in network), *source(network).definitions])
    # torch builds its own attention and Transformer of Linear layers
    found = [f"nn.{name}" for name in WEIGHTED if name == "Linear" or name in modules_in(text)]
    return found[0] if len(found) == 1 else f"({', '.join(found)})"


def pulled(e: Experiment) -> list[str]:
    """The lines that gather the weights on which regularisation pulls."""
    cells = {f"torch.nn.{name}" for name in ("RNN", "LSTM", "GRU")}
    if not any(each.target in cells for layer in layers(e) for made in layer for each in made.all()):
        return [
            f"weighted = [module for module in network.modules() if isinstance(module, {weighted(e)})]",
            "weights = [module.weight for module in weighted if module.weight.requires_grad]",
        ]
    kinds = f"({weighted(e).strip('()')}, nn.RNNBase)"
    return [
        f"weighted = [module for module in network.modules() if isinstance(module, {kinds})]",
        "named = [each for module in weighted for each in module.named_parameters(recurse=False)]",
        'weights = [each for name, each in named if name.startswith("weight") and each.requires_grad]',
    ]


def network(e: Experiment) -> str:
    """The lines from the seed of the first weights to the optimizer."""
    modules = indented([f"{call(each, room=LINE - 5)}," for layer in layers(e) for each in layer], 1)
    kinds = weighted(e)
    plain = kinds == "nn.Linear" and not any(each.target.startswith("dlcore.blocks.") for each in calls(e))
    zeros = ["nn.init.zeros_(module.bias)"]
    if not plain:
        zeros = ["if module.bias is not None:", f"    {zeros[0]}"]
    filling = indented([call(e.init.call(), "module.weight"), *zeros], 2)
    return f"""
torch.manual_seed({e.seeds.init})
network = nn.Sequential(
{modules}
)
for module in network.modules():
    if isinstance(module, {kinds}):
{filling}
{_criterion(e, filling)}
{_interventions(e)}optimizer = {call(e.optimizer.call(), "network.parameters()")}{_averaged(e)}"""


def _criterion(e: Experiment, filling: str) -> str:
    """The lines that build what compares answers with what was asked for, and fill it where it learns."""
    line = f"criterion = {call(e.criterion())}"
    if not e.objective.learns:
        return line
    return f"""torch.manual_seed({e.seeds.init})
{line}
for module in criterion.modules():
    if isinstance(module, {weighted(e)}):
{filling}"""


def _averaged(e: Experiment) -> str:
    """The network with the mean of its weights, which is judged in its place."""
    pull = e.regularisation
    if pull.average == "none":
        return ""
    rule = "get_swa_multi_avg_fn()" if pull.average == "SWA" else f"get_ema_multi_avg_fn({pull.memory!r})"
    return f"{NEWLINE}averaged = swa_utils.AveragedModel(network, multi_avg_fn=swa_utils.{rule})"


def _frozen(layer: Layer, shape: Shape, inside: str, first: int) -> Iterator[str]:
    """The modules that training leaves alone, of the layer that begins as number ``first`` of ``inside``."""
    if getattr(layer, "frozen", False):
        yield from (f"{inside}[{first + i}]" for i in range(len(layer.calls(shape))))
    elif isinstance(layer, Nest):
        for name, stack in layer.stacks():
            holder, number = re.sub(r"\.(\d+)", r"[\1]", f"{inside}[{first}].{name}"), 0
            for each, given in walk(stack, shape):
                yield from _frozen(each, given, holder, number)
                number += len(each.calls(given))


def _interventions(e: Experiment) -> str:
    """Frozen layers, held weights and silenced neurons, as lines between the network and its optimizer."""
    sizes = [len(layer) for layer in layers(e)]
    first = [sum(sizes[:layer]) for layer in range(len(sizes))]
    lines = [
        f"{module}.requires_grad_(False)"
        for i, (layer, shape) in enumerate(walk(e.network, e.input_shape))
        for module in _frozen(layer, shape, "network", first[i])
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
