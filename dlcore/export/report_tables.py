"""The tables of a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from dlcore.comparison import alike, differences, spread
from dlcore.experiment import Experiment
from dlcore.export.entry import MEASURES, SHARES, Entry
from dlcore.export.markup import Child, node, own
from dlcore.export.report_words import (
    WHERE,
    common,
    count,
    duration,
    figure,
    layer_settings,
    loss_name,
    score_name,
    settings,
)
from dlcore.layers.base import shown
from dlcore.stack import rows


def table(
    caption: str,
    heads: Sequence[Child],
    lines: Iterable[Sequence[Child]],
    numbers: int = 0,
    *,
    seen: bool = False,
) -> Element:
    """A table whose first column names its lines; its last ``numbers`` columns are figures.

    Its caption is read aloud; ``seen`` where no heading stands above it that says the same.
    """
    first_number = len(heads) - numbers

    def cells(tag: str, line: Sequence[Child]) -> list[Element]:
        made = []
        for i, each in enumerate(line):
            aligned = {"class_": "number"} if i >= first_number else {}
            if tag == "th":
                made.append(node("th", each, scope="col", **aligned))
            elif i == 0:
                made.append(node("th", each, scope="row", **aligned))
            else:
                made.append(node("td", each, **aligned))
        return made

    made = node(
        "table",
        node("caption", caption, class_="seen" if seen else "unseen"),
        node("thead", node("tr", cells("th", heads))),
        node("tbody", (node("tr", cells("td", line)) for line in lines)),
    )
    return node("div", made, class_="wide", role="group", aria_label=caption, tabindex=0)


def setting_table(experiment: Experiment) -> Element:
    """What is not at its default."""
    lines = [
        (name, own(value), own(default) if value != default else "the default")
        for name, value, default in settings(experiment)
    ]
    return table("Settings", ("Setting", "Value", "Default"), lines)


def difference_table(entries: Sequence[Entry], names: Sequence[Child]) -> Element | None:
    """The settings in which runs differ; None where they differ in none."""
    lines: list[Sequence[Child]] = [
        (each.label[:1].upper() + each.label[1:], *(own(value) for value in each.values))
        for each in differences([entry.saved.experiment for entry in entries])
    ]
    return table("Settings that differ", ("Setting", *names), lines) if lines else None


def network_table(experiment: Experiment) -> Element:
    """Every layer with what comes out of it and what it learns."""
    lines: list[Sequence[Child]] = [
        ("Input", own(experiment.data.heading()), shown(experiment.input_shape), "0")
    ]
    for row in rows(experiment):
        depth = row.place.count(".") // 2
        name = f"{'– ' * depth}{row.layer.heading()}"
        after = "?" if row.after is None else shown(row.after)
        lines.append((name, own(layer_settings(row.layer)), after, count(row.n_parameters)))
    head, output = experiment.head(), experiment.stack()[-1]
    before, after_all = experiment.shapes()[-2:]
    said = f"{head.units} output{'s' * (head.units != 1)}, from the data and the loss"
    lines.append(("Output", said, shown(after_all), count(output.n_parameters(before))))
    lines.append(("Together", "", "", count(experiment.n_parameters())))
    return table("Layers of the network", ("Layer", "Settings", "Shape after it", "Parameters"), lines, 1)


def measure_table(entry: Entry) -> Element:
    """The last losses and scores on each share."""
    e, measures = entry.saved.experiment, entry.saved.measures
    lines = [
        (WHERE[share], *(figure(measures.get(f"{share}_{what}")) for what in ("loss", "score")))
        for share in SHARES
        if measures.get(f"{share}_loss") is not None or share == "train"
    ]
    heads = ("Share of the data", loss_name(e).capitalize(), score_name(e).capitalize())
    return table("Measured at the end", heads, lines, 2)


def result_table(entries: Sequence[Entry], names: Sequence[Child]) -> Element:
    """What every run came to."""
    shown_measures = _present(entries)
    lines: list[Sequence[Child]] = [
        (
            name,
            count(entry.saved.epoch),
            count(entry.saved.step),
            duration(entry.saved.seconds),
            count(entry.saved.n_parameters),
            *(figure(entry.saved.measures.get(measure)) for measure in shown_measures),
        )
        for entry, name in zip(entries, names, strict=True)
    ]
    titles = _titles(shown_measures, entries)
    heads = ("Run", "Epochs", "Steps", "Time", "Parameters", *titles)
    return table("What each run came to", heads, lines, len(heads) - 1)


def spread_table(entries: Sequence[Entry], names: Sequence[str]) -> Element | None:
    """Mean and standard deviation of runs that differ in nothing but their seeds; None where no two do."""
    groups = [group for group in alike([entry.saved.experiment for entry in entries]) if len(group) > 1]
    if not groups:
        return None
    shown_measures = _present(entries)
    lines = [
        (
            f"Runs {', '.join(names[i] for i in group)}",
            *(_spread([entries[i].saved.measures.get(measure) for i in group]) for measure in shown_measures),
        )
        for group in groups
    ]
    titles = _titles(shown_measures, entries)
    caption = "Mean ± standard deviation over runs that differ in their seeds alone"
    return table(caption, ("Runs", *titles), lines, len(titles), seen=True)


def _spread(values: Sequence[float | None]) -> str:
    """Mean and standard deviation of what was measured, and of how many: ``0.913 ± 0.0214 (5)``."""
    found = spread(values)
    if found is None or found.deviation is None:
        return figure(None if found is None else found.mean)
    return f"{figure(found.mean)} ± {figure(found.deviation)} ({found.n})"


def names(entries: Sequence[Entry]) -> dict[str, str]:
    """What the runs' loss and score are called."""
    experiments = [entry.saved.experiment for entry in entries]
    return {
        "loss": common(map(loss_name, experiments), "loss"),
        "score": common(map(score_name, experiments), "score"),
    }


def _present(entries: Sequence[Entry]) -> list[str]:
    """The measures that any of the runs has."""
    return [name for name in MEASURES if any(entry.saved.measures.get(name) is not None for entry in entries)]


def _titles(measures: Sequence[str], entries: Sequence[Entry]) -> list[str]:
    words = {**names(entries), **WHERE}
    return [
        " ".join(words.get(part, part) for part in measure.split("_")).capitalize() for measure in measures
    ]
