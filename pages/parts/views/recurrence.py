"""What a recurrent layer remembers at every step, and what its gates do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.charts import recurrence
from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.layers import Layer, Nest
from dlcore.layers.recurrent import Recurrent
from pages.parts.live import live_plot
from pages.parts.state import Here
from pages.parts.tiles import Sheet, tiles
from pages.parts.views import choose, samples
from pages.parts.views.view import View


def _remembers(layer: Layer) -> bool:
    """Whether a layer, or one that it holds, reads a sequence step by step."""
    if isinstance(layer, Nest):
        return any(_remembers(each) for _, stack in layer.stacks() for each in stack)
    return isinstance(layer, Recurrent)


def _layers(experiment: Experiment) -> dict[int, str]:
    network = experiment.stack()
    return choose.layers(experiment, lambda i, _: _remembers(network[i]))


def _applies(experiment: Experiment) -> bool:
    return any(_remembers(layer) for layer in experiment.stack())


def _watch(here: Here) -> str:
    layer = choose.layer_of(here, _layers(here.experiment))
    return f"recurrence?layer={layer}&sample={choose.sample_of(here)}&channel={here.inside.channel}"


def _controls(here: Here) -> None:
    names = _layers(here.experiment)
    layer = here.experiment.network[choose.layer_of(here, names)]
    most = min(64, getattr(layer, "units", 64)) - 1
    with choose.row():
        choose.layer(here, names)
        choose.sample(here)
        choose.number(
            here, "channel", f"Unit, 0 to {most}", most, "The unit that is drawn below, step by step"
        )


def _show(here: Here, frame: Frame) -> None:
    record = frame.probe(_watch(here))
    if "maps" not in record:
        choose.empty(choose.WAITING)
        return
    at = choose.sample_of(here)
    n_rows, n_units, n_steps = record["maps"].shape
    of_cell = recurrence.NAMES[int(record["cell"][0])]
    back = n_rows > len(of_cell)
    names = [*of_cell, *(f"{name}, backwards" for name in of_cell)] if back else list(of_cell)
    steps = samples.tokens(here, at)
    steps += [str(step) for step in range(len(steps), n_steps)]
    choose.said(
        "Every unit (a row) at every step (a column): gates run from 0 (dark) to 1, states and memories are "
        f"blue above 0 and orange below.  Test sample {at}: {samples.in_words(here, at)} → "
        f"{samples.truth(here, at)}"
    )
    channel = min(here.inside.channel, n_units - 1)
    cell = min(18.0, 200 / n_units, 380 / n_steps)
    longer, wide = round(cell * max(n_units, n_steps)), round(cell * n_steps)
    sheets = [
        Sheet(
            record["maps"][k : k + 1], record["scale"][k : k + 1],
            f"{name} of every unit over the steps: {recurrence.MEANINGS[of_cell[k % len(of_cell)]]}",
            palette="magnitude" if recurrence.gate(of_cell[k % len(of_cell)]) else "sign",
            title=name.capitalize(), size=longer, room=max(96, wide + 12), hints=[name],
            rows=[f"unit {u}" for u in range(n_units)], columns=[f"{i} ({s})" for i, s in enumerate(steps)],
            joined=" at step ",
        )
        for k, name in enumerate(names)
    ]  # fmt: skip

    def pick(said: Mapping[str, Any]) -> None:
        choose.look_at(here, channel=max(0, int(said.get("row", 0))))

    greyed = frame.state is State.LOST
    tiles(here, "gates", sheets, greyed=greyed, on_pick=pick)
    choose.said(
        f"Unit {channel}, step by step.  "
        + "; ".join(f"{name}: {recurrence.MEANINGS[name]}" for name in of_cell)
        + "."
    )
    unit = record["unit"][: len(of_cell)]
    picture = recurrence.figure(unit, of_cell, steps, here.theme)
    live_plot(picture, "unit", recurrence.alt(channel, of_cell), height=300, greyed=greyed)


RECURRENCE = View("Memory", ":material/memory:", _applies, lambda here: (_watch(here),), _show, _controls)
