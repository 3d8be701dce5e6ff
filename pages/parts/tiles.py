"""Pictures side by side: the maps of a layer, the heads of an attention, a gallery of samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dlcore.record import Arrays, Record
from pages.parts.components import component
from pages.parts.state import Here, triggered


@dataclass(frozen=True)
class Sheet:
    """Some pictures of one size.

    ``maps`` (N, H, W) int8, −128 where there is no number, or with the palette ``colour`` (N, H, W, 3) uint8;
    ``scale`` (N,) is what 127 stands for; ``kernels`` (N, J, h, w) int8 are drawn beside them.
    """

    maps: NDArray[Any]
    scale: NDArray[np.float32]
    alt: str
    palette: Literal["sign", "magnitude", "ink", "colour"] = "sign"
    title: str = ""
    size: int = 92
    """The longer side of a tile in px."""
    tall: float = 1.0
    """How high a cell is where its width is 1."""
    room: int = 0
    """The width of the whole sheet in px, where others stand beside it; 0 is what is left of the line."""
    beside: int = -1
    """How many px of the line those beside it need, where no others may come; −1 lets any stand there."""
    wide: int = 24
    """The least room of one tile from left to right, in px: names may need more than pictures."""
    names: Sequence[str] = ()
    hints: Sequence[str] = ()
    """What the pointer is told about a tile; its name where there is none."""
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    joined: str = ", "
    """What stands between the names of a row and a column."""
    wrong: Sequence[bool] = ()
    """Tiles whose name is written as strongly as that of the chosen one."""
    marks: Sequence[Sequence[float] | None] = ()
    """A part of each tile that is framed: top, left, bottom, right as shares of its sides."""
    common: bool = False
    """Whether all tiles share one scale of colours."""
    picks: bool = False
    chosen: int = 0
    kernels: NDArray[np.int8] | None = None

    def facts(self) -> dict[str, Any]:
        """Everything but the arrays."""
        left = {"maps", "scale", "kernels"}
        lists = ("names", "hints", "rows", "columns", "wrong", "marks")
        told = {name: value for name, value in vars(self).items() if name not in left}
        return told | {name: list(told[name]) for name in lists}


def tiles(
    here: Here,
    key: str,
    sheets: Sequence[Sheet],
    *,
    greyed: bool = False,
    on_pick: Callable[[Mapping[str, Any]], None] = lambda said: None,
) -> None:
    """Draw sheets below each other on nodes that stay; a click on a tile of one that ``picks`` is told."""
    arrays: Arrays = {}
    for k, sheet in enumerate(sheets):
        arrays[f"{k}.maps"], arrays[f"{k}.scale"] = sheet.maps, sheet.scale
        if sheet.kernels is not None:
            arrays[f"{k}.kernels"] = sheet.kernels
    facts = {
        "sheets": [sheet.facts() for sheet in sheets],
        "theme": here.theme.tokens(),
        "greyed": greyed,
    }
    component("tiles", isolated=False)(
        key=f"tiles_{key}",
        data=Record(facts, arrays).to_bytes(),
        on_pick_change=triggered(f"tiles_{key}", "pick", on_pick),
    )


def picture(x: NDArray[np.float32]) -> tuple[NDArray[Any], NDArray[np.float32], str]:
    """Images as tiles: (N, C, H, W) → maps, scale and palette; three channels are red, green and blue.

    Numbers between 0 and 1 are brightness; others are brought there, lest a standardised image be black.
    """
    low, high = (float(x.min()), float(x.max())) if x.size else (0.0, 1.0)
    if low < 0 or high > 1:
        x = (x - low) / max(high - low, 1e-12)
    if x.shape[1] == 3:
        return (x.transpose(0, 2, 3, 1) * 255).astype(np.uint8), np.ones(len(x), np.float32), "colour"
    return (x[:, 0] * 127).round().astype(np.int8), np.ones(len(x), np.float32), "ink"
