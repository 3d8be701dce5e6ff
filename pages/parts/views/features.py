"""What a layer makes of one sample, and which samples move a channel most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.layers import IMAGE, SEQUENCE
from dlcore.record import Arrays
from pages.parts.state import Here
from pages.parts.tiles import Sheet, tiles
from pages.parts.views import choose, samples
from pages.parts.views.view import View

FEW = 16
"""Channels that are drawn large."""
AREA = 0.12
"""How much of a picture's side is framed around the place that moves a channel most."""


def _applies(experiment: Experiment) -> bool:
    return not experiment.data.planar


def _features(here: Here) -> str:
    inside, layer = here.inside, choose.layer_of(here, choose.layers(here.experiment))
    return f"features?layer={layer}&sample={choose.sample_of(here)}&channel={inside.channel}"


def _strongest(here: Here) -> str:
    return f"strongest?layer={choose.layer_of(here, choose.layers(here.experiment))}"


def _watched(here: Here) -> tuple[str, ...]:
    return _features(here), _strongest(here)


def _controls(here: Here) -> None:
    with choose.row():
        choose.layer(here, choose.layers(here.experiment))
        choose.sample(here)
        choose.whether(here, "common", "One scale for all", "Colours can then be compared between channels")


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe(_features(here))
    if "maps" not in record:
        choose.empty(choose.WAITING)
        return
    names = choose.layers(here.experiment)
    name = names[choose.layer_of(here, names)]
    at, n_maps = choose.sample_of(here), len(record["maps"])
    channel = min(here.inside.channel, n_maps - 1)
    choose.said(_sentence(name, record, n_maps))
    sheets = [_sample(here, at), _maps(here, record, name, channel)]
    if "kernel" in record and len(record["kernel"]) == len(record["inputs"]):
        sheets += _opened(record, channel)
    found = frame.probe(_strongest(here))
    if samples.is_image(here) and channel < len(found.get("sample", ())):
        sheets.append(strong(here, found, choose.layer_of(here, choose.layers(here.experiment)), channel))

    def pick(said: Mapping[str, Any]) -> None:
        if said.get("sheet") == 1:
            choose.look_at(here, channel=max(0, int(said.get("tile", 0))))

    tiles(here, "features", sheets, greyed=frame.state is State.LOST, on_pick=pick)


def _sentence(name: str, record: Arrays, n_maps: int) -> str:
    shape = [int(n) for n in record["shape"]]
    if len(shape) == IMAGE:
        more = f" (the first {n_maps} of {shape[0]})" if n_maps < shape[0] else ""
        beside = "; beside each, the windows it looks through" if "filters" in record else ""
        return f"What each channel{more} of layer {name} answers at every place of the picture{beside}."
    if len(shape) == SEQUENCE:
        return f"What layer {name} answers at each step: steps from left to right, features downwards."
    return f"The numbers that layer {name} makes of the sample, in rows of 16."


def _sample(here: Here, at: int) -> Sheet:
    said = f"Test sample {at}: {samples.truth(here, at)}"
    if samples.is_image(here):
        return samples.images(here, [at], said, title=said, size=112, room=150)
    words = samples.in_words(here, at)
    return samples.numbers(here, at, said, title=f"{said}  ({words})", size=240, room=260)


def _maps(here: Here, record: Arrays, name: str, channel: int) -> Sheet:
    maps = record["maps"]
    of_image = len(record["shape"]) == IMAGE
    negative = bool(((maps < 0) & (maps > -128)).any())
    within = [f"channel {k}, up to {scale:.3g}" for k, scale in enumerate(record["scale"])]
    return Sheet(
        maps, record["scale"], f"Maps of layer {name}",
        palette="sign" if negative else "magnitude",
        title=f"Layer {name}" + (", blue above 0, orange below" if negative else ", dark is 0"),
        size=(92 if len(maps) <= FEW else 68) if of_image else 520, beside=180 if of_image else 290,
        names=[str(k) for k in range(len(maps))] if of_image else [],
        hints=within if of_image else [""],
        common=here.inside.common, picks=of_image, chosen=channel, kernels=record.get("filters"),
    )  # fmt: skip


def _opened(record: Arrays, channel: int) -> list[Sheet]:
    """What the chosen channel is made of: the maps it is laid on, and its windows."""
    bias = f"{float(record['bias'][0]):.3g}".replace("-", "−")
    kernel = record["kernel"]
    most = np.abs(kernel).max(initial=1e-12)
    weights = np.round(kernel / most * 127).astype(np.int8)
    room, names = max(150, 40 + 72 * min(6, len(kernel))), [str(k) for k in range(len(kernel))]
    return [
        Sheet(
            record["inputs"], record["input_scale"], f"Inputs of channel {channel} with its windows",
            palette="sign" if (record["inputs"] < 0).any() else "magnitude",
            title=f"Channel {channel}: each input", room=room,
            size=60, names=names, hints=[f"input {k}" for k in names],
        ),
        Sheet(
            weights, np.full(len(kernel), most, np.float32), f"Windows of channel {channel}",
            title=f"… summed through its window, up to ±{most:.3g}; bias {bias}",
            size=60, room=max(room, 330), common=True, names=names,
            hints=[f"window on input {k}" for k in names],
        ),
    ]  # fmt: skip


def strong(here: Here, found: Arrays, layer: int, channel: int) -> Sheet:
    """The samples that move a channel of a layer most, with the place where they do."""
    at, places = found["sample"][channel], found["place"][channel]
    marks = [[max(0.0, p - AREA) for p in place] + [min(1.0, p + AREA) for p in place]
             for place in places.astype(float).tolist()]  # fmt: skip
    flat = len(here.experiment.shapes()[layer + 1]) < IMAGE
    return samples.images(
        here, at, f"Test samples that move channel {channel} most",
        title=f"The test samples that move channel {channel} most"
        + ("" if flat else ", framed where they do") + ", strongest first",
        size=72, names=[f"{v:.3g}".replace("-", "−") for v in found["value"][channel]],
        hints=[f"sample {k}: {samples.truth(here, int(k))}" for k in at], marks=[] if flat else marks,
    )  # fmt: skip


FEATURES = View("Feature maps", ":material/grid_view:", _applies, _watched, _show, _controls)
