"""One sample on its way through every layer."""

from __future__ import annotations

from dlcore.engine import Frame, State
from dlcore.experiment import Experiment
from dlcore.layers import IMAGE
from dlcore.record import Arrays
from pages.parts.state import Here
from pages.parts.tiles import Sheet, tiles
from pages.parts.views import choose, samples
from pages.parts.views.view import View


def _watch(here: Here) -> str:
    return f"trace?sample={choose.sample_of(here)}"


def _controls(here: Here) -> None:
    with choose.row():
        choose.sample(here)


def _show(here: Here, frame: Frame) -> None:
    record, at = frame.probe(_watch(here)), choose.sample_of(here)
    names = choose.layers(here.experiment)
    if f"{len(names) - 1}.maps" not in record:
        choose.empty(choose.WAITING)
        return
    choose.said(
        "What every layer makes of the sample, from the top down: its shape, the range of its numbers and "
        "how many are 0; blue above 0 and orange below, or where none is below, dark is 0."
    )
    sheets = [_sample(here, at), *(layer_sheet(record, i, name) for i, name in names.items())]
    tiles(here, "trace", sheets, greyed=frame.state is State.LOST)
    if "best" in record:
        called = here.experiment.data.class_names
        answers = [
            f"{called[int(k)] if int(k) < len(called) else k} {100 * share:.0f} %"
            for k, share in zip(record["best"], record["share"], strict=True)
        ]
        choose.said(f"The answer: {', '.join(answers)}.  The truth: {samples.truth(here, at)}.")


def _sample(here: Here, at: int) -> Sheet:
    title = f"Test sample {at}: {samples.truth(here, at)}"
    if samples.is_image(here):
        return samples.images(here, [at], title, title=title, size=72)
    return samples.numbers(here, at, title, title=f"{title}  ({samples.in_words(here, at)})", size=240)


def layer_sheet(record: Arrays, i: int, name: str) -> Sheet:
    """What layer i makes of a sample, as the probe ``trace`` tells it."""
    low, mean, high, std, zeros = (f"{n:.3g}".replace("-", "−") for n in record[f"{i}.numbers"])
    maps = record[f"{i}.maps"]
    of_image = len(record[f"{i}.shape"]) == IMAGE
    some = f", the first {len(maps)}" if of_image and len(maps) < record[f"{i}.shape"][0] else ""
    share = "" if zeros == "0" else f", {100 * float(record[f'{i}.numbers'][4]):.0f} % zeros"
    negative = bool(((maps < 0) & (maps > -128)).any())
    return Sheet(
        maps, record[f"{i}.scale"], f"What layer {name} makes of it, from {low} to {high}",
        palette="sign" if negative else "magnitude", common=of_image,
        title=f"{name}{some}: {low} to {high}, mean {mean}, deviation {std}{share}",
        size=56 if of_image else 300, hints=[f"channel {k}" for k in range(len(maps))] if of_image else [""],
    )  # fmt: skip


def _applies(experiment: Experiment) -> bool:
    return not experiment.data.planar


TRACE = View("One sample", ":material/route:", _applies, lambda here: (_watch(here),), _show, _controls)
