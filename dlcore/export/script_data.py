"""What a script says of the data: drawing, sharing out, scaling, and the tensors."""

from __future__ import annotations

from dlcore.data import Own, Task
from dlcore.data.base import Pattern
from dlcore.data.split import cuts
from dlcore.experiment import Experiment
from dlcore.export.printed import NEWLINE, arguments, function, returned
from dlcore.losses import Target

TARGETS = {
    Target.VALUE: "torch.from_numpy(y[part]){column}",
    Target.ZERO_ONE: "torch.from_numpy(y[part]).float()[:, None]",
    Target.SIGN: "2 * torch.from_numpy(y[part]).float()[:, None] - 1",
    Target.INDEX: "torch.from_numpy(y[part])",
    Target.ONE_HOT: "nn.functional.one_hot(torch.from_numpy(y[part]), {n_classes}).float()",
}


def data(e: Experiment) -> str:
    """The lines from the draw to the tensors of each share."""
    inputs = [_inputs(e), ""] if e.data.planar else []
    given = "inputs(x[part])" if e.data.planar else "torch.from_numpy(x[part])"
    return NEWLINE.join(
        [
            function(type(e.data).sample),
            *["", ""],
            *inputs,
            *_draw(e),
            *_scaling(e),
            "",
            "shares = train, validation, test",
            f"x_train, x_validation, x_test = ({given} for part in shares)",
            f"y_train, y_validation, y_test = ({_target(e)} for part in shares)",
        ]
    )


def _inputs(e: Experiment) -> str:
    columns = ", ".join(returned(type(each).column) for each in e.inputs)
    return f'''def inputs(points):
    """What the network is given: (N, 2) → (N, {len(e.inputs)})."""
    x1, x2 = points[:, 0], points[:, 1]
    return torch.from_numpy(np.stack([{columns}], 1).astype(np.float32))
'''


def _draw(e: Experiment) -> list[str]:
    chance = f"np.random.default_rng({e.seeds.split})"
    order = (
        f"np.argsort({chance}.random(len(x)))" if isinstance(e.data, Own) else f"{chance}.permutation(len(x))"
    )
    first, second = places(e)
    settings = arguments(e.data.arguments())
    drawn = f"np.random.default_rng({e.seeds.data})" + (f", {settings}" if settings else "")
    given = "int64" if e.data.vocabulary else "float32"
    learnt = "float32" if e.data.task is Task.REGRESSION else "int64"
    return [
        f"x, y = sample({drawn})",
        f"x, y = x.astype(np.{given}), y.astype(np.{learnt})",
        f"order = {order}",
        f"train, validation, test = np.split(order, [{first}, {second}])",
    ]


def places(e: Experiment) -> tuple[int, int]:
    """Where training ends and where validation ends."""
    # patterns of equal classes may give a few points less than they are asked for
    n_points = len(e.data.draw(e.seeds.data)[0]) if isinstance(e.data, Pattern) else e.data.size
    return cuts(n_points, e.split)


def _scaling(e: Experiment) -> list[str]:
    """One scale for all columns, by the training share alone."""
    scale = e.data.scale
    if scale is None:
        return []
    lines = ["", "", function(scale), "", ""]
    for name in ("x", "y") if e.data.task is Task.REGRESSION else ("x",):
        lines += [
            f"offset, width = {scale.__name__}({name}[train].astype(np.float64))",
            f"{name} = (({name} - offset) / width).astype(np.float32)",
        ]
    return lines


def _target(e: Experiment) -> str:
    column = "" if e.data.answer_shape else "[:, None]"
    return TARGETS[e.head().target].format(n_classes=e.data.n_classes, column=column)
