"""What a script says of the data: drawing, sharing out, scaling, and the tensors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dlcore.data import Own, Task
from dlcore.data.base import Pattern
from dlcore.data.scaling import SCALES
from dlcore.data.split import CLASSED, cuts, in_time
from dlcore.experiment import Experiment
from dlcore.export.printed import NEWLINE, called, function, returned
from dlcore.losses import Target
from dlcore.objectives import Adversarial

TARGETS = {
    Target.VALUE: "torch.from_numpy(y[part]){column}",
    Target.ZERO_ONE: "torch.from_numpy(y[part]).float()[:, None]",
    Target.SIGN: "2 * torch.from_numpy(y[part]).float()[:, None] - 1",
    Target.INDEX: "torch.from_numpy(y[part])",
    Target.ONE_HOT: "nn.functional.one_hot(torch.from_numpy(y[part]), {n_classes}).float()",
}


def data(e: Experiment) -> str:
    """The lines from the draw to the tensors of each share."""
    given = _given(e)
    if isinstance(e.objective, Adversarial):
        given = _noise(e.objective, e.seeds.init)
    return NEWLINE.join(
        [
            *samples(e, "torch.from_numpy"),
            "",
            "shares = train, validation, test",
            f"x_train, x_validation, x_test = ({given} for part in shares)",
            f"y_train, y_validation, y_test = ({_target(e)})",
        ]
    )


def _given(e: Experiment) -> str:
    """The samples of a share as networks see them."""
    return "inputs(x[part])" if e.data.planar else "torch.from_numpy(x[part])"


def _noise(game: Adversarial, seed: int) -> str:
    """The noise of the fakes that judge a generator."""
    size = f"(len(part), {game.latent})"
    drawn = f"uniform(-1, 1, {size})" if game.uniform else f"normal(size={size})"
    return f"torch.from_numpy(np.random.default_rng({seed}).{drawn}.astype(np.float32))"


def samples(e: Experiment, wrap: str) -> list[str]:
    """The lines from the draw to samples on one scale, and to which are whose.

    Of points of the plane the function ``inputs`` is there, too, with ``wrap`` around what it gives.
    """
    inputs = [_inputs(e, wrap), ""] if e.data.planar else []
    return [function(type(e.data).sample), *["", ""], *inputs, *_draw(e), *_scaling(e)]


def _inputs(e: Experiment, wrap: str) -> str:
    columns = ", ".join(returned(type(each).column) for each in e.inputs)
    made = f"np.stack([{columns}], 1).astype(np.float32)"
    return f'''def inputs(points):
    """What the network is given: (N, 2) → (N, {len(e.inputs)})."""
    x1, x2 = points[:, 0], points[:, 1]
    return {f"{wrap}({made})" if wrap else made}
'''


def _draw(e: Experiment) -> list[str]:
    drawn = called("sample", f"np.random.default_rng({e.seeds.data})", **e.data.arguments())
    given = "int64" if e.data.vocabulary else "float32"
    learnt = "float32" if e.data.task is Task.REGRESSION else "int64"
    return [
        f"x, y = {drawn}",
        f"x, y = x.astype(np.{given}), y.astype(np.{learnt})",
        *_sharing(e),
    ]


def _sharing(e: Experiment) -> list[str]:
    """Which samples are whose."""
    chance = f"np.random.default_rng({e.seeds.split})"
    if e.data.ordered:
        horizon = math.prod(e.data.answer_shape)
        shares = in_time(e.data.size, e.split, horizon).values()
        ranges = ", ".join(f"np.arange({_first(each)}, {_first(each) + len(each)})" for each in shares)
        return [f"train, validation, test = {ranges}"]
    order = (
        f"np.argsort({chance}.random(len(x)))" if isinstance(e.data, Own) else f"{chance}.permutation(len(x))"
    )
    first, second = _cuts(e)
    lines = [f"order = {order}"]
    if e.split.folds > 1:
        dealt = f"[{e.split.fold % e.split.folds}::{e.split.folds}]"
        chosen = f'[np.argsort(y[kept], kind="stable"){dealt}]' if e.data.task in CLASSED else dealt
        lines += [
            f"kept = order[:{second}]",
            f"own = np.isin(kept, kept{chosen})  # the fold's own piece: last before the test",
            f"order = np.concatenate([kept[~own], kept[own], order[{second}:]])",
        ]
    return [*lines, f"train, validation, test = np.split(order, [{first}, {second}])"]


def _first(share: NDArray[np.int64]) -> int:
    return int(share[0]) if len(share) else 0


def _cuts(e: Experiment) -> tuple[int, int]:
    """Where training ends and where validation ends."""
    # patterns of equal classes may give a few points less than they are asked for
    n_points = len(e.data.draw(e.seeds.data)[0]) if isinstance(e.data, Pattern) else e.data.size
    return cuts(n_points, e.split)


def shares(e: Experiment) -> list[str]:
    """The shares that have samples."""
    if e.data.ordered:
        found = in_time(e.data.size, e.split, math.prod(e.data.answer_shape))
        return [name for name, share in found.items() if len(share)]
    first, second = _cuts(e)
    return ["train", "validation", "test"] if first < second else ["train", "test"]


def _scaling(e: Experiment) -> list[str]:
    """What is missing filled in, and one scale for all columns: by the training share alone."""
    lines = []
    if e.data.fill is not None:
        lines += ["", "", function(e.data.fill), "", ""]
        filled = f"{e.data.fill.__name__}(x[train].astype(np.float64)).astype(np.float32)"
        lines.append(f"x = np.where(np.isnan(x), {filled}, x)")
    rule = SCALES.get(getattr(e.data, "scaling", "none"))
    if e.data.scale is None or rule is None:
        return lines
    lines += ["", "", function(rule), "", ""]
    # one scale for all steps of a series, which answers with more of itself
    rows = ".reshape(-1, 1)" if e.data.ordered else ""
    for name in ("x", "y") if e.data.task is Task.REGRESSION else ("x",):
        if name == "x" or not e.data.ordered:
            lines.append(f"offset, width = {rule.__name__}({name}[train].astype(np.float64){rows})")
        lines.append(f"{name} = (({name} - offset) / width).astype(np.float32)")
    return lines


def _target(e: Experiment) -> str:
    """The lines' right-hand side: what each share is asked for."""
    if e.head().target is Target.DISTRIBUTION:
        return f"{_given(e)}.flatten(1) for part in shares"
    if e.head().target is Target.INPUT:
        return "x_part.flatten(1) for x_part in (x_train, x_validation, x_test)"
    column = "" if e.data.answer_shape else "[:, None]"
    written = TARGETS[e.head().target].format(n_classes=e.data.n_classes, column=column)
    return f"{written} for part in shares"
