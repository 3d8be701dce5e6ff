"""Pictures from a ZIP of folders, onto the shelf and into the experiment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from dlcore.charts import samples
from dlcore.data import OwnImages
from dlcore.data.pictures import SIDES, Archive, Developed, PicturesError, develop, look_through
from dlcore.data.shelf import ShelfError, shelf
from pages.parts import chrome
from pages.parts.state import Here, put, taken
from pages.parts.upload import plain

NAME = "upload-images"
COLOURS = {False: "grey", True: "colour"}
KEPT = "Your current data stay."
CELL, PREVIEWED, MOST_ROWS = 34, 16, 6


@dataclass
class Draft:
    """An archive that is being looked at, before anything is changed."""

    file_id: str
    archive: Archive | None = None
    refusal: str = ""
    side: int = 32
    colour: bool = True


def images_button(here: Here) -> None:
    """Open the dialog."""
    hint = "Learn from pictures of your own: a ZIP with a folder for each class"
    chrome.opens(here, NAME, "Upload pictures", "upload-images-open", "add_photo_alternate", hint)


def images_dialog(here: Here) -> None:
    """Show the dialog where it is open."""
    if here.dialog == NAME:
        shown = st.dialog(
            "Pictures of your own",
            width="large",
            icon=":material/add_photo_alternate:",
            on_dismiss=here.close_dialog,
        )
        shown(_content)(here)


def _content(here: Here) -> None:
    st.caption(
        "A ZIP with a folder for each class, PNG or JPEG, up to 50 MB and 10,000 pictures.  Each is cut to "
        "its middle square.  They are kept on this server, under a name that only your link knows."
    )
    file = st.file_uploader("ZIP file", key="upload-images-file", max_upload_size=50)
    if file is None:
        here.draft = None
        return
    if here.draft is None or here.draft.file_id != file.file_id:
        here.draft = _opened(file.file_id, file.getvalue())
    draft: Draft = here.draft
    if draft.archive is None:
        _refuse(draft.refusal)
        return
    _size(draft)
    try:
        made: Developed = here.keep(
            "projected", (draft.file_id, draft.side, draft.colour), lambda: _developed(draft, draft.archive)
        )
    except PicturesError as refusal:
        _refuse(str(refusal))
        return
    _result(here, made)


def _opened(file_id: str, data: bytes) -> Draft:
    try:
        return Draft(file_id, look_through(data))
    except PicturesError as refusal:
        return Draft(file_id, refusal=str(refusal))


def _refuse(sentence: str) -> None:
    st.error(f"{plain(sentence)}  {KEPT}", icon=":material/error:")


def _size(draft: Draft) -> None:
    left, right = st.columns([3, 2])
    put("upload-images-side", draft.side)
    left.segmented_control(
        "Pixels along each side",
        SIDES,
        key="upload-images-side",
        required=True,
        help="More pixels show more and learn more slowly",
        on_change=taken("upload-images-side", lambda side: setattr(draft, "side", side)),
    )
    put("upload-images-colour", draft.colour)
    right.segmented_control(
        "As",
        list(COLOURS),
        format_func=COLOURS.__getitem__,
        key="upload-images-colour",
        required=True,
        on_change=taken("upload-images-colour", lambda colour: setattr(draft, "colour", colour)),
    )


def _developed(draft: Draft, archive: Archive | None) -> Developed:
    assert archive is not None, "there is nothing to develop"
    said = "Reading the pictures…"
    bar = st.progress(0.0, said)
    try:
        return develop(archive, draft.side, draft.colour, lambda done: bar.progress(done, said))
    finally:
        bar.empty()


def _result(here: Here, made: Developed) -> None:
    x, y, names = made.arrays["x"], made.arrays["y"], made.about["classes"]
    counts = np.bincount(y, minlength=len(names))
    said = ", ".join(f"{name} {n:,}" for name, n in zip(names, counts, strict=True))
    rows = [(x[y == k][:PREVIEWED] / 255).astype(np.float32) for k in range(min(len(names), MOST_ROWS))]
    picture = samples.sheet(rows, CELL)
    st.html(
        f'<img alt="The first pictures of each class, a row for each" src="{samples.address(picture)}" '
        f'width="{picture.shape[1]}" style="max-width:100%">'
    )
    st.caption(f"{len(x):,} pictures in {len(names)} classes: {plain(said)}.")
    if made.notes:
        st.caption(plain("  ".join(made.notes)))
    if st.button("Use these pictures", key="upload-images-use", type="primary", icon=":material/check:"):
        try:
            name = shelf().put(made.arrays, made.about, here.owner)
        except ShelfError as refusal:
            _refuse(str(refusal))
            return
        here.set("data", OwnImages(upload=name))
        here.close_dialog()
        st.rerun()
