"""What a script says of the training: the judgement, the loop, one update, the stop."""

from __future__ import annotations

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.export.printed import NEWLINE, arguments, function, indented
from dlcore.export.script_data import shares
from dlcore.export.script_network import weighted
from dlcore.limits import n_judged
from dlcore.schedules import Constant, Plateau
from dlcore.spec import Call

SCORES = {
    Task.BINARY: "((z[:, 0] > 0) == right).sum().item() / len(right)",
    Task.CLASSES: "(z.argmax(1) == right).sum().item() / len(right)",
    Task.TOKENS: "(z.argmax(-1) == right)[right >= 0].float().mean().item()",
}


def watches(e: Experiment) -> bool:
    """Whether the ends of epochs have to be judged, to know whether the run is over."""
    return e.stop.measure != "no target" or e.stop.patience > 0


def calls(e: Experiment) -> list[Call]:
    """What the training uses of ours."""
    return [Call("dlcore.updates.count_anew")] if e.regularisation.average != "none" else []


def judgement(e: Experiment) -> str:
    """The function that gives the losses and scores of each share, as the session computes them."""
    n = n_judged(e.multiply_adds())
    first = "" if n >= e.data.size else f"[:{n}]"
    judged = shares(e)
    averaged = e.regularisation.average != "none"
    net = "judged_network" if averaged else "network"
    taking = [f"{net} = shown()"] * averaged
    name = "R²" if e.data.task is Task.REGRESSION else "accuracy"
    if e.data.task is Task.REGRESSION:
        score = [
            "left = (right - z.reshape(right.shape)).square().sum().item()",
            "return 1 - left / (right - right.mean()).square().sum().item()",
        ]
    else:
        score = [f"return {SCORES[e.data.task]}"]
    return f'''
x_all = torch.cat([{", ".join(f"x_{share}{first}" for share in judged)}])
y_all = [{", ".join(f"y_{share}{first}" for share in judged)}]
truth = [torch.from_numpy(y[part{first}]) for part in ({", ".join(judged)})]


def score(z, right):
    """The {name} of outputs z."""
{indented(score, 1)}
{_average(e, first) if averaged else ""}

def judged():
    """The losses and the scores on {_listed(judged)}, as the network stands."""
{indented([*taking, f"{net}.eval()"], 1)}
    with torch.inference_mode():
        outputs = {net}(x_all).split([len(part) for part in y_all])
        losses = [criterion(z, part).item() for z, part in zip(outputs, y_all)]
        scores = [score(z, right) for z, right in zip(outputs, truth)]
    {net}.train()
    return losses, scores'''


def _average(e: Experiment, first: str) -> str:
    """The averaged weights, and the network with them in place."""
    how = e.regularisation
    ema = f"get_ema_multi_avg_fn({how.memory!r})"
    rule = f"torch.optim.swa_utils.{ema if how.average == 'EMA' else 'get_swa_multi_avg_fn()'}"
    return f'''

mean = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn={rule})


def shown():
    """The network with the averaged weights; until there are some, as it is."""
    if mean.n_averaged == 0:
        return network
    count_anew(mean.module, x_train{first})
    return mean.module
'''


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def training(e: Experiment, epochs: int, every: int) -> str:
    """The lines from the seed of the batches to the end, with a line printed ``every`` epochs."""
    pull = e.regularisation
    before = [f"torch.manual_seed({e.seeds.batches})"]
    if pull.l1 or pull.l2:
        before[:0] = [
            f"weighted = [module for module in network.modules() if isinstance(module, {weighted(e)})]",
            "weights = [module.weight for module in weighted if module.weight.requires_grad]",
        ]
    if e.stop.patience:
        before.insert(0, 'best, best_epoch = float("inf"), 0')
    scheduled = not isinstance(e.schedule, Constant | Plateau)
    if isinstance(e.schedule, Plateau):
        before[:0] = [function(Plateau.after), "", "", 'least, waited, now = float("inf"), 0, 1.0']
    if scheduled:
        before.insert(0, function(type(e.schedule).factor) + NEWLINE * 2)
    judging = ["    losses, scores = judged()"]
    watching = watches(e) or e.schedule.watches
    averaged = pull.average != "none"
    size = e.batch_size
    return NEWLINE.join(
        [
            *before,
            f"for epoch in range({epochs}):",
            f"    order = np.random.default_rng(({e.seeds.batches}, epoch)).permutation(len(x_train))",
            *(["    seen = 0"] if scheduled else []),
            f"    for x_batch, y_batch in zip(x_train[order].split({size}), y_train[order].split({size})):",
            indented(_step(e), 2),
            *([indented(_mean_of_epochs(e), 1)] if pull.average == "SWA" else []),
            *(judging if watching else []),
            f"    if (epoch + 1) % {every} == 0:",
            *([] if watching else [indented(judging, 1)]),
            indented(_report(e), 2),
            *([indented(_stop(e), 1)] if watches(e) else []),
            *([indented(_cut(e), 1)] if e.schedule.watches else []),
            *(["network.load_state_dict(shown().state_dict())"] if averaged else []),
        ]
    )


def _step(e: Experiment) -> list[str]:
    """The lines of one update."""
    pull = e.regularisation
    step = "optimizer.step(closure)" if e.optimizer.searches else "optimizer.step()"
    lines = ["loss = criterion(network(x_batch), y_batch)"]
    if pull.how == "penalty" and (pull.l1 or pull.l2):
        lines.append("for weight in weights:")
        lines += [f"    loss = loss + {pull.l1!r} * weight.abs().sum()"] * (pull.l1 > 0)
        lines += [f"    loss = loss + {pull.l2!r} / 2 * weight.square().sum()"] * (pull.l2 > 0)
    if e.optimizer.searches:
        looked = ["optimizer.zero_grad()", *lines, "loss.backward()", "return loss"]
        lines = ["def closure():", indented(looked, 1), ""]
    else:
        lines += ["optimizer.zero_grad()", "loss.backward()"]
    if isinstance(e.schedule, Plateau):
        lines.append(f'optimizer.param_groups[0]["lr"] = {e.optimizer.learning_rate!r} * now')
    elif not isinstance(e.schedule, Constant):
        settings = arguments(e.schedule.arguments())
        lines.append(f"now = factor(epoch + seen / len(x_train), {settings})")
        lines.append(f'optimizer.param_groups[0]["lr"] = {e.optimizer.learning_rate!r} * now')
        lines.append("seen += len(x_batch)")
    if pull.max_norm:
        lines.append(f"nn.utils.clip_grad_norm_(network.parameters(), {pull.max_norm!r})")
    if pull.how == "decoupled decay" and (pull.l1 or pull.l2):
        lines += [
            'rate = optimizer.param_groups[0]["lr"]',
            "with torch.no_grad():",
            "    for weight in weights:",
        ]
        lines += [f"        weight.mul_(1 - rate * {pull.l2!r})", step]
        lines += ["with torch.no_grad():", "    for weight in weights:"]
        lines.append(f"        weight.copy_(nn.functional.softshrink(weight, rate * {pull.l1!r}))")
    else:
        lines.append(step)
    lines += ["hold()"] * bool(e.held)
    lines += ["mean.update_parameters(network)"] * (pull.average == "EMA")
    return lines


def _mean_of_epochs(e: Experiment) -> list[str]:
    """The lines after an epoch that take its weights into the mean."""
    return [f"if epoch + 1 >= {e.regularisation.average_from}:", "    mean.update_parameters(network)"]


def _cut(e: Experiment) -> list[str]:
    """The lines after an epoch that cut the learning rate where the loss stays where it is."""
    place = shares(e).index("validation") if "validation" in shares(e) else 0
    settings = arguments(e.schedule.arguments())
    return [f"least, waited, now = after(losses[{place}], least, waited, now, {settings})"]


def _report(e: Experiment) -> list[str]:
    """The lines that print how good the network is."""
    name = "R²" if e.data.task is Task.REGRESSION else "accuracy"
    return [
        'print(f"epoch {epoch + 1}  train loss {losses[0]:.6f}  test loss {losses[-1]:.6f}  "',
        f'      f"{name} {{scores[-1]:.3f}}")',
    ]


def _stop(e: Experiment) -> list[str]:
    """The lines after an epoch that end the run where its stop says so."""
    stop = e.stop
    averaged = e.regularisation.average != "none"
    shown = "shown()" if averaged else "network"
    lines = []
    if stop.measure != "no target":
        share, _, kind = stop.measure.partition(" ")
        sign, measured = (">=", "scores") if kind == "score" else ("<=", "losses")
        place = shares(e).index(share)
        lines += [f"if {measured}[{place}] {sign} {stop.target!r}:", "    break"]
    if stop.patience:
        lines += [
            "if losses[1] < best:",
            "    best, best_epoch = losses[1], epoch + 1",
            f"    kept = {{name: value.clone() for name, value in {shown}.state_dict().items()}}",
            f"if epoch + 1 - best_epoch >= {stop.patience}:",
        ]
        if stop.restore_best:
            lines.append("    network.load_state_dict(kept)")
            lines += ["    mean.n_averaged.zero_()"] * averaged
        lines.append("    break")
    return lines
