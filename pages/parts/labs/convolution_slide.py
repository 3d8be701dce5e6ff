"""A window that slides over a picture: every number under it, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.engine import Frame, State
from dlcore.guides.convolution import LARGEST_OF, LEARNT, MEAN_OF, OWN, ConvolutionSettings
from dlcore.sliding import KERNELS, LARGEST, SAYS, known, resized
from pages.parts import forms
from pages.parts.labs.convolution_learn import filters
from pages.parts.labs.convolution_picture import change, chosen, own, strip
from pages.parts.sliding import Slid, sliding
from pages.parts.state import Lab
from pages.parts.tiles import Sheet, tiles

POOLS = (LARGEST_OF, MEAN_OF)
NAMES = (*KERNELS, *POOLS)
POOLED = {
    LARGEST_OF: "The largest number under the window: what was found stays, its exact place is forgotten.",
    MEAN_OF: "The mean of the numbers under the window: the picture gets smaller, and softer.",
}
TILE = 34
Kernel = NDArray[np.float32]


def watched(lab: Lab) -> tuple[str, ...]:
    """The network's own first windows, which may be slid, too."""
    return (filters(lab),)


def controls(lab: Lab) -> None:
    """How the window moves."""
    for name in ("stride", "padding", "dilation"):
        forms.setting(lab, name)


def show(lab: Lab, frame: Frame) -> None:
    """Pictures and kernels to choose from, and the window at work."""
    settings: ConvolutionSettings = lab.settings
    _sources(lab, frame)
    _kernels(lab, frame)
    image, name, channels = chosen(lab)
    kernel, bias = weighing(settings, len(image), frame.probe(filters(lab)))
    window = settings.window(kernel.shape[1])
    pools, learnt = settings.kernel in POOLS, settings.kernel == LEARNT
    problem = window.problem(*image.shape[1:])
    mine = settings.picture in ("drawing", "upload")
    left, right = st.columns([5, 19], gap="small") if mine else (None, st.container())
    if left:
        with left:
            own(lab)
    with right:
        if problem:
            st.error(problem, icon=":material/error:")
            return
        slid = Slid(
            image, window, None if pools else kernel, 0.0 if pools else bias, name, "Output",
            f"{settings.picture} {settings.sample}", channels, editable=not (pools or learnt),
            sized=not learnt, taken=lab.kept.get("typed", 0),
        )  # fmt: skip
        sliding(
            slid, lab.here.theme, "sliding", greyed=frame.state is State.LOST,
            on_kernel=lambda said: typed(lab, said),
            on_size=lambda said: resize(lab, said, kernel),
        )  # fmt: skip
        st.caption(sentence(settings, window.size, image.shape[1:]))


def weighing(settings: ConvolutionSettings, channels: int, found: Mapping[str, Any]) -> tuple[Kernel, float]:
    """The kernel (C, k, k) and the bias that the settings mean; ``found`` is what the network has learnt."""
    if settings.kernel == LEARNT and "kernel" in found:
        grey = found["kernel"][:1]
        return np.repeat(grey / np.float32(channels), channels, 0), float(found["bias"][0])
    if settings.kernel in POOLS:
        return np.zeros((channels, settings.size, settings.size), np.float32), 0.0
    if settings.kernel == OWN and settings.weights:
        return fitting(settings.weights, settings.size, channels), settings.bias
    name = settings.kernel if settings.kernel in KERNELS else "identity"
    return known(name, channels, settings.size if name == "box blur" else 3), settings.bias


def fitting(weights: tuple[float, ...], size: int, channels: int) -> Kernel:
    """Weights of one's own for so many channels (C, k, k): one kernel is shared out, three are added up."""
    n = size * size
    if len(weights) not in (n, 3 * n):
        return known("identity", channels, 3)
    kernel = np.array(weights, np.float32).reshape(-1, size, size)
    if len(kernel) == channels:
        return kernel
    shared: Kernel = np.repeat(kernel.sum(0, keepdims=True) / np.float32(channels), channels, 0)
    return shared


def typed(lab: Lab, said: Mapping[str, Any]) -> None:
    """Take over a kernel as it was typed; what cannot be read is left alone."""
    try:
        weights = tuple(round(float(each), 4) for each in list(said["weights"])[: 3 * LARGEST**2])
        size, bias, number = int(said["size"]), round(float(said["bias"]), 4), float(said["number"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return
    if lab.kept.get("typed", 0) < number < 2**53 and len(weights) in (size * size, 3 * size * size):
        lab.kept["typed"] = number
        change(lab, kernel=OWN, weights=weights, bias=bias, size=size)


def resize(lab: Lab, said: Mapping[str, Any], kernel: Kernel) -> None:
    """Give the window another size; a named kernel that has no other becomes one's own."""
    try:
        size = int(said["size"])
    except (KeyError, TypeError, ValueError, OverflowError):
        return
    if not 1 <= size <= LARGEST:
        return
    if lab.settings.kernel in (*POOLS, "box blur"):
        change(lab, size=size)
    else:
        weights = tuple(float(each) for each in resized(kernel, size).ravel())
        change(lab, size=size, kernel=OWN, weights=weights)


def _sources(lab: Lab, frame: Frame) -> None:
    """The pictures, and beside them the ways to one of one's own."""
    with st.container(key="convolution-pictures", horizontal=True, vertical_alignment="bottom"):
        strip(lab, frame)
        for kind, label, icon in (("drawing", "Draw", "draw"), ("upload", "Upload", "add_photo_alternate")):
            st.button(
                label, key=f"lab-{kind}", icon=f":material/{icon}:", on_click=_take_own, args=(lab, kind),
                type="primary" if lab.settings.picture == kind else "secondary",
            )  # fmt: skip


def _take_own(lab: Lab, kind: str) -> None:
    change(lab, picture=kind)


def _kernels(lab: Lab, frame: Frame) -> None:
    """The kernels by their pictures: those with a name, and those that the network has learnt so far."""
    settings: ConvolutionSettings = lab.settings
    shown = [*(KERNELS[name] for name in KERNELS), _pool(2.0), _pool(1.0)]
    most = np.array([np.abs(each).max() for each in shown], np.float32)
    maps = np.stack([np.round(each / top * 127) for each, top in zip(shown, most, strict=True)])
    sheets = [
        Sheet(
            maps.astype(np.int8), most, "Kernels by name", title="Known kernels and pooling", size=TILE,
            wide=58, room=64 * len(NAMES), picks=True, names=NAMES,
            hints=[SAYS.get(name) or POOLED[name] for name in NAMES],
            chosen=NAMES.index(settings.kernel) if settings.kernel in NAMES else -1,
        )
    ]  # fmt: skip
    found = frame.probe(filters(lab))
    if "filters" in found:
        windows = found["filters"][:, 0]
        sheets.append(
            Sheet(
                windows, found["filter_scale"], "The network's own windows", size=TILE,
                title="Learnt by the network so far", picks=True, room=40 * len(windows) + 8,
                names=[str(k) for k in range(len(windows))],
                chosen=min(settings.channel, len(windows) - 1) if settings.kernel == LEARNT else -1,
            )
        )  # fmt: skip

    def pick(said: Mapping[str, Any]) -> None:
        sheet, tile = int(said.get("sheet", 0)), int(said.get("tile", 0))
        if sheet == 1:
            change(lab, kernel=LEARNT, channel=tile)
        elif NAMES[tile % len(NAMES)] in POOLS:
            change(lab, kernel=NAMES[tile % len(NAMES)], size=2, stride=2, padding=0, dilation=1, bias=0.0)
        else:
            was_pool = settings.kernel in POOLS
            change(
                lab, kernel=NAMES[tile % len(NAMES)], size=3, bias=0.0, **({"stride": 1} if was_pool else {})
            )

    tiles(lab.here, "kernels", sheets, greyed=frame.state is State.LOST, on_pick=pick)


def _pool(top: float) -> Kernel:
    """A stand-in for pooling among the kernels: all alike, or one that stands out."""
    made = np.ones((3, 3), np.float32)
    made[0, 2] = top
    return made


def sentence(settings: ConvolutionSettings, size: int, sides: tuple[int, ...]) -> str:
    """What the kernel does, and how large the output becomes."""
    if settings.kernel == LEARNT:
        said = f"Window {settings.channel} of the network's first layer, as it is by now."
    elif settings.kernel == OWN:
        said = "A kernel of your own."
    else:
        said = SAYS.get(settings.kernel) or POOLED[settings.kernel]
    p, d, s = settings.padding, settings.dilation, settings.stride
    places = settings.window(size).places(sides[0])
    return (
        f"{said}  Output: ⌊({sides[0]} + 2·{p} − {d}·({size} − 1) − 1) / {s}⌋ + 1 = {places} places a side."
    )
