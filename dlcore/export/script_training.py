"""What a script says of the training: the judgement, the loop, one update, the stop."""

from __future__ import annotations

from dlcore.data import Task
from dlcore.experiment import Experiment
from dlcore.export.printed import NEWLINE, arguments, function, indented
from dlcore.export.script_data import shares
from dlcore.export.script_network import weighted
from dlcore.limits import n_judged
from dlcore.schedules import Constant

SCORES = {
    Task.BINARY: "((z[:, 0] > 0) == right).sum().item() / len(right)",
    Task.CLASSES: "(z.argmax(1) == right).sum().item() / len(right)",
    Task.TOKENS: "(z.argmax(-1) == right)[right >= 0].float().mean().item()",
}


def watches(e: Experiment) -> bool:
    """Whether the ends of epochs have to be judged, to know whether the run is over."""
    return e.stop.measure != "no target" or e.stop.patience > 0


def judgement(e: Experiment) -> str:
    """The function that gives the losses and scores of each share, as the session computes them."""
    n = n_judged(e.multiply_adds())
    first = "" if n >= e.data.size else f"[:{n}]"
    judged = shares(e)
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


def judged():
    """The losses and the scores on {_listed(judged)}, as the network stands."""
    network.eval()
    with torch.inference_mode():
        outputs = network(x_all).split([len(part) for part in y_all])
        losses = [criterion(z, part).item() for z, part in zip(outputs, y_all)]
        scores = [score(z, right) for z, right in zip(outputs, truth)]
    network.train()
    return losses, scores'''


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
    scheduled = not isinstance(e.schedule, Constant)
    if scheduled:
        before.insert(0, function(type(e.schedule).factor) + NEWLINE * 2)
    judging = ["    losses, scores = judged()"]
    watching = watches(e)
    size = e.batch_size
    return NEWLINE.join(
        [
            *before,
            f"for epoch in range({epochs}):",
            f"    order = np.random.default_rng(({e.seeds.batches}, epoch)).permutation(len(x_train))",
            *(["    seen = 0"] if scheduled else []),
            f"    for x_batch, y_batch in zip(x_train[order].split({size}), y_train[order].split({size})):",
            indented(_step(e), 2),
            *(judging if watching else []),
            f"    if (epoch + 1) % {every} == 0:",
            *([] if watching else [indented(judging, 1)]),
            indented(_report(e), 2),
            *([indented(_stop(e), 1)] if watching else []),
        ]
    )


def _step(e: Experiment) -> list[str]:
    """The lines of one update."""
    pull = e.regularisation
    lines = ["loss = criterion(network(x_batch), y_batch)"]
    if pull.how == "penalty" and (pull.l1 or pull.l2):
        lines.append("for weight in weights:")
        lines += [f"    loss = loss + {pull.l1!r} * weight.abs().sum()"] * (pull.l1 > 0)
        lines += [f"    loss = loss + {pull.l2!r} / 2 * weight.square().sum()"] * (pull.l2 > 0)
    lines += ["optimizer.zero_grad()", "loss.backward()"]
    if not isinstance(e.schedule, Constant):
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
        'print(f"epoch {epoch + 1}  train loss {losses[0]:.6f}  test loss {losses[-1]:.6f}  "',
        f'      f"{name} {{scores[-1]:.3f}}")',
    ]


def _stop(e: Experiment) -> list[str]:
    """The lines after an epoch that end the run where its stop says so."""
    stop = e.stop
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
