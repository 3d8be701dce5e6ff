"""One slider over the moments of saved runs, whose pictures follow it in the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlcore import comparison
from dlcore.charts import thumbnails
from dlcore.charts.theme import Theme
from dlcore.comparison import By
from dlcore.record import Arrays
from dlcore.store import Moment, Runs, Saved
from pages.parts.components import component
from pages.parts.saved.desk import Desk
from pages.parts.saved.words import called, lasting
from pages.parts.state import triggered
from pages.parts.transport import thin_spaces

KEY = "saved-scrub"
SAYS = {"share": "share of the training", "epoch": "epochs", "step": "steps", "seconds": "training time"}


@dataclass(frozen=True)
class Told:
    """A saved run with its moments, oldest first, and the address of each one's picture."""

    saved: Saved
    name: str
    """What it is called beside others; "" where it is alone."""
    moments: Sequence[Moment]
    pictures: Sequence[str]
    alt: str
    sheet: bool = False
    """Whether its pictures are made of pixels that are to be seen."""

    def places(self, by: By) -> NDArray[np.float64]:
        """Where its moments lie on a ruler: (M,)."""
        arrays = {
            name: np.array([getattr(each, name) for each in self.moments], np.float64)
            for name in ("step", "epoch", "seconds")
        }
        return comparison.places(arrays, by, self.saved.step)


def told(store: Runs, saved: Saved, name: str, history: Arrays, theme: Theme) -> Told:
    """A run's moments with their pictures; where it has none, how far its loss had fallen."""
    moments, found = store.moments(saved.id), store.pictures_of(saved.id)
    drawn = [
        thumbnails.picture(found.get(each.step, {}), saved.experiment.task, theme)
        or thumbnails.sparkline(history, theme, each.epoch)
        for each in moments
    ]
    last: Mapping[str, Any] = found[moments[-1].step] if moments and moments[-1].step in found else {}
    return Told(saved, name, moments, drawn, thumbnails.alt(dict(last), called(saved)), "sample" in last)


def scrubber(desk: Desk, runs: Sequence[Told], by: By, least_px: int) -> list[Moment]:
    """Draw the slider and the pictures; the moment that each run shows where it stands, oldest run first."""
    rulers = [run.places(by) for run in runs]
    stations = comparison.stations(rulers)
    place = desk.station if 0 <= desk.station < len(stations) else len(stations) - 1
    shown = [[comparison.nearest(ruler, at) for ruler in rulers] for at in stations]
    component("scrub", isolated=False)(
        key=KEY,
        data={
            "label": f"Moment, by {SAYS[by]}",
            "least": f"{least_px}px",
            "at": place,
            "stations": [
                {"label": _said(at, by), "shown": those} for at, those in zip(stations, shown, strict=True)
            ],
            "runs": [
                {
                    "name": run.name,
                    "alt": run.alt,
                    "sheet": run.sheet,
                    "moments": [
                        {"picture": picture, "label": f"epoch {thin_spaces(each.epoch)}"}
                        for each, picture in zip(run.moments, run.pictures, strict=True)
                    ],
                }
                for run in runs
            ],
        },
        on_at_change=triggered(KEY, "at", desk.stand_at),
    )
    return [run.moments[k] for run, k in zip(runs, shown[place], strict=True)]


def _said(at: float, by: By) -> str:
    if by == "share":
        return f"{at:.0%} of the training"
    return lasting(at) if by == "seconds" else f"{by} {thin_spaces(round(at))}"
