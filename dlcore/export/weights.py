"""The trained numbers, for other programs."""

from __future__ import annotations

import json

from dlcore.link import loads
from dlcore.record import Record


def as_json(checkpoint: Record) -> str:
    """Write a checkpoint's weights and biases as JSON, layer by layer, the output layer last.

    A ``weight`` is (units, inputs), a ``bias`` (units,): what ``torch.nn.Linear`` holds.
    """
    facts, arrays = checkpoint.facts, checkpoint.arrays
    n_layers = sum(name.startswith("parameter.") for name in arrays) // 2
    layers = [
        {
            "weight": arrays[f"parameter.{2 * i}"].tolist(),
            "bias": arrays[f"parameter.{2 * i + 1}"].tolist(),
        }
        for i in range(n_layers)
    ]
    experiment = loads(facts["experiment"]).model_dump(mode="json")
    return json.dumps(
        {"experiment": experiment, "epoch": facts["epoch"], "step": facts["step"], "layers": layers}
    )
