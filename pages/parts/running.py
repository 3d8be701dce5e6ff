"""The engine of this server, and whether what it trains is saved."""

from __future__ import annotations

import atexit

import streamlit as st

from dlcore.engine import Frame, LocalEngine
from dlcore.folders import data_folder
from dlcore.store import store
from dlcore.store.keeper import Keeper


@st.cache_resource(show_spinner="Starting the training engine…", on_release=LocalEngine.close)
def engine() -> LocalEngine:
    """The engine of this server, whose runs are filed into the store; it ends with the server."""
    return LocalEngine(keeper=Keeper(store(), data_folder() / "running"))


atexit.register(engine.clear)  # where no server says farewell: in tests, or where it is interrupted


def unsaved(frame: Frame) -> str:
    """Why what a run comes to is not saved just now, in a sentence; "" while it is."""
    keeper = engine().keeper
    if keeper and frame.saved_as in keeper.elsewhere:
        return "This run goes on in a tab of another server; what is learnt here is not saved."
    return frame.unsaved or (keeper.trouble if keeper else "")
