"""Where runs are saved and how much of them is kept."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StoreSettings(BaseSettings):
    """Read from ``GLASSBOX_…`` (``GLASSBOX_KEEP_DAYS=30``)."""

    model_config = SettingsConfigDict(env_prefix="GLASSBOX_", frozen=True)

    database_url: str = Field(
        "",
        description="The database of saved runs, as postgresql+psycopg://USER:PASSWORD@HOST/NAME; empty is "
        "glassbox.db in the data folder",
    )
    keep_checkpoints: int = Field(16, ge=2, description="Checkpoints kept of one run; the older, the sparser")
    keep_run_mb: int = Field(48, ge=1, description="MB that the checkpoints of one run may take")
    keep_runs: int = Field(2000, ge=1, description="Saved runs of one visitor; the oldest untagged go first")
    keep_visitor_mb: int = Field(1000, ge=1, description="MB of one visitor's saved runs; likewise")
    keep_days: int = Field(365, ge=1, description="Days that a saved run is kept after it was saved last")
    keep_deleted_hours: float = Field(1.0, gt=0, description="Hours in which deleting can be undone")
