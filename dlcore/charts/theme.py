"""Every colour, font and margin of every picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import plotly.graph_objects as go

OKABE_ITO = ("#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#0072B2")
"""More than two classes, in fixed order (Okabe and Ito, 2008)."""
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "star")
RUN_MARKERS = (*MARKERS, "triangle-down", "hexagon")
"""The markers of runs on top of each other, eight at most."""
DASHES = {"train": "solid", "validation": "dash", "test": "dot"}
LINE_CONTRAST = 3.0
FONT = "Source Sans, sans-serif"


@dataclass(frozen=True)
class Theme:
    """The tokens of one appearance.  ``positive`` and ``negative`` mean sign and class everywhere."""

    name: str
    ground: str
    panel: str
    text: str
    faint: str
    line: str
    accent: str
    second: str
    """The lines of a second run, beside the first."""
    positive: str
    negative: str
    outline: str

    def tokens(self) -> dict[str, str]:
        """The tokens by name, for the components that draw without Plotly."""
        return asdict(self)

    def diverging(self) -> list[list[float | str]]:
        """The scale from negative through the page's ground to positive."""
        return [[0.0, self.negative], [0.5, self.ground], [1.0, self.positive]]


LIGHT = Theme(
    name="light",
    ground="#fbfbf8",
    panel="#f1f2ee",
    text="#1c2430",
    faint="#5b6675",
    line="#c9cfd6",
    accent="#0b5fa5",
    second="#a3437c",
    positive="#0b6fb8",
    negative="#d9730d",
    outline="#ffffff",
)
DARK = Theme(
    name="dark",
    ground="#0e1524",
    panel="#172033",
    text="#e6eaf2",
    faint="#9aa7bb",
    line="#34415a",
    accent="#6db3f2",
    second="#e39ac4",
    positive="#4aa8ee",
    negative="#f29b3f",
    outline="#0e1524",
)
THEMES = {"light": LIGHT, "dark": DARK}


def mixed(colour: str, ground: str, share: float) -> str:
    """Blend ``share`` of a colour into a ground: two hex colours → hex."""
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def run_colours(theme: Theme) -> tuple[str, ...]:
    """The colours of runs on top of each other: all eight of Okabe and Ito, as lines that can be seen."""
    return tuple(line_colour(each, theme) for each in (*OKABE_ITO, theme.text, "#F0E442"))


def line_colour(colour: str, theme: Theme) -> str:
    """The colour, darker or lighter until it stands out from the ground by the 3 : 1 that a line needs."""
    share = 1.0
    while contrast(mixed(colour, theme.text, share), theme.ground) < LINE_CONTRAST:
        share -= 0.02
    return mixed(colour, theme.text, share)


def contrast(a: str, b: str) -> float:
    """The ratio of contrast of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(a), _luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [each / 255 for each in _channels(colour)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def axis_title(text: str, theme: Theme) -> dict[str, object]:
    """The title of an axis that is put beside those that :func:`layout` makes."""
    return {"text": text, "font": {"size": 12, "color": theme.faint}}


def layout(theme: Theme, **changes: object) -> go.Layout:
    """The layout that all charts share; ``uirevision`` keeps zoom and hidden curves from frame to frame."""
    axis = {
        "gridcolor": theme.line,
        "gridwidth": 0.5,
        "linecolor": theme.line,
        "zeroline": False,
        # level labels that may overlap are not measured one by one for every picture
        "tickangle": 0,
        "ticklabeloverflow": "allow",
        "tickfont": {"size": 11, "color": theme.faint},
        "title": {"font": {"size": 12, "color": theme.faint}},
    }
    base = go.Layout(
        template="none",  # Plotly's own would be 7 kB of every picture
        font={"family": FONT, "size": 12, "color": theme.text},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 44, "r": 8, "t": 8, "b": 36},
        xaxis=axis,
        yaxis=axis,
        hoverlabel={"bgcolor": theme.panel, "bordercolor": theme.line, "font": {"color": theme.text}},
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": 11, "color": theme.faint},
        },
        uirevision="keep",
        dragmode="pan",
    )
    base.update(changes)
    return base
