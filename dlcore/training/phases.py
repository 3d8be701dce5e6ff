"""The step to come, phase by phase: forward, loss, backward, update."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from dlcore.record import Arrays, Record
from dlcore.training.look import looking
from dlcore.training.loop import epoch_order
from dlcore.training.session import Session


def phases(session: Session, point: int | None = None) -> Record:
    """Compute what the next step will do, on a copy of the session: the session itself is left alone.

    One training point is traced: ``point``, by its place among them, or the first of the batch.  Arrays,
    float32, for layer i (counted as in the experiment, the output layer last): ``i.value`` (units,), what the
    layer makes of that point, and ``i.value_grad`` (units,), the gradient of the batch's loss in it; and
    where it has weights, ``i.weight`` and ``i.weight_after`` (units, inputs), ``i.weight_grad`` as the
    optimizer gets it, and the same three of ``i.bias`` (units,); gradients are 0 where a layer is frozen.
    ``input`` (F,) is that point.  A point outside the batch is answered as a test point would be, dropout
    silencing none, and the gradients are those in the values of the batch's first point.

    Facts: ``epoch``, ``step``, ``n_batch``, ``point``, its ``row`` in the batch or −1, ``n_points`` to choose
    from, its ``truth``, ``loss`` of the batch before and ``loss_after`` on the same batch after the step,
    ``learning_rate``; empty where the run has stopped.
    """
    if session.stopped:
        return Record({})
    copy = Session.restored(session.checkpoint())
    network, train = copy.network, copy.tensors["train"]
    e = copy.experiment
    order = epoch_order(e.seeds.batches, copy.epoch, len(train.x))[copy.seen :][: e.batch_size]
    batch = order.tolist()
    traced = point if point is not None and 0 <= point < len(train.x) else batch[0]
    row = batch.index(traced) if traced in batch else -1
    arrays: Arrays = {"input": train.x[traced].numpy().copy()}
    linears = network.linears()
    for layer, linear in linears:
        arrays[f"{layer}.weight"] = linear.weight.detach().numpy().copy()
        arrays[f"{layer}.bias"] = linear.bias.detach().numpy().copy()
    with looking(network.module):
        answered = network.layer_outputs(train.x[traced : traced + 1])
    back_row = max(row, 0)
    hooks = []
    for layer, end in enumerate(network.ends):

        def keep(module: object, inputs: object, output: torch.Tensor, name: str = f"{layer}.value") -> None:
            if name in arrays:
                return  # the loop looks at the points again after the step
            arrays[name] = output[back_row].detach().numpy().copy()
            arrays[f"{name}_grad"] = np.zeros_like(arrays[name])
            # behind a frozen layer nothing asks for a gradient, and the value has one all the same
            output.requires_grad_()
            output.register_hook(lambda back: _copy(back[back_row], arrays[f"{name}_grad"]))  # type: ignore[no-untyped-call]  # torch ships it without annotations

        hooks.append(network.module[end - 1].register_forward_hook(keep))
    copy.advance(1)
    for hook in hooks:
        hook.remove()
    if row < 0:
        arrays |= {f"{layer}.value": value[0].numpy().copy() for layer, value in enumerate(answered)}
    for layer, linear in linears:
        for name in ("weight", "bias"):
            parameter = getattr(linear, name)
            frozen = parameter.grad is None
            arrays[f"{layer}.{name}_grad"] = (
                np.zeros_like(arrays[f"{layer}.{name}"]) if frozen else parameter.grad.numpy().copy()
            )
            arrays[f"{layer}.{name}_after"] = parameter.detach().numpy().copy()
    network.module.eval()
    with torch.inference_mode():
        after = copy.criterion(network.module(train.x[order]), train.y[order]).item()
    facts = {
        "epoch": session.epoch,
        "step": session.step + 1,
        "n_batch": len(order),
        "point": traced,
        "row": row,
        "n_points": len(train.x),
        "truth": float(train.truth[traced]),
        "loss": _number(copy.batch_loss),
        "loss_after": _number(after),
        "learning_rate": float(copy.optimizer.param_groups[0]["lr"]),
    }
    return Record(facts, arrays)


def _number(value: float) -> float | None:
    return value if torch.isfinite(torch.tensor(value)) else None


def _copy(values: torch.Tensor, into: NDArray[np.float32]) -> None:
    into[:] = values.detach().numpy()
