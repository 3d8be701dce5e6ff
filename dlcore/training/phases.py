"""The step to come, phase by phase: forward, loss, backward, update."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from dlcore.record import Arrays, Record
from dlcore.training.loop import epoch_order
from dlcore.training.session import Session


def phases(session: Session) -> Record:
    """Compute what the next step will do, on a copy of the session: the session itself is left alone.

    Arrays, float32, for layer i (counted as in the experiment, the output layer last): ``i.value`` (units,),
    what the layer makes of the first point of the batch, and ``i.value_grad`` (units,), the gradient of the
    batch's loss in it; and where it has weights, ``i.weight`` and ``i.weight_after`` (units, inputs),
    ``i.weight_grad`` as the optimizer gets it, and the same three of ``i.bias`` (units,); gradients are 0
    where a layer is frozen.  ``input`` (F,) is that point.  Facts: ``epoch``, ``step``, ``n_batch``,
    ``truth``, ``loss`` of the batch before and ``loss_after`` on the same batch after the step,
    ``learning_rate``; empty where the run has stopped.
    """
    if session.stopped:
        return Record({})
    copy = Session.restored(session.checkpoint())
    network, train = copy.network, copy.tensors["train"]
    e = copy.experiment
    order = epoch_order(e.seeds.batches, copy.epoch, len(train.x))[copy.seen :][: e.batch_size]
    arrays: Arrays = {"input": train.x[order[0]].numpy().copy()}
    linears = network.linears()
    for layer, linear in linears:
        arrays[f"{layer}.weight"] = linear.weight.detach().numpy().copy()
        arrays[f"{layer}.bias"] = linear.bias.detach().numpy().copy()
    hooks = []
    for layer, end in enumerate(network.ends):

        def keep(module: object, inputs: object, output: torch.Tensor, name: str = f"{layer}.value") -> None:
            if name in arrays:
                return  # the loop looks at the points again after the step
            arrays[name] = output[0].detach().numpy().copy()
            arrays[f"{name}_grad"] = np.zeros_like(arrays[name])
            # behind a frozen layer nothing asks for a gradient, and the value has one all the same
            output.requires_grad_()
            output.register_hook(lambda back: _copy(back[0], arrays[f"{name}_grad"]))  # type: ignore[no-untyped-call]  # torch ships it without annotations

        hooks.append(network.module[end - 1].register_forward_hook(keep))
    copy.advance(1)
    for hook in hooks:
        hook.remove()
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
        "truth": float(train.truth[order[0]]),
        "loss": _number(copy.batch_loss),
        "loss_after": _number(after),
        "learning_rate": float(copy.optimizer.param_groups[0]["lr"]),
    }
    return Record(facts, arrays)


def _number(value: float) -> float | None:
    return value if torch.isfinite(torch.tensor(value)) else None


def _copy(values: torch.Tensor, into: NDArray[np.float32]) -> None:
    into[:] = values.detach().numpy()
