"""The engine of this server."""

from __future__ import annotations

import atexit

import streamlit as st

from dlcore.engine import LocalEngine
from dlcore.folders import data_folder
from dlcore.store import store
from dlcore.store.keeper import Keeper


@st.cache_resource(show_spinner="Starting the training engine…", on_release=LocalEngine.close)
def engine() -> LocalEngine:
    """The engine of this server, whose runs are filed into the store; it ends with the server."""
    return LocalEngine(keeper=Keeper(store(), data_folder() / "running"))


atexit.register(engine.clear)  # where no server says farewell: in tests, or where it is interrupted
