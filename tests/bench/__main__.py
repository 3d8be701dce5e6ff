"""Print every figure beside what is wanted of it; exit with 1 where one is missed.

``python -m tests.bench`` measures all of them, with the names of parts (``engine browser``) those alone.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator

from rich.console import Console

from dlcore import bench
from dlcore.bench import Figure
from tests.bench import (
    browser,
    builder,
    hand,
    ideas,
    inside,
    labs,
    lasting,
    learners,
    luck,
    runs,
    sequences,
    sweeps,
)

PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "engine": bench.figures,
    "browser": browser.figures,
    "builder": builder.figures,
    "inside": inside.figures,
    "hand": hand.figures,
    "ideas": ideas.figures,
    "labs": labs.figures,
    "lasting": lasting.figures,
    "learners": learners.figures,
    "luck": luck.figures,
    "runs": runs.figures,
    "sequences": sequences.figures,
    "sweeps": sweeps.figures,
}


def main(chosen: list[str]) -> int:
    """Measure the chosen parts, say each figure as it is known, and lay them all out at the end."""
    unknown = [name for name in chosen if name not in PARTS]
    if unknown:
        print(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    console = Console()
    cores, load = os.cpu_count(), os.getloadavg()[0]
    console.print(
        f"{cores} cores, load {load:.2f} before the first measurement; others' work makes the figures worse"
    )
    measured: list[Figure] = []
    left_out: list[str] = []
    for name in chosen or PARTS:
        known = len(measured)
        for figure in guarded(name):
            measured.append(figure)
            sign = "[green]✓[/]" if figure.holds else "[bold red]✗[/]"
            console.print(f"{sign} {figure.name}: {figure.shown} (wanted {figure.wanted})", highlight=False)
        if len(measured) == known:
            left_out.append(name)
    console.print(bench.table(measured, "Glassbox, measured"))
    missed = sum(not figure.holds for figure in measured)
    console.print(f"{missed} of {len(measured)} figures missed; left out: {', '.join(left_out) or 'none'}")
    return 1 if missed else 0


def guarded(name: str) -> Iterator[Figure]:
    """The figures of a part; one that breaks off is a figure missed, and the others are still measured."""
    try:
        yield from PARTS[name]()
    except Exception:
        traceback.print_exc()
        yield Figure.at_most(f"{name}: measurements that broke off", 1, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
