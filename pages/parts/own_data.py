"""What a person can do about the data besides choosing them: bring their own, take them along, alter them."""

from __future__ import annotations

import streamlit as st

from pages.parts.augmentation import augmentation_popover
from pages.parts.state import Here
from pages.parts.upload_images import images_button, images_dialog
from pages.parts.upload_rows import file_button, rows_button, rows_dialog


def data_acts(here: Here) -> None:
    """The buttons, in a row; where a lesson keeps the data as they are, only those that leave them be."""
    with st.container(horizontal=True, gap="small", key="own-data"):
        if here.lesson.allows("data"):
            rows_button(here)
            images_button(here)
            augmentation_popover(here)
        file_button(here)


def data_dialogs(here: Here) -> None:
    """The dialogs of the buttons, where one is open; the last thing on a page."""
    rows_dialog(here)
    images_dialog(here)
