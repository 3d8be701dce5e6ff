"""How much one visitor, and one server, may ask for.  Each limit is set by an environment variable."""

from __future__ import annotations

from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MOST_PRODUCTS = 60_000_000
"""Products that an evaluation may add up on each share: a large network is judged by fewer samples."""
FEWEST = 200


def n_judged(products: int) -> int:
    """By how many samples of each share a network is judged that adds up so many products for one."""
    return max(FEWEST, MOST_PRODUCTS // products)


class Limits(BaseSettings):
    """Bounds on experiments and runs, read from ``GLASSBOX_…`` (``GLASSBOX_MAX_UNITS=64``)."""

    model_config = SettingsConfigDict(env_prefix="GLASSBOX_", frozen=True)

    max_layers: int = Field(64, ge=1, description="Layers of a network, those inside of others included")
    max_units: int = Field(256, ge=1, description="Units of one layer")
    max_points: int = Field(5000, ge=20, description="Points of a data set")
    max_parameters: int = Field(500_000, ge=10, description="Weights and biases of a network")
    max_numbers: int = Field(500_000, ge=1000, description="Numbers that the layers make of one sample")
    max_runs_per_visitor: int = Field(12, ge=1, description="Runs one browser may hold at once")
    max_runs: int = Field(200, ge=1, description="Runs the server holds at once")


@cache
def limits() -> Limits:
    """The limits of this process, read once."""
    return Limits()
