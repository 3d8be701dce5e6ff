"""The trained numbers, for other programs, and back from them.  Nothing that is read can be executed."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore.link import loads
from dlcore.record import Arrays, Record

ROOM = 1_000_000
"""Bytes that a file may have besides its numbers."""
DTYPES = {"F32": "float32", "I64": "int64", "U8": "uint8", "F64": "float64", "I32": "int32", "I8": "int8"}
AFRESH = {"latest": None, "best": None, "best_epoch": 0, "back": False}
"""What early stopping knows before its first epoch."""


class WeightsError(ValueError):
    """Refuse a file of weights, in one sentence."""


def as_json(weights: Record) -> str:
    """Write the weights of a run as JSON, module by module, the output layer last.

    A ``weight`` is (units, inputs), a ``bias`` (units,): what ``torch.nn.Linear`` holds; other modules have
    what the ``state_dict`` calls theirs.
    """
    facts = weights.facts
    layers: dict[str, dict[str, Any]] = {}
    for name, array in weights.arrays.items():
        module, _, what = name.rpartition(".")
        layers.setdefault(module, {})[what] = array.tolist()
    experiment = loads(facts["experiment"]).model_dump(mode="json")
    about = {"experiment": experiment, "epoch": facts["epoch"], "step": facts["step"]}
    return json.dumps({**about, "modules": list(layers), "layers": list(layers.values())})


def as_safetensors(weights: Record) -> bytes:
    """Write the weights of a run as safetensors: what ``load_state_dict`` of the exported script takes."""
    from safetensors.numpy import save

    facts = weights.facts
    arrays = {name: array.copy() for name, array in weights.arrays.items()}
    about = {name: facts[name] for name in ("epoch", "step", "experiment")}
    # one entry: safetensors writes several in an order that changes from time to time
    return save(arrays, {"glassbox": json.dumps(about)})


def _named(checkpoint: Record) -> dict[str, str]:
    """What the ``state_dict`` calls each of the network's arrays → its name in a checkpoint."""
    names = checkpoint.facts["names"]
    return {
        name: f"{kind}.{i}"
        for kind, found in (("parameter", names["parameters"]), ("buffer", names["buffers"]))
        for i, name in enumerate(found)
        if name
    }


def with_safetensors(checkpoint: Record, data: bytes) -> Record:
    """The checkpoint with the weights of a safetensors file in it, to go on from.

    The optimizer and the averages forget what they knew of the weights before.  Raises ``WeightsError``
    where the names, the shapes or the numbers are not those of this network.
    """
    ours = _named(checkpoint)
    fitting = _fitting(data, {name: checkpoint.arrays[ours[name]] for name in ours})
    stale = ("optimizer.", "best.")
    kept = {name: array for name, array in checkpoint.arrays.items() if not name.startswith(stale)}
    facts = checkpoint.facts
    marks = [*facts["marks"], [facts["epoch"], "weights from a file"]]
    return Record(
        {**facts, "failure": "", "optimizer": {}, "averaged": 0, "stops": AFRESH, "marks": marks},
        {**kept, **{ours[name]: array for name, array in fitting.items()}},
    )


def _fitting(data: bytes, wanted: Arrays) -> Arrays:
    """Read the arrays of a file that must have those names, shapes and kinds of numbers."""
    from safetensors import SafetensorError, deserialize

    most = sum(array.nbytes for array in wanted.values()) + ROOM
    if len(data) > most:
        raise WeightsError(
            f"The file has {len(data):,} bytes, and the weights of this network have {most - ROOM:,}."
        )
    try:
        found = dict(deserialize(data))
    except SafetensorError as error:
        raise WeightsError("This is no safetensors file, or it is cut short.") from error
    missing = [name for name in wanted if name not in found]
    if missing:
        raise WeightsError(f"The file has no {missing[0]}{_more(missing)}: it is of another network.")
    further = [name for name in found if name not in wanted]
    if further:
        raise WeightsError(
            f"The file holds {further[0][:60]!r}{_more(further)}, which this network has not: "
            "it is of another network."
        )
    return {name: _array(name, found[name], like) for name, like in wanted.items()}


def _array(name: str, tensor: dict[str, Any], like: NDArray[Any]) -> NDArray[Any]:
    dtype, shape = DTYPES.get(tensor["dtype"], tensor["dtype"]), tuple(tensor["shape"])
    if shape != like.shape:
        raise WeightsError(f"{name} is {_shown(shape)} in the file and {_shown(like.shape)} in this network.")
    if dtype != str(like.dtype):
        raise WeightsError(f"{name} is of {dtype} in the file and of {like.dtype} in this network.")
    array = np.frombuffer(tensor["data"], like.dtype).reshape(shape)
    if not np.isfinite(array).all():
        raise WeightsError(f"{name} has numbers in the file that are not finite.")
    return array


def _shown(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "one number"


def _more(names: list[str]) -> str:
    return f" and {len(names) - 1} more" if len(names) > 1 else ""
