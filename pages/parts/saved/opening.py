"""From a saved run back into the playground or the builder."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dlcore.edits import drawable
from dlcore.engine import EngineFull, Run
from dlcore.link import loads
from dlcore.record import RecordError
from dlcore.store import Moment, Saved, StoreError
from pages.parts import state
from pages.parts.saved.desk import Desk
from pages.parts.state import engine

PAGES = {False: "playground", True: "builder"}


def open_buttons(desk: Desk, saved: Saved) -> None:
    """Go on with a run where it was saved last."""
    plane = drawable(saved.experiment)
    for building, icon in ((False, "play_arrow"), (True, "stacks")):
        page = PAGES[building]
        hint = f"Go on from epoch {saved.epoch} in the {page}; Undo there goes back to what it showed before"
        if not building and not plane:
            hint = "The playground shows dense layers on the plane; this run opens in the builder"
        pressed = st.button(
            f"Open in the {page}",
            key=f"saved-open-{page}",
            type="primary" if building != plane else "secondary",
            icon=f":material/{icon}:",
            help=hint,
            disabled=not building and not plane,
        )
        if pressed:
            _go(lambda: engine().open(saved.id, desk.owner), building)


def branch_button(desk: Desk, saved: Saved, moment: Moment) -> None:
    """Begin a run of its own from one of the checkpoints."""
    pressed = st.button(
        f"Branch at epoch {moment.epoch}",
        key="saved-branch",
        icon=":material/fork_right:",
        help="A new run with the network as it was then; this one stays as it is",
    )
    if pressed:
        _go(lambda: _branched(desk, saved, moment.step), building=not drawable(saved.experiment))


def _branched(desk: Desk, saved: Saved, step: int) -> Run | None:
    record = desk.runs.checkpoint(saved.id, step)
    if record is None:
        return None
    then = loads(record.facts["experiment"])
    return engine().start(then, desk.owner, record, parent=(saved.id, int(record.facts["step"])))


def _go(begin: Callable[[], Run | None], building: bool) -> None:
    """Have a page show the run, or say why it cannot."""
    run, why = begun(begin)
    if run is None:
        st.error(why, icon=":material/error:")
    else:
        state.bring(run, building)
        st.switch_page(f"pages/{PAGES[building]}.py")


def begun(begin: Callable[[], Run | None]) -> tuple[Run | None, str]:
    """The run that ``begin`` starts; else why there is none, in a sentence."""
    try:
        run = begin()
    except (EngineFull, StoreError) as refusal:
        return None, str(refusal)
    except (RecordError, ValueError):
        return None, "This checkpoint is damaged, or of another version.  Try an earlier moment of the run."
    except OSError as error:
        return None, f"No training process could be started ({error}).  Try again."
    return run, "" if run else "This run has no checkpoint any more, so there is nothing to go on from."
