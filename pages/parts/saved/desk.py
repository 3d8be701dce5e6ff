"""What one tab looks at among the saved runs; out of the address and into it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from dlcore.charts.comparison import MOST_RUNS, Over
from dlcore.charts.curves import View
from dlcore.comparison import By
from dlcore.store import Query, Runs, Saved, StoreError, store
from dlcore.store.saved import Sort

ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
KIND = re.compile(r"[a-z0-9_]{1,40}")
NAMES = ("q", "tags", "data", "sort", "from", "deleted", "pick", "open", "compare")
"""What the address says of it."""
PER_PAGE = 24
MOST_PICKED = 100
MOST_WORDS = 120
MOST_TAGS, LONGEST_TAG = 10, 40
MOST_RUNS_LISTED = 99_999
AGAIN_S = 2.0
"""How long after a failure what was typed is not tried again: a locked store makes each try wait."""
WRITE: Mapping[str, Callable[[Runs, str, Any], None]] = {
    "name": Runs.rename,
    "notes": Runs.annotate,
    "tags": Runs.tag,
}


@dataclass
class Desk:
    """What a visitor looks for among their saved runs, has chosen of them, and has open."""

    owner: str
    query: Query = field(default_factory=Query)
    picked: tuple[str, ...] = ()
    opened: str = ""
    """The run whose details are shown."""
    compared: tuple[str, ...] = ()
    """The runs that are laid side by side."""
    over: Over = "epoch"
    """What the curves are drawn over."""
    by: By = "share"
    """What the scrubber over several runs counts in."""
    view: View = field(default_factory=View)
    station: int = -1
    """Where the scrubber stands; −1 is its end."""
    deleted: tuple[str, ...] = ()
    """What was deleted by the last act."""
    notices: list[str] = field(default_factory=list)
    typed: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What was written on runs and is not saved yet, by the run and the name of what it is."""
    away: bool = False
    """Whether the store could not be asked when the page was drawn last."""
    _failed: float = -AGAIN_S

    @property
    def runs(self) -> Runs:
        """The visitor's saved runs, and nobody else's."""
        return store().of(self.owner)

    def read(self, said: Mapping[str, str]) -> None:
        """Look at what an address asks for; whatever is out of bounds in it is passed over."""
        if not set(NAMES) & set(said):
            return
        sort, _, way = said.get("sort", "").partition(".")
        data, start = said.get("data", ""), said.get("from", "")
        tags = [" ".join(tag.split())[:LONGEST_TAG] for tag in said.get("tags", "").split(",")]
        self.query = Query(
            words=said.get("q", "")[:MOST_WORDS],
            tags=tuple(tag for tag in tags if tag)[:MOST_TAGS],
            data=data if KIND.fullmatch(data) else "",
            sort=sort if sort in get_args(Sort) else "saved",  # type: ignore[arg-type]  # one of them
            descending=way != "up",
            limit=PER_PAGE,
            offset=min(int(start[:6]), MOST_RUNS_LISTED) if start.isdecimal() and start.isascii() else 0,
            deleted=said.get("deleted") == "1",
        )
        self.picked = _ids(said.get("pick", ""))[:MOST_PICKED]
        self.compared = _ids(said.get("compare", ""))[:MOST_RUNS]
        self.opened = next(iter(_ids(said.get("open", ""))), "")

    def address(self) -> dict[str, str]:
        """What the address says of this tab: as :meth:`read` takes it, and only what is not as it opens."""
        query = self.query
        sort = f"{query.sort}{'' if query.descending else '.up'}"
        wanted = {
            "q": query.words,
            "tags": ",".join(query.tags),
            "data": query.data,
            "sort": "" if sort == "saved" else sort,
            "from": str(query.offset or ""),
            "deleted": "1" if query.deleted else "",
            "pick": ".".join(self.picked),
            "open": self.opened,
            "compare": ".".join(self.compared),
        }
        return {name: value for name, value in wanted.items() if value}

    def rest(self) -> None:
        """Its tab looks elsewhere: what was deleted last is found in the list of deleted runs from now on."""
        self.deleted = ()

    def find(self, **what: Any) -> None:
        """Look for other runs, from the first on."""
        self.query = replace(self.query, **{"offset": 0, **what})
        self.deleted = ()

    def turn(self, offset: int) -> None:
        """Turn to another page of what was found."""
        self.query = replace(self.query, offset=max(0, offset))

    def pick(self, on: Iterable[str], shown: Iterable[str]) -> None:
        """Choose ``on`` and no others of those ``shown``; what is chosen elsewhere stays so."""
        others = [run for run in self.picked if run not in set(shown)]
        new = [run for run in on if isinstance(run, str) and ID.fullmatch(run)]
        self.picked = tuple(dict.fromkeys([*others, *new]))[:MOST_PICKED]

    def stand_at(self, station: Any) -> None:
        """Put the scrubber somewhere; places that it has not are its end."""
        self.station = station if type(station) is int else -1

    def choose_none(self) -> None:
        """Let go of what is chosen."""
        self.picked = ()

    def open(self, run: str) -> None:
        """Show a run's details."""
        if ID.fullmatch(run):
            self.opened, self.compared, self.station, self.deleted = run, (), -1, ()

    def compare(self) -> None:
        """Lay the chosen runs side by side."""
        self.compared, self.opened, self.station, self.deleted = self.picked[:MOST_RUNS], "", -1, ()

    def leave_out(self, run: str) -> None:
        """Take a run out of the comparison, and off the choice."""
        self.compared = tuple(each for each in self.compared if each != run)
        self.picked = tuple(each for each in self.picked if each != run)
        self.station = -1

    def close(self) -> None:
        """Back to the gallery."""
        self.opened, self.compared = "", ()

    def act(self, do: Callable[[Runs], None]) -> bool:
        """Change something in the store; where it is away, that is said.  Whether it was done."""
        self.deleted = ()
        try:
            do(self.runs)
        except StoreError as away:
            self.notices.append(f"{away}  Nothing was changed.")
            return False
        return True

    def write(self, run: str, **what: Any) -> None:
        """Give a run its ``name``, ``notes`` or ``tags``; what cannot be saved just now is kept here."""
        self.deleted = ()
        known = bool(self.typed)
        self.typed |= {(run, name): value for name, value in what.items()}
        try:
            self._save()
        except StoreError as error:
            if not known:
                self.notices.append(f"What you typed is kept here and not saved yet.  {error}")

    def save_typed(self) -> bool:
        """Try again to save what was typed.  Whether something was saved."""
        before = len(self.typed)
        if before and time.monotonic() - self._failed >= AGAIN_S:
            with suppress(StoreError):  # which was said when it was typed
                self._save()
        return len(self.typed) < before

    def _save(self) -> None:
        """Save what was typed, in its order.  Raises ``StoreError`` where one cannot be; it stays typed."""
        for (run, name), value in list(self.typed.items()):
            try:
                WRITE[name](self.runs, run, value)
            except StoreError:
                self._failed = time.monotonic()
                raise
            del self.typed[run, name]

    def as_typed(self, saved: Saved) -> Saved:
        """A run with what was typed of it, saved or not."""
        return replace(saved, **{name: value for (run, name), value in self.typed.items() if run == saved.id})

    def delete(self, runs: tuple[str, ...]) -> None:
        """Delete runs; the next act, or the list of deleted ones, brings them back."""
        if self.act(lambda store: store.delete(runs)):
            self.deleted = runs
            self.picked = tuple(each for each in self.picked if each not in runs)
            if self.opened in runs:
                self.opened = ""

    def restore(self, runs: tuple[str, ...]) -> None:
        """Take deleting back."""
        if self.act(lambda store: store.restore(runs)):
            self.picked = tuple(each for each in self.picked if each not in runs)
            if self.opened in runs:
                self.opened = ""

    def draw_curves(self, **how: Any) -> None:
        """Draw the curves in another way from now on."""
        self.view = replace(self.view, **how)

    def count_in(self, **what: Any) -> None:
        """Count the curves' axis (``over``) or the scrubber (``by``) in something else."""
        for name, value in what.items():
            setattr(self, name, value)
        self.station = -1 if "by" in what else self.station


def _ids(text: str) -> tuple[str, ...]:
    """The runs that an address names, each once."""
    found = [each for each in text[:4000].split(".") if ID.fullmatch(each)]
    return tuple(dict.fromkeys(found))
