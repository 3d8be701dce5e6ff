"""What an optimizer remembers, as arrays and numbers and back, to the last bit."""

from __future__ import annotations

import torch

from dlcore.record import Arrays

Numbers = dict[str, float]


def written(optimizer: torch.optim.Optimizer) -> tuple[Arrays, Numbers]:
    """Arrays ``optimizer.i.name`` and numbers ``i.name`` for parameter i."""
    arrays: Arrays = {}
    numbers: Numbers = {}
    for i, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            if isinstance(value, torch.Tensor):
                arrays[f"optimizer.{i}.{name}"] = value.detach().numpy().copy()
            elif value is not None:
                numbers[f"{i}.{name}"] = value
    return arrays, numbers


def read(optimizer: torch.optim.Optimizer, arrays: Arrays, numbers: Numbers) -> None:
    """Give an optimizer of the same kind what :func:`written` gave."""
    state: dict[int, dict[str, object]] = {}
    for name, array in arrays.items():
        if name.startswith("optimizer."):
            _, index, key = name.split(".", 2)
            state.setdefault(int(index), {})[key] = torch.from_numpy(array.copy())
    for name, value in numbers.items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
