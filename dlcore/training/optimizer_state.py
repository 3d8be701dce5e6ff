"""What an optimizer remembers, as arrays and numbers and back, to the last bit."""

from __future__ import annotations

import math

import numpy as np
import torch

from dlcore.record import Arrays

Numbers = dict[str, float | str]
SCRATCH = frozenset({"al"})
"""What L-BFGS writes before it reads it."""
LIST = "[]"


def written(optimizer: torch.optim.Optimizer) -> tuple[Arrays, Numbers]:
    """Arrays ``optimizer.i.name`` and numbers ``i.name`` for parameter i.

    A list of n tensors becomes one array (n, …) whose name ends in ``[]``; a number that is not finite, and
    so no JSON, its name.
    """
    arrays: Arrays = {}
    numbers: Numbers = {}
    for i, state in optimizer.state_dict()["state"].items():
        for name, value in sorted(state.items()):
            if isinstance(value, torch.Tensor):
                arrays[f"optimizer.{i}.{name}"] = value.detach().numpy().copy()
            elif isinstance(value, list):
                if name not in SCRATCH:
                    rows = [row.detach().numpy() for row in value]
                    dtype = rows[0].dtype if rows else np.float32
                    arrays[f"optimizer.{i}.{name}{LIST}"] = np.array(rows, dtype)
            elif value is not None:
                numbers[f"{i}.{name}"] = value if math.isfinite(value) else str(value)
    return arrays, numbers


def read(optimizer: torch.optim.Optimizer, arrays: Arrays, numbers: Numbers) -> None:
    """Give an optimizer of the same kind what :func:`written` gave."""
    state: dict[int, dict[str, object]] = {}
    for name, array in arrays.items():
        if name.startswith("optimizer."):
            _, index, key = name.split(".", 2)
            # each in memory of torch's own: a product of numbers that lie elsewhere may differ in a bit
            value = torch.tensor(array)
            kept = [row.clone() for row in value] if key.endswith(LIST) else value
            state.setdefault(int(index), {})[key.removesuffix(LIST)] = kept
    for name, number in numbers.items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = float(number) if isinstance(number, str) else number
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
