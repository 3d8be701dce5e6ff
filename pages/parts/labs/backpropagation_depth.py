"""Vanishing gradients: several deep networks beside each other, before they learn and while they do."""

from __future__ import annotations

from dlcore.charts import flow
from dlcore.engine import State
from dlcore.guides.backpropagation import lines
from dlcore.record import Arrays
from pages.parts.chrome import sized
from pages.parts.labs.backpropagation_words import choice, power
from pages.parts.live import live_plot
from pages.parts.state import Lab
from pages.parts.transport import short

HEIGHT_PX = 470


def records(lab: Lab) -> dict[str, Arrays]:
    """The newest reading of each network, by its name in the comparison."""
    found = {name: here.newest.probe("flow") for name, here in lab.heres.items()}
    return {name: found[name] for name in lines(lab.settings) if found.get(name)}


def deep(lab: Lab) -> None:
    """Draw how the gradient comes back through each network."""
    shown, here = records(lab), lab.here
    greyed = any(each.newest.state is State.LOST for each in lab.heres.values())
    picture = sized(here, flow.figure(shown, here.theme))
    live_plot(picture, "flow", flow.alt(tuple(shown)), height=HEIGHT_PX, greyed=greyed)


def said(lab: Lab) -> tuple[str, int | None]:
    """How much more each network's last layer feels than its first; the leading one judges the guess."""
    ends = {
        name: (float(each["gradient"][0]), float(each["gradient"][-1])) for name, each in records(lab).items()
    }
    if not ends:
        return "", None
    parts = [
        f"{name} {power(last / first) if first else '∞'} (loss {short(_loss(lab, name))})"
        for name, (first, last) in ends.items()
    ]
    name, leading = next(iter(ends.items()))
    return (
        f"After {lab.here.newest.step} steps, the last layer's gradient over the first's: "
        f"{', '.join(parts)}.  Judged by {name}:"
    ), choice(*leading)


def _loss(lab: Lab, name: str) -> float | None:
    return lab.heres[name].newest.measures.get("train_loss")
