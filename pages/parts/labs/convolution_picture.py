"""The pictures that a window may slide over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.data import prepare
from dlcore.data.images import Digits, Shapes
from dlcore.data.pictures import PicturesError, one
from dlcore.data.split import Split
from dlcore.engine import Frame, State
from dlcore.guides.convolution import ConvolutionSettings
from pages.parts.sliding import COLOURS
from pages.parts.state import Lab
from pages.parts.tiles import Sheet, picture, tiles
from pages.parts.upload import plain
from pages.parts.views import try_image

SMALL = Digits(n_images=100)
SHAPES = Shapes(n_images=100, n_shapes=5, side=16, colour=True, noise=0.0)
FEW = 4
SIDE = 40
UPLOADED = 32
"""Pixels along each side of an uploaded picture: few enough to be told apart."""
KINDS = ("digit", "small digit", "shape")
Images = NDArray[np.float32]


def digits(lab: Lab) -> list[int]:
    """The first test sample of each digit."""
    y = lab.here.points["test"].y
    return [int(np.flatnonzero(y == digit)[0]) for digit in range(10)]


def offered(lab: Lab) -> dict[str, Images]:
    """The pictures to choose from, (N, C, H, W) of each kind."""

    def drawn() -> dict[str, Images]:
        found = {"digit": lab.here.points["test"].x[digits(lab)]}
        for kind, data, y in (("small digit", SMALL, (0, 3, 5, 8)), ("shape", SHAPES, (0, 1, 2, 4))):
            part = prepare(data, Split(), 1, 1)["train"]
            found[kind] = np.stack([part.x[np.flatnonzero(part.y == each)[0]] for each in y])
        return found

    pictures: dict[str, Images] = lab.here.keep("lab-pictures", lab.here.experiment.data, drawn)
    return pictures


def chosen(lab: Lab) -> tuple[Images, str, tuple[str, ...]]:
    """The picture (C, H, W) that is looked at, what it is called, and the names of its channels."""
    settings: ConvolutionSettings = lab.settings
    if settings.picture == "drawing":
        return try_image.given(lab.here, try_image.begun(lab.here)), "Your drawing", ("",)
    if settings.picture == "upload":
        x = lab.kept.get("upload")
        return (np.zeros((3, UPLOADED, UPLOADED), np.float32) if x is None else x), "Your picture", COLOURS
    all_of_it = offered(lab)[settings.picture]
    x = all_of_it[min(settings.sample, len(all_of_it) - 1)]
    return x, "Input", COLOURS if len(x) == 3 else ("",)


def strip(lab: Lab, frame: Frame, kinds: tuple[str, ...] = KINDS, key: str = "pictures") -> None:
    """Choose a picture by its picture."""
    settings: ConvolutionSettings = lab.settings
    found = offered(lab)
    titles = {"digit": "MNIST, 28 × 28", "small digit": "8 × 8: all numbers", "shape": "Colour, 3 channels"}
    sheets = []
    for kind in kinds:
        maps, scale, palette = picture(found[kind])
        at = settings.sample if settings.picture == kind or len(kinds) == 1 else -1
        room = (SIDE + 6) * len(maps)
        sheets.append(
            Sheet(maps, scale, f"Pictures: {titles[kind]}", palette=palette, title=titles[kind], size=SIDE,
                  room=room, picks=True, chosen=min(at, len(maps) - 1))
        )  # fmt: skip

    def pick(said: Mapping[str, Any]) -> None:
        kind, at = kinds[int(said.get("sheet", 0)) % len(kinds)], int(said.get("tile", 0))
        change(lab, picture=kind, sample=at)

    tiles(lab.here, key, sheets, greyed=frame.state is State.LOST, on_pick=pick)


def change(lab: Lab, **new: Any) -> None:
    """Change several settings at once; values out of bounds are refused in words."""
    try:
        lab.change(type(lab.settings).model_validate({**lab.settings.model_dump(), **new}))
    except ValueError:
        lab.notices.append("That value is out of bounds, so the setting stays as it was.")


def own(lab: Lab) -> None:
    """Where a picture of one's own comes from: drawn, or uploaded."""
    settings: ConvolutionSettings = lab.settings
    if settings.picture == "drawing":
        try_image.sketch(lab.here, try_image.begun(lab.here), False)
    elif settings.picture == "upload":
        file = st.file_uploader("A picture, PNG or JPEG", key="lab-picture", max_upload_size=20)
        if file is not None and lab.kept.get("upload-id") != file.file_id:
            lab.kept["upload-id"] = file.file_id
            try:
                lab.kept["upload"] = one(file.getvalue(), UPLOADED, True).astype(np.float32) / 255
                lab.kept["refusal"] = ""
            except PicturesError as refusal:
                lab.kept["refusal"] = str(refusal)
        if "upload" in lab.kept:
            maps, scale, palette = picture(lab.kept["upload"][None])
            said = f"Its middle square, {UPLOADED} × {UPLOADED}"
            tiles(lab.here, "uploaded", [Sheet(maps, scale, said, palette=palette, title=said, size=128)])
        if lab.kept.get("refusal"):
            st.error(plain(lab.kept["refusal"]), icon=":material/error:")
