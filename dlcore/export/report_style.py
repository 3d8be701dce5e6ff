"""How a report looks: its style sheet with the colours of both appearances."""

from __future__ import annotations

from pathlib import Path

from dlcore.charts.theme import DARK, LIGHT, OKABE_ITO, Theme, run_colours
from dlcore.export.report_pictures import DARK_SCREEN

NAMED = ("ground", "panel", "text", "faint", "line", "accent", "positive", "negative", "outline")
COLOURS = len(run_colours(LIGHT))
"""How many runs have a colour of their own."""


def style() -> str:
    """The style sheet, light and on a dark screen dark; what is printed is light."""
    light, dark = (_tokens(theme) for theme in (LIGHT, DARK))
    runs = "".join(
        f".run-{i} {{ stroke: var(--run-{i}); fill: none; }} .point.run-{i} circle "
        f"{{ fill: var(--run-{i}); }} .key.run-{i} {{ background: var(--run-{i}); }}\n"
        for i in range(COLOURS + 1)
    )
    kinds = ("positive", "negative", *(f"class-{k}" for k in range(len(OKABE_ITO))))
    runs += "".join(
        f".{kind} {{ fill: var(--{kind}); }} .large .ring.{kind} {{ fill: none; stroke: var(--{kind}); }}\n"
        for kind in kinds
    )
    sheet = (Path(__file__).parent / "report.css").read_text()
    return f":root {{ {light} }}\n@media {DARK_SCREEN} {{ :root {{ {dark} }} }}\n{runs}{sheet}"


def _tokens(theme: Theme) -> str:
    """The colours of an appearance; run 0 is the only one of its report."""
    named = {name: theme.tokens()[name] for name in NAMED}
    runs = {f"run-{i}": colour for i, colour in enumerate((theme.accent, *run_colours(theme)))}
    classes = {f"class-{k}": colour for k, colour in enumerate(OKABE_ITO)}
    return " ".join(f"--{name}: {colour};" for name, colour in {**named, **runs, **classes}.items())
