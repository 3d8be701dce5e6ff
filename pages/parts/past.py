"""The time machine: look back, go back, and branch off."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.engine import EngineFull, Frame, State
from dlcore.experiment import Experiment, value_at, with_value
from dlcore.initializers import initializers
from dlcore.lesson import Lesson
from dlcore.link import loads
from dlcore.optimizers import optimizers
from dlcore.schedules import schedules
from pages.parts import forms
from pages.parts.components import component
from pages.parts.look import Branch
from pages.parts.phases import phases_button
from pages.parts.pictures import small_plane
from pages.parts.state import Here, engine, read, send, triggered
from pages.parts.transport import thin_spaces

KEY = "timeline"
BRANCH_WATCH = ("boundary", "curves")
OFFERED = {
    "optimizer.learning_rate": "Learning rate",
    "batch_size": "Batch size",
    "optimizer": "Optimizer",
    "schedule": "Schedule",
    "regularisation.l1": "L1",
    "regularisation.l2": "L2",
    "init": "Initialisation",
    "seeds.init": "Init seed",
}
"""What a branch may have another value of."""
REGISTRIES = {"optimizer": optimizers, "schedule": schedules, "init": initializers}
STARTS = {"init", "seeds.init"}
"""Those of them that a run cannot take on its way: a branch has them from epoch 0 on."""


def timeline(here: Here, frame: Frame) -> None:
    """A slider over the moments of the run; the pictures follow it, the run goes on."""
    past = frame.probe("past")
    epochs = [int(epoch) for epoch in past.get("epoch", ())]
    component("timeline")(
        key=KEY,
        data={
            "steps": [int(step) for step in past.get("step", ())],
            "epochs": epochs,
            "thin": [thin_spaces(epoch) for epoch in epochs],
            "at": here.at,
        },
        on_at_change=triggered(KEY, "at", lambda step: here.look_at(int(step))),
    )


def go_back(here: Here, frame: Frame) -> None:
    """The button that makes the moment looked at the present."""
    st.button(
        "Go back here",
        key="go-back",
        icon=":material/history:",
        disabled=frame.state is State.LOST,
        on_click=_go_back,
        args=(here,),
        help="Put the run where the slider under the pictures stands; what came later is forgotten",
    )


def time_acts(here: Here, frame: Frame) -> None:
    """What can be done with the moment looked at; without one, with now."""
    lost = frame.state is State.LOST
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        go_back(here, frame)
        phases_button(here, frame)
        if here.branch is None:
            with st.popover("Branch", icon=":material/fork_right:", key="branch", disabled=lost):
                _branch_form(here)
            _loss_surface(here)
        else:
            st.button(
                "Make the branch main",
                key="promote",
                icon=":material/swap_horiz:",
                on_click=_promote,
                args=(here,),
                help=f"Go on with the branch ({here.branch.name}); the main run ends",
            )
            st.button(
                "",
                key="close-branch",
                icon=":material/close:",
                on_click=_close,
                args=(here,),
                help=f"Close the branch ({here.branch.name})",
            )


def _loss_surface(here: Here) -> None:
    """The way to the lab that shows the loss of this very network as a surface."""
    if here.lesson != Lesson():
        return  # a lesson keeps its class where it is
    label, hint = "Loss surface", "See the loss of this network as a surface, and optimizers race on it"
    if st.button(label, key="loss-surface", icon=":material/landscape:", help=hint):
        send("loss surface")
        st.switch_page("pages/gradient_descent.py")


def _branch_form(here: Here) -> None:
    st.caption("A second run from the moment on the slider, with one setting changed, drawn beside this one.")
    path = st.selectbox("Setting", list(OFFERED), format_func=OFFERED.__getitem__, key="branch-setting")
    if path in STARTS:
        st.caption("Such a branch starts at epoch 0, with weights of its own.")
    value = value_at(here.experiment, path)
    key = f"branch:{path}"
    if path in REGISTRIES:
        registry = REGISTRIES[path]
        kinds = [kind for kind in registry.kinds() if kind != value.kind_name()]
        st.selectbox("In the branch", kinds, format_func=lambda kind: registry[kind].heading(), key=key)
    else:
        low, high = _bounds(here.experiment, path)
        st.number_input(
            f"In the branch (here {value:g})",
            low,
            high,
            value=_suggested(value, path, high),
            key=key,
            format="%d" if isinstance(value, int) else "%g",
            step=1 if isinstance(value, int) else 1e-6,
        )
    st.button("Branch off", key="branch-off", type="primary", on_click=_branch_off, args=(here, path, key))


def _suggested(value: Any, path: str, high: Any) -> Any:
    """Another value that a branch may well begin with."""
    if path in STARTS:
        return value + 1 if value < high else value - 1
    more = min(high, type(value)(float(f"{value * 3 or 0.001:.3g}")))
    return more if more != value else type(value)(value / 3)


def _bounds(experiment: Experiment, path: str) -> tuple[Any, Any]:
    """The least and the greatest value of a setting, of the setting's own type."""
    parent, _, name = path.rpartition(".")
    holder = value_at(experiment, parent) if parent else experiment
    kind = type(value_at(experiment, path))
    low, high = forms.bounds(holder.settings()[name], path)
    return kind(low), kind(high)


def _branch_off(here: Here, path: str, key: str) -> None:
    try:
        record = here.run.checkpoint(at=here.at)
        trunk = loads(record.facts["experiment"])
        new = read(key)
        changed = with_value(trunk, path, REGISTRIES[path][new]() if path in REGISTRIES else new)
        afresh = path in STARTS
        parent = ("", 0) if afresh else (here.run.saved_as, int(record.facts["step"]))
        checkpoint = None if afresh else record
        run = engine().start(changed if afresh else trunk, here.owner, checkpoint, parent=parent)
    except EngineFull as full:
        here.notices.append(str(full))
    except (OSError, ValueError) as error:
        here.notices.append(f"The branch could not be started ({error}).")
    else:
        run.change(changed)
        run.do("pace", steps_per_s=here.pace)
        here.branch = Branch(run, _name(path, changed), 0 if afresh else int(record.facts["epoch"]))
        here.look_at(-1)
        here.do("play")


def _name(path: str, experiment: Experiment) -> str:
    value = value_at(experiment, path)
    shown = value.heading() if path in REGISTRIES else f"{value:g}"
    return f"{OFFERED[path]} {shown}{', from epoch 0' * (path in STARTS)}"


def _go_back(here: Here) -> None:
    if here.at is None:
        here.notices.append("The slider stands at now.  Move it to an earlier moment first.")
        return
    try:
        here.go_back(here.run.checkpoint(at=here.at))
    except ConnectionError as error:
        here.notices.append(f"The run could not go back ({error}).")


def _promote(here: Here) -> None:
    assert here.branch is not None
    ended, here.run, here.branch = here.run, here.branch.run, None
    here.look_at(-1)
    here.take_over(here.run.experiment)
    engine().end(ended)


def _close(here: Here) -> None:
    assert here.branch is not None
    engine().end(here.branch.run)
    here.branch = None
    here.look_at(-1)


def side_by_side(here: Here, frame: Frame, beside: Frame) -> None:
    """The boundary of the main run and that of the branch."""
    assert here.branch is not None
    left, right = st.columns(2, gap="small")
    with left:
        st.caption("Main run")
        small_plane(here, frame, "boundary", here.experiment)
    with right:
        st.caption(here.branch.name)
        small_plane(here, beside, "branch", here.branch.run.experiment)


def branch_frame(here: Here) -> Frame | None:
    """The newest picture of the branch, where there is one already."""
    frame = here.branch.run.frame(BRANCH_WATCH) if here.branch else None
    return frame if frame and frame.arrays else None
