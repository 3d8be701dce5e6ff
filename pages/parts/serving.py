"""What the server does besides serving pages: the sweeps in its background, and how it ends."""

from __future__ import annotations

import atexit
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from dlcore.engine.sweeps import Sweeps
from dlcore.store import store
from pages.parts.running import engine


@st.cache_resource(show_spinner="Starting the training engine…", on_release=Sweeps.close)
def sweeps() -> Sweeps:
    """The sweeps of this server; they stop before its engine does."""
    return Sweeps(engine(), store())


atexit.register(sweeps.clear)  # after the engine's, so that it comes before it


@asynccontextmanager
async def until_stopped(app: st.App) -> AsyncIterator[None]:
    """What the server does besides serving: when it is told to stop, its runs are saved and end first."""
    yield
    sweeps.clear()
    engine.clear()
