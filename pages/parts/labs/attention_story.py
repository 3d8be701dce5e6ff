"""What happened in the lab of attention, in words, with the numbers of this run."""

from __future__ import annotations

import numpy as np

from dlcore.engine import Frame
from dlcore.guides.attention import head_name
from pages.parts.lab import Lab
from pages.parts.labs.attention import percent, tokens_of, watched

LEARNT = 0.9
CLEAR = 0.4
"""A share of a look above which it is a look at one letter."""


def story(lab: Lab, frame: Frame) -> tuple[str, int | None]:
    """Two sentences, and which of the guide's choices came true; None where that cannot be told."""
    told, heads = frame.probe("ablation"), frame.probe(watched(lab)[0])
    if "without" not in told or "weight" not in heads or not frame.step:
        return "", None
    now, whole = float(told["now"][0]), float(told["whole"][0])
    first = f"After {frame.step} steps {percent(now)} of the answers are right"
    silenced = np.flatnonzero(heads["silenced"]).tolist()
    if silenced:  # as it was at the moment that is looked at
        off = " and ".join(head_name(lab.settings, head) for head in silenced)
        return f"{first} without head {off}, and {percent(whole)} with all heads.{_steps(told)}", None
    least = int(np.argmin(told["without"]))
    missed = float(told["without"][least])
    second = f"head {head_name(lab.settings, least)} is missed most: without it {percent(missed)}"
    if whole - missed < 0.02:
        second = "no head is missed: without any one of them it is the same"
    if not lab.settings.positions:
        return f"{first}; {_unplaced(lab.settings.task)}", None
    if lab.settings.task != "reverse" or now < LEARNT:
        return f"{first}; {second}.", None
    look = heads["weight"][least][0] / 127 * heads["scale"][least]
    at, tokens = int(np.argmax(look)), tokens_of(lab)
    said = (
        f"{first}.  For the first of them head {head_name(lab.settings, least)} gives {look[at]:.2f} of its "
        f"look to letter {at + 1} of {len(tokens)}, “{tokens[at]}”; without it {percent(missed)} are right."
    )
    if look[at] < CLEAR:
        return said, 2
    return said, {0: 0, len(tokens) - 1: 1}.get(at)


def _unplaced(task: str) -> str:
    """What not knowing the places comes to."""
    if task == "copy":
        return "a letter is copied wherever it stands, so no positions are missed."
    if task == "names":
        return "a letter sees those before it alone, and that tells it enough of where it stands."
    return "the same letters in another order look the same to it, so it can but guess who belongs where."


def _steps(told: dict[str, np.ndarray]) -> str:
    """Which steps break."""
    lost = np.nan_to_num(told["whole_steps"] - told["now_steps"])
    worst = [int(t) for t in np.argsort(-lost, kind="stable")[:2] if lost[t] > 0.05]
    if not worst:
        return "  No step breaks."
    named = " and ".join(f"step {t + 1} ({percent(float(told['now_steps'][t]))})" for t in worst)
    return f"  What breaks most: {named}."
