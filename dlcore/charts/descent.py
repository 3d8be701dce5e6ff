"""Descents: paths over a surface from above and in space, their losses, and the sharpness on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from dlcore.charts.theme import MARKERS, OKABE_ITO, Theme, layout, mixed

Floats = NDArray[np.floating]
CIVIDIS = (
    *("#00224e", "#123570", "#3b496c", "#575d6d", "#707173"),
    *("#8a8779", "#a69d75", "#c4b56c", "#e4cf5b", "#fee838"),
)
MAP_STRENGTH = 0.42
"""How much colour the surface takes: the rest is left to the paths on it."""
LEVELS = 14
ORDER = (5, 4, 3, 2, 1, 0)
DASHES = ("solid", "dash", "dot")
FEW = 60
"""So many places of a path are marked one by one."""
FEWEST_STEPS = 10
APART = 20
"""How many times as large one of two numbers is when they share a logarithmic axis."""
LOWEST, HIGHEST = 1e-9, 1e12
"""Heights that are drawn; what is beyond is off the chart."""
MOST_SOLID = 30
"""Points of a surface in space, in each direction, about: without a graphics card each costs the browser."""
DRAWN = 300
"""Places of a path that are drawn; more would be finer than the screen."""


@dataclass(frozen=True)
class Ground:
    """Heights (side, side) over a part of the plane, y rising with the rows; not finite where unknown."""

    heights: NDArray[np.float32]
    x: tuple[float, float]
    y: tuple[float, float]
    names: tuple[str, str] = ("x", "y")
    height: str = "height"

    def drawn(self) -> NDArray[np.float32]:
        """Heights as they are drawn: evenly where the surface is low, ever flatter where it towers."""
        return _squeezed(self.heights, self.heights)

    def at(self, heights: Floats) -> NDArray[np.float32]:
        """Other heights on the same scale, a little above the surface so that it does not hide them."""
        drawn = self.drawn()
        room = float(np.nanmax(drawn) - np.nanmin(drawn)) if np.isfinite(drawn).any() else 1.0
        lifted = _squeezed(np.asarray(heights, np.float32), self.heights) + 0.015 * room
        return np.asarray(np.minimum(lifted, np.nanmax(drawn)), np.float32)


@dataclass(frozen=True)
class Path:
    """Where one rule has been: ``places`` (n, 2) and its losses (n,)."""

    name: str
    number: int
    """Its place among all rules: which colour it has."""
    places: Floats
    losses: Floats


@dataclass(frozen=True)
class Arrow:
    """An arrow over the surface, in the plane's own units."""

    name: str
    start: tuple[float, float]
    end: tuple[float, float]
    colour: str


@dataclass(frozen=True)
class Sharpness:
    """The largest eigenvalue of the Hessian at some steps, and the learning rate."""

    steps: Sequence[int]
    values: Sequence[float]
    rate: float


def colour(number: int, theme: Theme) -> str:
    """The colour of a rule: the same in every picture."""
    return mixed(OKABE_ITO[ORDER[number % len(ORDER)]], theme.text, 0.82)


def plane(ground: Ground, paths: Sequence[Path], arrows: Sequence[Arrow], theme: Theme) -> go.Figure:
    """Draw the surface from above with the paths on it."""
    traces = [_map(ground, theme), _lines(ground, theme)]
    for path in paths:
        traces += _walked(path, theme)
    made = go.Figure(traces, _flat(ground.x, ground.y, ground.names, theme))
    made.layout.annotations = [_arrow(each) for each in arrows]
    return made


def solid(ground: Ground, paths: Sequence[Path], theme: Theme) -> go.Figure:
    """Draw the surface in space with the paths on it; it can be turned, and stays as it was turned."""
    x, y = _centres(ground)
    drawn = ground.drawn()
    thin = max(1, len(drawn) // MOST_SOLID)
    x, y, drawn = x[::thin], y[::thin], drawn[::thin, ::thin]
    surface = go.Surface(
        x=x, y=y, z=drawn, colorscale=_scale(theme, 0.75), showscale=False, hoverinfo="skip", opacity=0.95,
        contours={"z": {"show": True, "color": mixed(theme.text, theme.ground, 0.35), "width": 1,
                        **_levels(drawn)}},
    )  # fmt: skip
    traces: list[go.Surface | go.Scatter3d] = [surface]
    for path in paths:
        kept = _thinned(len(path.places))
        inside = _inside(path.places[kept], ground)
        at = path.places[kept][inside].astype(np.float32)
        if not len(at):
            continue
        high = ground.at(path.losses[kept][inside])
        shade = colour(path.number, theme)
        traces.append(
            go.Scatter3d(
                x=at[:, 0], y=at[:, 1], z=high, mode="lines", line={"width": 5, "color": shade},
                name=path.name, showlegend=False, hoverinfo="name",
            )
        )  # fmt: skip
        traces.append(
            go.Scatter3d(
                x=at[-1:, 0], y=at[-1:, 1], z=high[-1:], mode="markers",
                marker={"size": 4.5, "color": shade, "line": {"width": 1, "color": theme.outline}},
                name=path.name, showlegend=False, hoverinfo="name",
            )
        )  # fmt: skip
    return go.Figure(traces, _scene(ground.names, ground.height, theme))


def losses(paths: Sequence[Path], floor: float | None, theme: Theme, n_steps: int, title: str) -> go.Figure:
    """Draw each rule's losses by step on a logarithmic axis: above ``floor``, where there is one."""
    traces = []
    for path in paths:
        kept = _thinned(len(path.losses))
        with np.errstate(invalid="ignore"):
            above = path.losses[kept] - (floor or 0.0)
            above = np.where(np.isfinite(above) & (above < HIGHEST), np.maximum(above, LOWEST), np.nan)
        traces.append(
            go.Scatter(
                x=kept.astype(np.int32),
                y=above.astype(np.float32),
                mode="lines" if len(kept) > 1 else "markers",
                name=path.name,
                showlegend=False,
                line={
                    "color": colour(path.number, theme),
                    "width": 2,
                    "dash": DASHES[path.number // len(ORDER)],
                },
                marker={"color": colour(path.number, theme), "size": 6},
                hovertemplate=f"{path.name}<br>step %{{x}}: %{{y:.3g}}<extra></extra>",
            )
        )
    made = go.Figure(traces, _curves(title, theme))
    made.layout.xaxis.range = [0, max(n_steps, FEWEST_STEPS)]
    return made


def sharpness(record: Sharpness, name: str, theme: Theme, *, edge: bool) -> go.Figure:
    """Draw the largest eigenvalue along a path; beside it the ``edge`` 2/η, where the rule has one: above it,
    steps grow."""
    values = np.asarray(record.values, np.float32)
    last = max([FEWEST_STEPS, *record.steps])
    traces = [
        go.Scatter(
            x=list(record.steps),
            y=np.where(values > 0, values, np.nan),
            mode="lines+markers",
            name=f"λ of {name}",
            line={"color": theme.positive, "width": 2},
            marker={"size": 6},
            hovertemplate="step %{x}: λ = %{y:.3g}<extra></extra>",
        )
    ]
    if edge:
        bearable = 2 / record.rate
        traces.append(
            go.Scatter(
                x=[0, last],
                y=[bearable, bearable],
                mode="lines",
                name="2/η",
                line={"color": theme.negative, "width": 2, "dash": "dash"},
                hovertemplate="2/η = %{y:.3g}<extra></extra>",
            )
        )
    made = go.Figure(traces, _curves("sharpness λ", theme))
    made.layout.showlegend = True
    made.layout.xaxis.range = [0, last]
    far = edge and len(values) and not 1 / APART < float(values.max()) * record.rate / 2 < APART
    made.layout.yaxis.update({"type": "log"} if far else {"type": "linear", "rangemode": "tozero"})
    return made


def plane_alt(what: str, names: Sequence[str]) -> str:
    """What the picture from above shows, for those who cannot see it."""
    return f"{what} from above, with the paths of {', '.join(names)} from their common start"


def solid_alt(what: str) -> str:
    """What the picture in space shows."""
    return f"{what} in three dimensions, with the same paths"


LOSSES_ALT = "How high each rule stands after each step, on a logarithmic axis"
SHARPNESS_ALT = "The largest eigenvalue of the Hessian along a path, beside 2 over the learning rate"


def _squeezed(heights: NDArray[np.float32], ground: NDArray[np.float32]) -> NDArray[np.float32]:
    known = ground[np.isfinite(ground)]
    if not known.size:
        return np.zeros_like(heights)
    low, middle = float(known.min()), float(np.median(known))
    unit = max((middle - low) / 8, 1e-9 * max(1.0, abs(low)))
    with np.errstate(invalid="ignore", over="ignore"):
        squeezed = np.log1p(np.maximum(heights.astype(np.float64) - low, 0) / unit)
    return squeezed.astype(np.float32)


def _centres(ground: Ground) -> tuple[Floats, Floats]:
    rows, columns = ground.heights.shape
    return np.linspace(*ground.x, columns, dtype=np.float32), np.linspace(*ground.y, rows, dtype=np.float32)


def _scale(theme: Theme, strength: float) -> list[list[float | str]]:
    return [[i / (len(CIVIDIS) - 1), mixed(each, theme.ground, strength)] for i, each in enumerate(CIVIDIS)]


def _spaced(ground: Ground) -> dict[str, float]:
    rows, columns = ground.heights.shape
    return {
        "x0": ground.x[0], "dx": (ground.x[1] - ground.x[0]) / (columns - 1),
        "y0": ground.y[0], "dy": (ground.y[1] - ground.y[0]) / (rows - 1),
    }  # fmt: skip


def _map(ground: Ground, theme: Theme) -> go.Heatmap:
    drawn = ground.drawn()
    known = drawn[np.isfinite(drawn)]
    return go.Heatmap(
        z=drawn, **_spaced(ground), zmin=0, zmax=max(float(known.max()) if known.size else 1.0, 1e-6),
        colorscale=_scale(theme, MAP_STRENGTH), showscale=False, hoverinfo="skip", zsmooth="fast",
    )  # fmt: skip


def _levels(drawn: NDArray[np.float32]) -> dict[str, float]:
    known = drawn[np.isfinite(drawn)]
    top = max(float(known.max()) if known.size else 1.0, 1e-6)
    return {"start": top / (2 * LEVELS), "end": top, "size": top / LEVELS}


def _lines(ground: Ground, theme: Theme) -> go.Contour:
    drawn = ground.drawn()
    return go.Contour(
        z=drawn,
        **_spaced(ground),
        contours={"coloring": "none", **_levels(drawn)},
        line={"color": mixed(theme.text, theme.ground, 0.3), "width": 0.7},
        showscale=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _walked(path: Path, theme: Theme) -> list[go.Scatter]:
    kept = _thinned(len(path.places))
    at = path.places[kept].astype(np.float32)
    told = np.stack([kept, path.losses[kept]], 1).astype(np.float32)
    shade = colour(path.number, theme)
    common = {
        "name": path.name,
        "showlegend": False,
        "hovertemplate": f"{path.name}, step %{{customdata[0]:d}}: %{{customdata[1]:.4g}}"
        "<br>%{x:.3f}, %{y:.3f}<extra></extra>",
    }
    few = len(at) <= FEW
    return [
        go.Scatter(
            x=at[:, 0],
            y=at[:, 1],
            customdata=told,
            mode="lines+markers" if few else "lines",
            line={"color": shade, "width": 2.2, "dash": DASHES[path.number // len(ORDER)]},
            marker={"size": 3.5, "color": shade},
            **common,
        ),
        go.Scatter(
            x=at[-1:, 0],
            y=at[-1:, 1],
            customdata=told[-1:],
            mode="markers",
            marker={
                "size": 11,
                "color": shade,
                "symbol": MARKERS[path.number % len(MARKERS)],
                "line": {"width": 1.5, "color": theme.outline},
            },
            **common,
        ),
    ]


def _arrow(arrow: Arrow) -> go.layout.Annotation:
    ends = {"x": arrow.end[0], "y": arrow.end[1], "ax": arrow.start[0], "ay": arrow.start[1]}
    axes = {"xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    drawn = {"arrowhead": 2, "arrowsize": 1.1, "arrowwidth": 2.4, "arrowcolor": arrow.colour}
    return go.layout.Annotation(**ends, **axes, **drawn, showarrow=True, text="")


def _inside(places: Floats, ground: Ground) -> NDArray[np.bool_]:
    (left, right), (low, high) = ground.x, ground.y
    x, y = places[:, 0], places[:, 1]
    return np.asarray((x >= left) & (x <= right) & (y >= low) & (y <= high))


def _thinned(n_places: int) -> NDArray[np.int64]:
    return np.unique(np.linspace(0, n_places - 1, min(n_places, DRAWN)).round().astype(np.int64))


@lru_cache(maxsize=32)
def _flat(x: tuple[float, float], y: tuple[float, float], names: tuple[str, str], theme: Theme) -> go.Layout:
    made = layout(theme, margin={"l": 40, "r": 6, "t": 6, "b": 36})
    made.xaxis.update(range=list(x), showgrid=False, title={"text": names[0]})
    made.yaxis.update(range=list(y), showgrid=False, title={"text": names[1], "standoff": 0})
    made.uirevision = f"{x}{y}"  # another surface is shown whole, wherever the last one was looked at
    return made


@lru_cache(maxsize=16)
def _curves(title: str, theme: Theme) -> go.Layout:
    made = layout(theme, margin={"l": 52, "r": 8, "t": 20, "b": 34})
    made.xaxis.update(title={"text": "step"})
    made.yaxis.update(title={"text": title, "standoff": 2}, type="log", exponentformat="power", nticks=6)
    return made


@lru_cache(maxsize=16)
def _scene(names: tuple[str, str], height: str, theme: Theme) -> go.Layout:
    axes = {
        f"{axis}axis": {
            "title": {"text": name, "font": {"size": 11, "color": theme.faint}},
            "color": theme.faint,
            "gridcolor": theme.line,
            "showbackground": False,
            "zeroline": False,
            "nticks": 5,
            "tickfont": {"size": 10},
            "showticklabels": axis != "z",
        }
        for axis, name in zip("xyz", (*names, height), strict=True)
    }
    made = layout(theme, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    # no camera: Plotly takes one that is given for a wish to go back to it with every picture
    made.update(
        scene={
            **axes,
            "aspectmode": "manual",
            "aspectratio": {"x": 1, "y": 1, "z": 0.65},
            "uirevision": "keep",
            "dragmode": "turntable",
        }
    )
    return made
