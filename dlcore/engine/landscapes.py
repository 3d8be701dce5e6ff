"""Questions about surfaces and what descends them, each answered a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dlcore.formula import LONGEST, read
from dlcore.optimizers import Optimizer, optimizers
from dlcore.record import Record
from dlcore.training import landscape
from dlcore.training.race import race
from dlcore.training.session import Session

BUDGET_S = 0.04
"""How long one piece may keep the run from learning."""
MOST_STEPS = 1000


def _race(session: Session, mail: Record) -> Record:
    """Go on with a descent of a formula."""
    facts, begun = mail.facts, Record(mail.facts.get("begun", {}), mail.arrays)
    n_steps = min(max(int(facts["n_steps"]), 0), MOST_STEPS)
    noise_std, seed = min(max(float(facts["noise_std"]), 0.0), 1e6), abs(int(facts["seed"]))
    formula = read(str(facts["formula"])[: LONGEST + 1])
    return race(formula, _rule(facts), begun, n_steps, noise_std, seed, BUDGET_S)


def _rule(facts: Mapping[str, Any]) -> Optimizer:
    rule = optimizers.parse(facts["rule"])
    assert isinstance(rule, Optimizer)
    return rule


def _weights(session: Session, mail: Record) -> Record:
    """The weights in one row."""
    return Record({"step": session.step}, landscape.weights(session, bool(mail.facts.get("first"))))


def _heights(session: Session, mail: Record) -> Record:
    """The loss at some places of a plane."""
    given = mail.arrays
    found = landscape.heights(session, given["centre"], given["directions"], given["at"], BUDGET_S)
    return Record({}, found)


def _descend(session: Session, mail: Record) -> Record:
    """Go on with a descent of the network."""
    facts, begun = mail.facts, Record(mail.facts.get("begun", {}), mail.arrays)
    n_steps, batch_size = min(max(int(facts["n_steps"]), 0), MOST_STEPS), max(int(facts["batch_size"]), 1)
    return landscape.descend(session, _rule(facts), begun, n_steps, batch_size, BUDGET_S)


def _sharpness(session: Session, mail: Record) -> Record:
    """The largest eigenvalue at some weights."""
    begun = Record(mail.facts.get("begun", {}), mail.arrays)
    return landscape.sharpness(session, mail.arrays["centre"], begun, BUDGET_S)


QUESTIONS: dict[str, Callable[[Session, Record], Record]] = {
    "race": _race,
    "landscape weights": _weights,
    "landscape heights": _heights,
    "landscape descend": _descend,
    "landscape sharpness": _sharpness,
}
