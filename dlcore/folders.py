"""Where Glassbox keeps what is to last: uploads and saved runs."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FolderSettings(BaseSettings):
    """Read from ``GLASSBOX_…``."""

    model_config = SettingsConfigDict(env_prefix="GLASSBOX_", frozen=True)

    data_dir: str = Field(
        "",
        description="The folder; empty is glassbox in the user's data folder, else a temporary one",
    )


def data_folder(settings: FolderSettings | None = None) -> Path:
    """The folder that the settings name; else the user's data folder; else, without one, a temporary one."""
    named = (settings or FolderSettings()).data_dir
    if named:
        return Path(named).expanduser()
    home = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_DATA_HOME")
    with suppress(RuntimeError):  # there may be no home at all
        base = Path(home) if home else Path.home() / ".local" / "share"
        if os.access(next(each for each in (base, *base.parents) if each.exists()), os.W_OK):
            return base / "glassbox"
    return Path(tempfile.gettempdir()) / f"glassbox-{os.getuid() if hasattr(os, 'getuid') else 'data'}"
