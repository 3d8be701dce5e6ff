"""What a script says of the training: the judgement, the loop, one update, the stop."""

from __future__ import annotations

from dlcore.data import Task
from dlcore.data.augment import augment
from dlcore.experiment import Experiment
from dlcore.export.printed import NEWLINE, arguments, called, function, indented
from dlcore.export.script_data import shares
from dlcore.export.script_network import pulled, recounts
from dlcore.limits import n_judged
from dlcore.losses import Target
from dlcore.objectives.base import PLAIN
from dlcore.schedules import Constant, Plateau

SCORES = {
    Task.BINARY: "((z[:, 0] > 0) == right).sum().item() / len(right)",
    Task.CLASSES: "(z.argmax(1) == right).sum().item() / len(right)",
    Task.TOKENS: "(z.argmax(-1) == right)[right >= 0].float().mean().item()",
}


def watches(e: Experiment) -> bool:
    """Whether the ends of epochs have to be judged: for the stop, or for the schedule."""
    return stops(e) or e.schedule.watches


def stops(e: Experiment) -> bool:
    """Whether how good the network is decides when the run is over."""
    return e.stop.measure != "no target" or e.stop.patience > 0


def judgement(e: Experiment) -> str:
    """The function that gives the losses and scores of each share, as the session computes them."""
    n = n_judged(e.multiply_adds())
    first = "" if n >= e.data.size else f"[:{n}]"
    judged = shares(e)
    name = "R²" if e.task is Task.REGRESSION else "accuracy"
    stands = "with the averaged weights" if e.regularisation.average != "none" else "as the network stands"
    itself = e.head().target in (Target.INPUT, Target.DISTRIBUTION)
    if e.head().target is Target.DISTRIBUTION:
        name, score = "share covered", ["return criterion.covered(z, right)"]
    elif itself:
        score = [
            "left = (right - z).square().sum().item()",
            "return 1 - left / (right - right.mean(0)).square().sum().item()",
        ]
    elif e.task is Task.REGRESSION:
        score = [
            "left = (right - z.reshape(right.shape)).square().sum().item()",
            "return 1 - left / (right - right.mean()).square().sum().item()",
        ]
    else:
        score = [f"return {SCORES[e.task]}"]
    drawn = f"[torch.from_numpy(y[part{first}]) for part in ({', '.join(judged)})]"
    truth = f"truth = {'y_all' if itself else drawn}"
    return f'''
x_all = torch.cat([{", ".join(f"x_{share}{first}" for share in judged)}])
y_all = [{", ".join(f"y_{share}{first}" for share in judged)}]
{truth}


def score(z, right):
    """The {name} of outputs z."""
{indented(score, 1)}


def judged():
    """The losses and the scores on {_listed(judged)}, {stands}."""
{indented(_looking(e, first), 1)}
    return losses, scores'''


def _looking(e: Experiment, first: str) -> list[str]:
    """The lines that look at the network: at its averaged weights, where it has some."""
    model, before = "network", []
    if e.regularisation.average != "none":
        model, before = "model", ["model = averaged.module if averaged.n_averaged else network"]
    if recounts(e):
        before += ["if averaged.n_averaged:", f"    count_anew(model, x_train{first})"]
    losses = ["    losses = [criterion(z, part).item() for z, part in zip(outputs, y_all)]"]
    if e.objective.inside:
        losses = [
            "    parts = zip(x_all.split([len(part) for part in y_all]), y_all)",
            f"    losses = [{_loss(e, model, 'x_part', 'y_part')}.item() for x_part, y_part in parts]",
        ]
    return [
        *before,
        f"{model}.eval()",
        "with torch.inference_mode():",
        f"    outputs = {model}(x_all).split([len(part) for part in y_all])",
        *losses,
        "    scores = [score(z, right) for z, right in zip(outputs, truth)]",
        f"{model}.train()",
    ]


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def training(e: Experiment, epochs: int, every: int) -> str:
    """The lines from the seed of the batches to the end, with a line printed ``every`` epochs."""
    scheduled = not isinstance(e.schedule, Constant)
    counted = (scheduled and not e.schedule.watches) or e.augmentation.active
    judging = ["    losses, scores = judged()"]
    watching = watches(e)
    size = e.batch_size
    pull = e.regularisation
    averaging = [f"    if epoch + 1 >= {pull.average_from}:", "        averaged.update_parameters(network)"]
    return NEWLINE.join(
        [
            *_before(e),
            f"for epoch in range({epochs}):",
            f"    order = np.random.default_rng(({e.seeds.batches}, epoch)).permutation(len(x_train))",
            *(["    seen = 0"] if counted else []),
            f"    for x_batch, y_batch in zip(x_train[order].split({size}), y_train[order].split({size})):",
            indented([*_augmented(e), *_step(e), *(["seen += len(x_batch)"] if counted else [])], 2),
            *(averaging if pull.average == "SWA" else []),
            *(judging if watching else []),
            f"    if (epoch + 1) % {every} == 0:",
            *([] if watching else [indented(judging, 1)]),
            indented(_report(e), 2),
            *([indented(_stop(e), 1)] if stops(e) else []),
            *([indented(_cut(e), 1)] if e.schedule.watches else []),
            *_taken_along(e),
        ]
    )


def _taken_along(e: Experiment) -> list[str]:
    """The lines at the end that leave the averaged weights in the network, where it has some."""
    if e.regularisation.average == "none":
        return []
    n = n_judged(e.multiply_adds())
    first = "" if n >= e.data.size else f"[:{n}]"
    counting = [f"    count_anew(averaged.module, x_train{first})"] if recounts(e) else []
    taking = "    network.load_state_dict(averaged.module.state_dict())"
    return ["if averaged.n_averaged:", *counting, taking]


def _before(e: Experiment) -> list[str]:
    """What the loop needs to have before it."""
    pull = e.regularisation
    functions = []
    if isinstance(e.schedule, Plateau):
        functions.append(function(Plateau.after))
    elif not isinstance(e.schedule, Constant):
        functions.append(function(type(e.schedule).factor))
    if e.augmentation.active:
        functions.append(function(augment))
    lines = [f"{each}{NEWLINE * 2}" for each in functions]
    if e.schedule.watches:
        lines.append('best_loss, waited, now = float("inf"), 0, 1.0')
    if e.stop.patience:
        lines.append('best, best_epoch = float("inf"), 0')
    if pull.l1 or pull.l2:
        lines += pulled(e)
    return [*lines, f"torch.manual_seed({e.seeds.batches})"]


def _augmented(e: Experiment) -> list[str]:
    """The lines that make other images of those of the batch."""
    if not e.augmentation.active:
        return []
    lines = []
    if e.augmentation.mix_up and e.head().target is Target.INDEX:
        lines.append(f"y_batch = nn.functional.one_hot(y_batch, {e.data.n_classes}).float()")
    chance = f"np.random.default_rng(({e.seeds.batches}, epoch, seen, 1))"
    made = called("augment", chance, "x_batch.numpy()", "y_batch.numpy()", **e.augmentation.arguments())
    return [
        *lines,
        *f"images, answers = {made}".splitlines(),
        "x_batch, y_batch = torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(answers)",
    ]


def _loss(e: Experiment, model: str, x: str, y: str) -> str:
    """The loss of a batch as the objective has it."""
    if e.objective.step() == PLAIN:
        return f"criterion({model}({x}), {y})"
    return e.objective.step().source(model, "criterion", x, y)


def _step(e: Experiment) -> list[str]:
    """The lines of one update."""
    pull = e.regularisation
    decays = pull.how == "decoupled decay"
    looked = [f"loss = {_loss(e, 'network', 'x_batch', 'y_batch')}"]
    if not decays and (pull.l1 or pull.l2):
        looked.append("for weight in weights:")
        looked += [f"    loss = loss + {pull.l1!r} * weight.abs().sum()"] * (pull.l1 > 0)
        looked += [f"    loss = loss + {pull.l2!r} / 2 * weight.square().sum()"] * (pull.l2 > 0)
    learning = ["criterion.learn(network, x_batch, y_batch)"] * e.objective.learns
    lines, step = [*learning, *looked, "optimizer.zero_grad()", "loss.backward()"], "optimizer.step()"
    if e.optimizer.searches:
        inside = ["optimizer.zero_grad()", *looked, "loss.backward()", "return loss.item()"]
        lines, step = [*learning, "", "def look():", indented(inside, 1), ""], "optimizer.step(look)"
    lines += _rate(e)
    if pull.max_norm:
        lines.append(f"nn.utils.clip_grad_norm_(network.parameters(), {pull.max_norm!r})")
    if decays and (pull.l1 or pull.l2):
        lines.append('rate = optimizer.param_groups[0]["lr"]')
    if decays and pull.l2:
        lines += ["with torch.no_grad():", "    for weight in weights:"]
        lines.append(f"        weight.mul_(1 - rate * {pull.l2!r})")
    lines.append(step)
    if decays and pull.l1:
        lines += ["with torch.no_grad():", "    for weight in weights:"]
        lines.append(f"        weight.copy_(nn.functional.softshrink(weight, rate * {pull.l1!r}))")
    lines += ["hold()"] * bool(e.held)
    lines += ["averaged.update_parameters(network)"] * (pull.average == "EMA")
    return lines


def _rate(e: Experiment) -> list[str]:
    """The learning rate of a step, where a schedule sets it."""
    if isinstance(e.schedule, Constant):
        return []
    factor = f"now = factor(epoch + seen / len(x_train), {arguments(e.schedule.arguments())})"
    rate = f'optimizer.param_groups[0]["lr"] = {e.optimizer.learning_rate!r} * now'
    return [rate] if e.schedule.watches else [factor, rate]


def _cut(e: Experiment) -> list[str]:
    """The line after an epoch in which a schedule looks at how the run goes."""
    place = 1 if "validation" in shares(e) else 0
    first = ("best_loss", "waited", "now")
    made = called("after", f"losses[{place}]", *first, **e.schedule.arguments())
    return f"best_loss, waited, now = {made}".splitlines()


def _report(e: Experiment) -> list[str]:
    """The lines that print how good the network is."""
    name = "R²" if e.task is Task.REGRESSION else "accuracy"
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
        chosen = "averaged.module if averaged.n_averaged else network"
        judged = "network" if e.regularisation.average == "none" else f"({chosen})"
        lines += [
            "if losses[1] < best:",
            "    best, best_epoch = losses[1], epoch + 1",
            f"    state = {judged}.state_dict()",
            "    kept = {name: tensor.clone() for name, tensor in state.items()}",
            f"if epoch + 1 - best_epoch >= {stop.patience}:",
        ]
        if stop.restore_best:
            lines.append("    network.load_state_dict(kept)")
            lines += ["    averaged.n_averaged.zero_()"] * (e.regularisation.average != "none")
        lines.append("    break")
    return lines
