"""The first look at an experiment's data: samples, classes, ranges, shapes, and who may see what."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dlcore.charts import samples
from dlcore.charts.theme import Theme
from dlcore.data import Parts, Task, prepare
from dlcore.data.augment import augment, chance
from dlcore.data.shelf import Shelved
from dlcore.experiment import Experiment
from dlcore.layers import FLAT, IMAGE, SEQUENCE, TOKENS, form, shown
from pages.parts.components import ASSETS
from pages.parts.first_look_series import first_look_series
from pages.parts.first_look_text import first_look_text
from pages.parts.state import Here

ROW = 36
PER_ROW = 32
MOST_CLASSES = 12
MOST_COLUMNS = 48
MOST_ROWS = 5
ALTERED = 24
TIMES = 3


def first_look(here: Here) -> None:
    """Show what there is to learn, by the form of its samples."""
    e = here.experiment
    st.html(ASSETS / "look.css")
    st.html(f'<div class="look">{head(e, here.points)}{_example(e)}</div>')
    LOOKS.get(form(e.input_shape), _classes_only)(here)


def head(e: Experiment, parts: Mapping[str, Parts]) -> str:
    """One line of facts, and how the samples are shared out."""
    total = sum(map(len, parts.values()))
    facts = [f"{_count(total)} samples", f"each {_sample(e)}", f"asked for {_answer(e)}"]
    spans = "".join(f"<span>{html.escape(fact)}</span>" for fact in facts)
    said = ", ".join(f"{_count(len(part))} {share}" for share, part in parts.items())
    bars = "".join(
        f'<div class="{share}" style="flex:{max(len(part), total / 50)} 1 0">'
        f"{share} {_count(len(part))}</div>"
        for share, part in parts.items()
        if len(part)
    )
    return (
        f'<div class="look-head"><b>{html.escape(e.data.heading())}</b>{spans}</div>'
        f'<div class="look-split" role="img" aria-label="Split: {said}">{bars}</div>'
    )


def _example(e: Experiment) -> str:
    """A word where nothing has been uploaded yet."""
    if not isinstance(e.data, Shelved) or e.data.upload:
        return ""
    return '<p class="look-note">An example, until you upload something of your own.</p>'


def _count(n: int) -> str:
    return f"{n:,}".replace(",", "\u2009")


def _sample(e: Experiment) -> str:
    shape = e.input_shape
    if form(shape) == IMAGE:
        return f"{'grey' if shape[0] == 1 else 'in colour'}, {shape[1]} × {shape[2]} pixels ({shown(shape)})"
    if form(shape) == FLAT:
        return f"{shape[0]} number{'s' * (shape[0] != 1)}"
    return shown(shape) if form(shape) == TOKENS else f"{shape[0]} steps of {shape[1]}"


def _answer(e: Experiment) -> str:
    shape = e.data.answer_shape
    if e.data.task is Task.REGRESSION:
        return f"{shape[0]} values" if shape else "one value"
    at = f" at each of {shape[0]} steps" if shape else ""
    return f"one of {e.data.n_classes} classes{at}"


def image_look(here: Here) -> None:
    """A strip of images for each class, with how many there are in each share."""
    e = here.experiment
    made: str = here.keep(
        "look:images", (e.data, e.split, e.seeds, here.theme), lambda: _images(e, here.points, here.theme)
    )
    st.html(made)
    if e.augmentation.active:
        altered: str = here.keep(
            "look:altered",
            (e.data, e.split, e.seeds, e.augmentation),
            lambda: _altered(e, here.points["train"]),
        )
        st.html(altered)


def _images(e: Experiment, parts: Mapping[str, Parts], theme: Theme) -> str:
    train, names = parts["train"], e.data.class_names
    shown_classes = range(min(len(names), MOST_CLASSES))
    rows = [train.x[train.y == k][:PER_ROW] for k in shown_classes]
    cell = ROW - samples.GAP
    picture = samples.sheet(rows, cell)
    what = (
        f"Up to {PER_ROW} training images of each class, a row for each of: {', '.join(names[:MOST_CLASSES])}"
    )
    image = (
        f'<div class="look-sheet" style="grid-row:1/span {len(rows)}"><img alt="{html.escape(what)}" '
        f'width="{picture.shape[1]}" height="{picture.shape[0]}" src="{samples.address(picture)}"></div>'
    )
    body = "".join(
        _class_row(k, parts, names, samples.class_colours(len(names), theme)) for k in shown_classes
    )
    more = len(names) - len(rows)
    note = f'<p class="look-note">and {more} more classes</p>' if more else ""
    return (
        f'<div class="look"><div class="look-classes" style="--row:{ROW}px">{image}{body}</div>{note}</div>'
    )


def _class_row(k: int, parts: Mapping[str, Parts], names: tuple[str, ...], colours: tuple[str, ...]) -> str:
    """The name of a class on the left and a bar of its counts on the right, in grid row k."""
    most = max(
        np.bincount(np.concatenate([p.y.ravel() for p in parts.values()]).clip(0), minlength=1).max(), 1
    )
    counts = {share: int((part.y == k).sum()) for share, part in parts.items()}
    dot = f'<span class="look-dot" style="background:{colours[k]}"></span>' if colours else ""
    bar = "".join(
        f'<i class="{share}" style="width:{100 * n / most:.1f}%"></i>' for share, n in counts.items() if n
    )
    said = ", ".join(f"{n} {share}" for share, n in counts.items())
    name = html.escape(names[k])
    return (
        f'<div class="look-name" style="grid-row:{k + 1};grid-column:1" title="{name}">{dot}{name}</div>'
        f'<div class="look-count" style="grid-row:{k + 1};grid-column:3" title="{said}" role="img" '
        f'aria-label="{name}: {said}"><span class="look-bar">{bar}</span>{_count(sum(counts.values()))}</div>'
    )


def _altered(e: Experiment, train: Parts) -> str:
    """The first training images as they are, and as three epochs would see them."""
    x = train.x[:ALTERED]
    y = (
        np.eye(e.data.n_classes, dtype=np.float32)[train.y[:ALTERED]]
        if e.data.n_classes
        else train.y[:ALTERED]
    )
    settings = e.augmentation.arguments()
    rows = [x, *(augment(chance(e.seeds.batches, t, 0), x, y, **settings)[0] for t in range(TIMES))]
    picture = samples.sheet(rows, ROW - samples.GAP)
    names = ["as they are", *(f"epoch {t + 1}" for t in range(TIMES))]
    labels = "".join(
        f'<div class="look-name" style="grid-row:{i + 1};grid-column:1">{name}</div>'
        for i, name in enumerate(names)
    )
    mixed = "  Images that are mixed up have their answers mixed alike." if e.augmentation.mix_up else ""
    what = f"{len(x)} training images as they are, and altered in {TIMES} ways as training would see them"
    return (
        '<div class="look"><p class="look-note">While training, each image is altered anew every epoch, for '
        f"example so; validation and test images never are.{mixed}</p>"
        f'<div class="look-classes" style="--row:{ROW}px">'
        f'<div class="look-sheet" style="grid-row:1/span {len(rows)};grid-column:2/span 2">'
        f'<img alt="{what}" width="{picture.shape[1]}" height="{picture.shape[0]}" '
        f'src="{samples.address(picture)}"></div>{labels}</div></div>'
    )


def table_look(here: Here) -> None:
    """How the numbers of each column lie, the classes, and some rows."""
    e = here.experiment
    made: str = here.keep(
        "look:table", (e.data, e.split, e.seeds, e.inputs, here.theme), lambda: _table(e, here.theme)
    )
    st.html(made)


def _table(e: Experiment, theme: Theme) -> str:
    as_measured = {"scaling": "none", "mark_missing": True}
    settings = {name: value for name, value in as_measured.items() if name in e.data.settings()}
    plain = e.data.model_copy(update=settings)
    parts = prepare(plain, e.split, e.seeds.data, e.seeds.split)
    x, y = parts["train"].x, parts["train"].y
    drawn_x, drawn_y = plain.draw(e.seeds.data)
    names = getattr(plain, "columns", None) or tuple(f"x{i + 1}" for i in range(x.shape[1]))
    regression = e.data.task is Task.REGRESSION
    colours = () if regression else samples.class_colours(e.data.n_classes, theme)
    cards = [_card("to be learnt", y.reshape(len(y), -1)[:, 0], None, (), theme, 0)] if regression else []
    gaps = np.isnan(drawn_x).mean(0)
    _empty_gaps(x, names)
    cards += [
        _card(name, x[:, i], None if regression else y, colours, theme, gaps[i])
        for i, name in enumerate(names[:MOST_COLUMNS])
    ]
    more = len(names) - MOST_COLUMNS
    note = f'<p class="look-note">and {more} more columns</p>' if more > 0 else ""
    scaled = getattr(e.data, "scaling", "none")
    fitted = (
        "as they are" if scaled == "none" else f"brought to one scale ({scaled}), fitted on these rows alone"
    )
    said = f"The training rows before scaling; the network is given them {fitted}.  Some rows of the table:"
    some = np.linspace(0, len(drawn_x) - 1, MOST_ROWS).round().astype(int)
    return (
        f'<div class="look">{_balance(e, here_parts=parts, colours=colours)}'
        f'<div class="look-columns">{"".join(cards)}</div>{note}'
        f'<p class="look-note">{html.escape(said)}</p>{_rows(e, names, drawn_x[some], drawn_y[some])}</div>'
    )


def _empty_gaps(x: NDArray[Any], names: tuple[str, ...]) -> None:
    """Put nan where a mark says that a number was missing: what fills a gap was not measured."""
    for i, name in enumerate(names):
        if f"{name} missing" in names:
            x[x[:, names.index(f"{name} missing")] == 1, i] = np.nan


def _card(
    name: str,
    values: NDArray[Any],
    y: NDArray[Any] | None,
    colours: tuple[str, ...],
    theme: Theme,
    gaps: float,
) -> str:
    low, high = (samples.number(float(each)) for each in _range(values))
    missing = f"<span>{gaps:.0%} missing</span>" if gaps else ""
    shown_name, said = html.escape(name), html.escape(samples.spread(name, values))
    return (
        f'<div><div class="name" title="{shown_name}">{shown_name}</div>'
        f'<img alt="{said}" title="{said}" src="{samples.histogram(values, y, colours, theme)}">'
        f'<div class="range"><span>{low}</span>{missing}<span>{high}</span></div></div>'
    )


def _range(values: NDArray[Any]) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    return (float(there.min()), float(there.max())) if len(there) else (0.0, 0.0)


def _balance(e: Experiment, here_parts: Mapping[str, Parts], colours: tuple[str, ...]) -> str:
    """The classes with their colours and counts."""
    if e.data.task is Task.REGRESSION:
        return ""
    y = np.concatenate([part.y.ravel() for part in here_parts.values()])
    y = y[y >= 0]
    counts = np.bincount(y, minlength=e.data.n_classes)
    items = []
    for k, name in enumerate(e.data.class_names[: len(counts)]):
        dot = f'<span class="look-dot" style="background:{colours[k]}"></span>' if colours else ""
        share = counts[k] / max(1, len(y))
        items.append(f"<li>{dot}{html.escape(name)} {_count(int(counts[k]))} ({share:.1%})</li>")
    return f'<ul class="look-legend" aria-label="Classes">{"".join(items)}</ul>'


def _rows(e: Experiment, names: tuple[str, ...], x: NDArray[Any], y: NDArray[Any]) -> str:
    """Rows as they stand in the table; a gap is a dash."""
    heads = "".join(f'<th scope="col" title="{html.escape(n)}">{html.escape(n)}</th>' for n in names)
    learnt = "value" if e.data.task is Task.REGRESSION else "class"
    lines = []
    for row, answer in zip(x, y, strict=True):
        cells = "".join(f"<td>{'–' if np.isnan(v) else samples.number(float(v))}</td>" for v in row)
        said = samples.number(float(answer)) if learnt == "value" else e.data.class_names[int(answer)]
        lines.append(f'<tr>{cells}<td class="answer">{html.escape(said)}</td></tr>')
    return (
        '<div class="look-rows" tabindex="0" role="region" aria-label="Some rows"><table>'
        f'<thead><tr>{heads}<th class="answer" scope="col">{learnt}</th></tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _classes_only(here: Here) -> None:
    balance = _balance(here.experiment, here.points, ())
    if balance:
        st.html(f'<div class="look">{balance}</div>')


LOOKS: dict[int, Callable[[Here], None]] = {
    FLAT: table_look,
    IMAGE: image_look,
    SEQUENCE: first_look_series,
    TOKENS: first_look_text,
}
"""Which look goes with which form of a sample."""
