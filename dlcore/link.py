"""Experiments in and out of text: what comes from outside is bent to the nearest experiment that can run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from dlcore.experiment import Experiment
from dlcore.limits import Limits
from dlcore.spec.share import TokenError, pack, unpack

FORMAT = 1
MAX_REPAIRS = 100
BOUNDS = {"greater_than_equal": "ge", "less_than_equal": "le", "too_long": "max_length", "upload": "reason"}


@dataclass(frozen=True)
class Opened:
    """An experiment that can run, and what had to be set aside to get it."""

    experiment: Experiment
    set_aside: tuple[str, ...] = ()

    def sentence(self) -> str:
        """One sentence on what was set aside, or ""."""
        if not self.set_aside:
            return ""
        more = len(self.set_aside) - 3
        tail = f"; and {more} more" if more > 0 else ""
        return f"Set aside from what was opened: {'; '.join(self.set_aside[:3])}{tail}."


def encode(experiment: Experiment) -> str:
    """Turn an experiment into the token of its link: only what differs from the defaults."""
    return pack(experiment.compact())


def decode(token: str, bounds: Limits | None = None) -> Opened:
    """Open a link's token; whatever it is, an experiment that can run comes back."""
    try:
        raw = unpack(token)
    except TokenError as error:
        return Opened(Experiment(), (str(error),))
    return nearest(raw, bounds)


def dumps(experiment: Experiment) -> str:
    """Write an experiment as JSON that names every setting."""
    return json.dumps(
        {"glassbox": FORMAT, **experiment.model_dump(mode="json")}, indent=2, ensure_ascii=False
    )


def loads(text: str) -> Experiment:
    """Read an experiment from JSON.  Raises ``ValidationError`` or ``ValueError`` where it is none."""
    raw = json.loads(text)
    if isinstance(raw, dict) and raw.pop("glassbox", FORMAT) != FORMAT:
        raise ValueError(f"this file is of another version; {FORMAT} is known here")
    return Experiment.model_validate(raw)


def read_file(data: bytes) -> Opened:
    """Open an experiment that somebody saved: the nearest that can run.  Raises ``ValueError``, in words."""
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("This is no JSON file, or it is damaged.") from error
    if not isinstance(raw, dict) or not set(raw) & {"glassbox", *Experiment.model_fields}:
        raise ValueError("This file describes no experiment.")
    if raw.pop("glassbox", FORMAT) != FORMAT:
        raise ValueError(f"This file is of another version; {FORMAT} is known here.")
    return nearest(raw)


def nearest(raw: Any, bounds: Limits | None = None) -> Opened:
    """Bend a JSON value to the nearest experiment that can run, and say what was set aside."""
    if not isinstance(raw, dict):
        return Opened(Experiment(), ("it describes no experiment",))
    raw = json.loads(json.dumps(raw))
    notes: list[str] = []
    experiment = Experiment()
    for _ in range(MAX_REPAIRS):
        try:
            experiment = Experiment.model_validate(raw)
            break
        except ValidationError as refusal:
            # back to front, so that taking an item out of a list moves none that is still to be mended
            faults = sorted(
                _faults(refusal), key=lambda fault: [str(step).zfill(4) for step in fault[0]], reverse=True
            )
            notes += [_mend(raw, *fault) for fault in faults[:MAX_REPAIRS]]
    else:
        return Opened(Experiment(), ("it has too many faults to mend",))
    for _ in range(MAX_REPAIRS):
        problems = experiment.problems(bounds)
        if not problems:
            break
        notes.append(f"{problems[0].where.lower()}: {problems[0].what.rstrip('.')}")
        experiment = experiment.model_copy(update=dict(problems[0].remedy))
    else:
        return Opened(Experiment(), ("it does not fit into this server, however it is mended",))
    return Opened(experiment, tuple(dict.fromkeys(note for note in notes if note)))


Fault = tuple[tuple[str | int, ...], str, Any]


def _faults(refusal: ValidationError) -> list[Fault]:
    """Every fault as (path, type, bound); a refusal inside a registry's parse hides in its parent's."""
    found: list[Fault] = []
    for error in refusal.errors():
        inner = error.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            found += [((*error["loc"], *path), kind, bound) for path, kind, bound in _faults(inner)]
        else:
            bound = error.get("ctx", {}).get(BOUNDS.get(error["type"], ""))
            found.append((error["loc"], error["type"], bound))
    return found


def _mend(raw: Any, path: tuple[str | int, ...], kind: str, bound: Any) -> str:
    """Move one value to its bound, or take it out; a mend that took out a parent leaves nothing to do."""
    holder = raw
    try:
        for step in path[:-1]:
            holder = holder[step]
        value = holder[path[-1]]
    except (KeyError, IndexError, TypeError):
        return ""
    where = " › ".join(
        str(step + 1) if isinstance(step, int) else step.replace("_", " ")[:40] for step in path
    )
    if bound is not None and isinstance(value, int | float):
        holder[path[-1]] = bound
        return f"{where} was out of bounds and is now {bound}"
    if kind == "upload":
        del holder[path[-1]]
        return f"what was uploaded, as {bound}; here is an example instead"
    if kind == "too_long" and isinstance(value, list):
        del value[bound:]
        return f"{where} was too long"
    if kind == "too_short" or not isinstance(holder, dict | list):
        holder = raw
        path = path[:1]
    del holder[path[-1]]
    return f"{where} could not be read"
