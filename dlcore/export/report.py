"""A run, or several side by side, as one document that needs nothing but itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element

import numpy as np

from dlcore.edits import drawable
from dlcore.export import report_tables as tables
from dlcore.export.entry import SHARES, Entry
from dlcore.export.markup import Child, node, own, plain, written
from dlcore.export.report_drawing import Floats, Line, curves
from dlcore.export.report_pictures import about, large, thumbnail
from dlcore.export.report_style import COLOURS, style
from dlcore.export.report_words import WHERE, count, duration, figure, loss_name, moment, result, score_name
from dlcore.export.script import script
from dlcore.link import dumps, encode

MOST = 24
"""Runs of one report: more lines than that nobody tells apart."""
MOST_PICTURES = 40
"""Pictures of one report, those of its runs together."""
MOST_OF_ONE = 16
LONGEST_FILE = 60
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser lets the document do: show what is in it."""
LINES = "training solid, validation dashed, test dotted"


def report(entries: Sequence[Entry], made: datetime, address: str = "") -> str:
    """Write runs as HTML that opens anywhere, asks nobody for anything, and holds no program.

    ``address`` is where the app is served; without it, the experiment's link is given as it is typed behind
    an address.  Raises ``ValueError`` for no run, and for more than ``MOST``.
    """
    if not 1 <= len(entries) <= MOST:
        raise ValueError(f"A report is of 1 to {MOST} runs, and {len(entries)} were chosen.")
    if len(entries) == 1:
        title, body = entries[0].title, _single(entries[0], address)
    else:
        title, body = _together_title(entries), _comparison(entries, address)
    document = node(
        "html",
        node(
            "head",
            node("meta", charset="utf-8"),
            node("meta", http_equiv="Content-Security-Policy", content=POLICY),
            node("meta", name="viewport", content="width=device-width, initial-scale=1"),
            node("meta", name="referrer", content="no-referrer"),
            node("meta", name="color-scheme", content="light dark"),
            node("title", f"{title} · Glassbox"),
            node("style", style()),
        ),
        node("body", node("main", body), _foot(made)),
        lang="en",
    )
    return written(document)


def file_name(title: str, ending: str) -> str:
    """A name for a file about what is called so that every system takes."""
    name = re.sub(r"[^\w-]+", "-", plain(title)).strip("-")[:LONGEST_FILE]
    return f"{name or 'run'}.{ending}"


def _foot(made: datetime) -> Element:
    return node("footer", node("p", f"Written by Glassbox on {moment(made)}.  Everything is in this file."))


def _single(entry: Entry, address: str) -> list[Child]:
    saved = entry.saved
    return [
        node(
            "header",
            node("p", "Report of a run", class_="kind"),
            node("h1", own(entry.title)),
            _when(entry),
            node("p", own(result(entry)), class_="result"),
            _tags(entry),
        ),
        *_notes(entry, "h2"),
        node("h2", "Curves"),
        _own_curves(entry, "run"),
        *_inside(entry, MOST_OF_ONE, alone=True),
        node("h2", "Open it again"),
        _opening(entry, address),
        node("p", f"Saved as {saved.id}", *_parent(entry), ".", class_="hint"),
    ]


def _comparison(entries: Sequence[Entry], address: str) -> list[Child]:
    numbers = [str(i + 1) for i in range(len(entries))]
    names = [
        node("span", f"{number}  ", own(entry.title)) for number, entry in zip(numbers, entries, strict=True)
    ]
    each = max(2, min(MOST_OF_ONE, MOST_PICTURES // len(entries)))
    differences = tables.difference_table(entries, names)
    alike = node("p", "The runs have the very same settings, seeds included.")
    spread = tables.spread_table(entries, numbers)
    last = [_last_picture(entry, number) for entry, number in zip(entries, numbers, strict=True)]
    shown = [picture for picture in last if picture is not None]
    return [
        node(
            "header",
            node("p", "Comparison", class_="kind"),
            node("h1", own(_together_title(entries))),
            node("p", _best(entries), class_="result"),
        ),
        node("h2", "Results"),
        tables.result_table(entries, names),
        spread,
        node("h2", "Settings that differ"),
        alike if differences is None else differences,
        node("h2", "Curves"),
        _legend(entries),
        _overlaid(entries),
        *([node("h2", "Where each run ended"), node("ul", shown, class_="pictures")] if shown else []),
        node("h2", "Each run by itself"),
        (_folded(entry, number, each, address) for entry, number in zip(entries, numbers, strict=True)),
    ]


def _folded(entry: Entry, number: str, n_pictures: int, address: str) -> Element:
    return node(
        "details",
        node("summary", f"{number}  ", own(entry.title)),
        _when(entry),
        node("p", own(result(entry))),
        _tags(entry),
        *_notes(entry, "h3"),
        node("h3", "Curves"),
        _own_curves(entry, f"run-{number}"),
        *_inside(entry, n_pictures, alone=False),
        node("h3", "Open it again"),
        _opening(entry, address),
        class_="run",
    )


def _inside(entry: Entry, n_pictures: int, *, alone: bool) -> Iterator[Child]:
    """What is said of every run below its curves."""
    heading = "h2" if alone else "h3"
    e = entry.saved.experiment
    pictures = list(_pictures(entry, n_pictures))
    if pictures:
        yield node(heading, "Along the run")
        yield node("ol", pictures, class_="pictures")
    yield node(heading, "How it ended")
    ending = _ending(entry) if alone else None  # side by side, all of them are shown above
    yield node("div", ending, tables.measure_table(entry), class_="pair ending")
    if entry.saved.marks:
        yield node(heading, "Changed along the way")
        lines = [(f"epoch {epoch:g}", own(what)) for epoch, what in entry.saved.marks]
        yield tables.table("Changes while the run went on", ("When", "What"), lines)
    yield node(heading, "Settings")
    yield tables.setting_table(e)
    yield node("p", "Everything that is not named is at its default.", class_="hint")
    yield _text("All settings as JSON", dumps(e))
    yield node(heading, "Network")
    yield tables.network_table(e)
    yield node(heading, "Code")
    yield _text("The experiment as a PyTorch script", script(e, entry.saved.epoch))
    changed = entry.saved.marks or entry.saved.parent
    made = (
        "comes to weights of its own: the run was changed along the way" if changed else "makes its weights"
    )
    yield node("p", f"Trained to epoch {count(entry.saved.epoch)}, the script {made}.", class_="hint")


def _text(summary: str, text: str) -> Element:
    code = node("pre", node("code", text), tabindex=0, role="group", aria_label=summary)
    return node("details", node("summary", summary), code)


def _when(entry: Entry) -> Element:
    saved = entry.saved
    begun = node("time", moment(saved.begun), datetime=saved.begun.isoformat())
    told = f"; trained for {duration(saved.seconds)}; saved {moment(saved.saved)}"
    return node("p", "Begun ", begun, told, class_="when")


def _tags(entry: Entry) -> Element | None:
    tags = [node("li", own(tag)) for tag in entry.saved.tags]
    return node("ul", tags, class_="tags", aria_label="Tags") if tags else None


def _notes(entry: Entry, heading: str) -> list[Child]:
    notes = entry.saved.notes.strip()
    return [node(heading, "Notes"), node("p", own(notes), class_="notes")] if notes else []


def _opening(entry: Entry, address: str) -> Element:
    e = entry.saved.experiment
    way = f"{'' if drawable(e) else 'builder'}?x={encode(e)}"
    if not re.match(r"https?://[^\s]+$", address):
        return node("p", "Behind the address of a Glassbox: ", node("code", f"/{way}"))
    link = node(
        "a", "Open this experiment in Glassbox", href=f"{address.rstrip('/')}/{way}", rel="noreferrer"
    )
    return node("p", link)


def _parent(entry: Entry) -> list[Child]:
    saved = entry.saved
    return [f"; branched from {saved.parent} at step {count(saved.parent_step)}"] if saved.parent else []


def _together_title(entries: Sequence[Entry]) -> str:
    named = " · ".join(entry.title for entry in entries[:3])
    more = f" and {len(entries) - 3} more" if len(entries) > 3 else ""
    return f"{named}{more}"


def _best(entries: Sequence[Entry]) -> list[Child]:
    """Which run is the best by the test score, or else by a loss that all of them have, in a sentence."""
    experiments = [entry.saved.experiment for entry in entries]
    data = {e.data.kind_name() for e in experiments}
    losses = {(e.loss.kind_name(), e.objective.kind_name()) for e in experiments}
    named = tables.names(entries)
    for measure in ("test_score", "test_loss", "train_loss"):
        share, _, what = measure.partition("_")
        known = [value for each in entries if (value := each.saved.measures.get(measure)) is not None]
        comparable = len(losses) == 1 if what == "loss" else named[what] != what
        if len(data) > 1 or len(known) < len(entries) or not comparable:
            continue
        best = max(known) if what == "score" else min(known)
        rank = "highest" if what == "score" else "lowest"
        first, n_best = own(entries[known.index(best)].title), known.count(best)
        who = first if n_best == 1 else f"{n_best}"
        return [
            f"Of {len(entries)} runs, ",
            who,
            f" came to the {rank} {WHERE[share]} {named[what]}: {figure(best)}.",
        ]
    return [f"{len(entries)} runs that no one measure ranks."]


def _own_curves(entry: Entry, name: str) -> Element:
    e = entry.saved.experiment
    titles = {"loss": loss_name(e), "score": score_name(e)}
    figures = []
    for what, title in titles.items():
        lines = [_curve(entry, share, what, f"{WHERE[share]} {title}") for share in SHARES]
        said = f"{title.capitalize()} over the epochs: {LINES}."
        drawn = curves(f"{name}-{what}", lines, title, said, "epoch", entry.saved.marks, log=what == "loss")
        figures.append(node("figure", drawn, node("figcaption", said)))
    return node("div", figures, class_="pair")


def _overlaid(entries: Sequence[Entry]) -> Element:
    figures = []
    for share in SHARES:
        for what, title in tables.names(entries).items():
            lines = [
                _curve(entry, share, what, f"{i + 1} {entry.title}", 1 + i % COLOURS, str(i + 1))
                for i, entry in enumerate(entries)
            ]
            if not any(np.isfinite(line.y).any() for line in lines):
                continue
            said = f"{WHERE[share].capitalize()} {title} over the epochs, one line for each run."
            drawn = curves(
                f"all-{share}-{what}", lines, f"{WHERE[share]} {title}", said, "epoch", log=what == "loss"
            )
            figures.append(node("figure", drawn, node("figcaption", said)))
    return node("div", figures, class_="pair")


def _legend(entries: Sequence[Entry]) -> Element:
    named = (
        node("li", node("span", class_=f"key run-{1 + i % COLOURS}"), f"{i + 1}  ", own(entry.title))
        for i, entry in enumerate(entries)
    )
    return node("ul", named, class_="legend")


def _curve(entry: Entry, share: str, what: str, name: str, colour: int = 0, label: str = "") -> Line:
    """One measure over the epochs, up to where the run is now."""
    columns, now = entry.columns(), entry.saved.measures.get(f"{share}_{what}")
    x: Floats = columns["epoch"].astype(np.float64)
    y: Floats = columns[f"{share}_{what}"]
    if now is not None and (not len(x) or entry.saved.epoch > x[-1]):
        x, y = np.append(x, float(entry.saved.epoch)), np.append(y, now)
    return Line(name, x, y, share, colour, label)


def _pictures(entry: Entry, most: int) -> Iterator[Element]:
    """The thumbnails along the run, evenly chosen, the first and the last among them."""
    steps = sorted(entry.pictures)
    kept = np.unique(np.linspace(0, len(steps) - 1, min(most, len(steps))).round().astype(int))
    for step in (steps[i] for i in kept):
        epoch = entry.epochs.get(step)
        when = f"epoch {count(epoch)}" if epoch is not None else f"step {count(step)}"
        picture = _picture(entry, step, when, node("figcaption", when))
        if picture is not None:
            yield picture


def _last_picture(entry: Entry, number: str) -> Element | None:
    if not entry.pictures:
        return None
    caption = node("figcaption", f"{number}  ", own(entry.title))
    return _picture(entry, max(entry.pictures), f"run {number}", caption)


def _ending(entry: Entry) -> Element | None:
    """The last answers over the plane, large and with the data on them."""
    if not entry.pictures:
        return None
    said = "Answers all over the plane in the end, with the data: training filled, the others as rings"
    drawn = large(entry.pictures[max(entry.pictures)], entry.saved.experiment, said)
    return None if drawn is None else node("figure", drawn, node("figcaption", f"{said}."))


def _picture(entry: Entry, step: int, when: str, caption: Element) -> Element | None:
    arrays = entry.pictures[step]
    drawn = thumbnail(arrays, entry.saved.experiment.task, f"{about(arrays)}, {when}")
    return None if drawn is None else node("li", node("figure", drawn, caption))
