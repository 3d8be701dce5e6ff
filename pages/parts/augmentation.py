"""What is done to the images that are learnt from, behind one name."""

from __future__ import annotations

import streamlit as st

from dlcore.data.augment import Augmentation
from dlcore.layers import IMAGE, form
from pages.parts import forms
from pages.parts.state import Here


def augmentation_popover(here: Here) -> None:
    """The settings of the augmentation; nothing where the samples are no images."""
    e = here.experiment
    if form(e.input_shape) != IMAGE:
        return
    on = [
        (field.title or name.replace("_", " ")).lower()
        for name, field in Augmentation.settings().items()
        if getattr(e.augmentation, name)
    ]
    label = f"Augmentation: {', '.join(on[:3])}{' …' if len(on) > 3 else ''}" if on else "Augmentation"
    with st.popover(label, icon=":material/transform:", key="augmentation"):
        st.caption(Augmentation.summary())
        forms.fields(here, "augmentation")
        st.button(
            "None of it",
            key="augmentation-off",
            icon=":material/filter_none:",
            disabled=not e.augmentation.active or not here.lesson.allows_setting("augmentation"),
            on_click=lambda: here.set("augmentation", Augmentation()),
        )
