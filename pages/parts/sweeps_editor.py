"""What is swept and how, as widgets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.engine.sweeps import MOST_RUNNING
from dlcore.experiment import Experiment
from dlcore.hyperparameters import Hyperparameter, Value, hyperparameters
from dlcore.layers import Dense
from dlcore.sweeps import MOST, MOST_EPOCHS, MOST_TRAININGS, Axis, Sweep
from pages.parts.state import played, put, taken
from pages.parts.sweeps_state import SweepDesk
from pages.parts.transport import thin_spaces

HOW = {"grid": "Grid", "random": "Random", "TPE": "TPE"}
ABOUT = {
    "grid": "Every value of one setting with every value of the other.",
    "random": "Settings drawn by chance from the ranges: more different values of each for the same work.",
    "TPE": "Settings drawn where those so far were good (tree-structured Parzen estimator).",
}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
MOST_TYPED = 400


def editor(desk: SweepDesk) -> None:
    """Everything that decides a sweep."""
    sweep = desk.sweep
    _experiment(desk)
    for number, axis in enumerate(sweep.axes):
        with st.container(border=True, key=f"axis-{number}"):
            _axis(desk, number, axis)
    put("sweep:two", len(sweep.axes) > 1)
    st.toggle("A second setting", key="sweep:two", on_change=taken("sweep:two", desk.two))
    _how(desk)


def described(experiment: Experiment) -> str:
    """An experiment in few words."""
    dense = [str(each.units) for each in experiment.network if isinstance(each, Dense)]
    plain = len(dense) == len(experiment.network)
    network = "-".join(dense) if plain and dense else f"{len(experiment.network)} layers"
    data = f"{experiment.data.heading()}, {thin_spaces(experiment.data.size)} samples"
    return f"{data} · {network} · {experiment.optimizer.heading()}"


def _experiment(desk: SweepDesk) -> None:
    st.markdown(f"**What is swept**  \n{described(desk.sweep.experiment)}")
    mine = played()
    if mine is not None and mine.experiment != desk.sweep.experiment:
        st.button(
            "Take this tab's experiment", key="sweep:take", icon=":material/input:",
            help=f"From the playground or the builder: {described(mine.experiment)}",
            on_click=desk.take, args=(mine.experiment,),
        )  # fmt: skip


def _axis(desk: SweepDesk, number: int, axis: Axis) -> None:
    known = hyperparameters(desk.sweep.experiment)
    setting = known.get(axis.path)
    key = f"axis:{number}:path"
    put(key, axis.path if setting else None)
    st.selectbox(
        "Setting" if number == 0 else "Second setting",
        list(known),
        key=key,
        format_func=lambda path: _capital(known[path].label),
        on_change=taken(key, lambda path: desk.sweep_over(number, path)),
        help="Every setting of the experiment that a number, a switch or a choice stands for",
    )
    if setting is None:
        st.caption("The setting of this link is not one of this experiment's.")
    elif setting.choices:
        _choices(desk, number, axis, setting)
    else:
        _numbers(desk, number, axis, setting)


def _choices(desk: SweepDesk, number: int, axis: Axis, setting: Hyperparameter) -> None:
    key = f"axis:{number}:choices:{axis.path}"
    put(key, [value for value in axis.values if value in setting.choices])
    st.pills(
        "Values",
        setting.choices,
        key=key,
        selection_mode="multi",
        format_func=setting.said,
        label_visibility="collapsed",
        on_change=taken(key, lambda values: desk.set_axis(number, values=tuple(values))),
    )


def _numbers(desk: SweepDesk, number: int, axis: Axis, setting: Hyperparameter) -> None:
    key = f"axis:{number}:listed"
    put(key, bool(axis.values))

    def list_them(listed: bool) -> None:
        places = axis.model_copy(update={"values": ()}).places(setting)
        desk.set_axis(number, values=places if listed else (), **({} if listed else _span(axis, setting)))

    st.segmented_control(
        "Values",
        [True, False],
        key=key,
        format_func=lambda listed: "Values" if listed else "Range",
        required=True,
        label_visibility="collapsed",
        on_change=taken(key, list_them),
    )
    if axis.values:
        typed = f"axis:{number}:typed"
        put(typed, "  ".join(_exact(value) for value in axis.values))
        st.text_input(
            "Values",
            key=typed,
            max_chars=MOST_TYPED,
            label_visibility="collapsed",
            help="Numbers with spaces or commas between them",
            on_change=taken(typed, lambda text: _read(desk, number, text, setting)),
        )
    else:
        _range(desk, number, axis, setting)


def _span(axis: Axis, setting: Hyperparameter) -> dict[str, Any]:
    """The range that listed values lie in."""
    numbers = [float(value) for value in axis.values if not isinstance(value, str)]
    if len(numbers) < 2:
        return {}
    log = setting.log and min(numbers) > 0
    return {"low": min(numbers), "high": max(numbers), "log": log, "steps": len(numbers)}


def _range(desk: SweepDesk, number: int, axis: Axis, setting: Hyperparameter) -> None:
    grid = desk.sweep.how == "grid"
    columns = st.columns([1, 1, 0.8] if grid else 2, gap="small", vertical_alignment="bottom")
    step = 1.0 if setting.whole else 1e-6
    for column, name, label in zip(columns, ("low", "high"), ("From", "To"), strict=False):
        key = f"axis:{number}:{name}"
        put(key, float(getattr(axis, name)))
        column.number_input(
            label, setting.low, setting.high, key=key, format="%g", step=step,
            on_change=taken(key, lambda value, name=name: desk.set_axis(number, **{name: value})),
        )  # fmt: skip
    if grid:
        key = f"axis:{number}:steps"
        put(key, axis.steps)
        columns[2].number_input(
            "Places", 2, 20, key=key, on_change=taken(key, lambda value: desk.set_axis(number, steps=value))
        )
        places = axis.places(setting) if axis.low < axis.high and not (axis.log and axis.low <= 0) else ()
        st.caption(" · ".join(setting.said(value) for value in places))
    key = f"axis:{number}:log"
    put(key, axis.log)
    st.toggle(
        "Logarithmic", key=key, help="Evenly apart in factors: 0.001, 0.01, 0.1",
        on_change=taken(key, lambda value: desk.set_axis(number, log=value)),
    )  # fmt: skip


def _how(desk: SweepDesk) -> None:
    sweep = desk.sweep
    put("sweep:how", sweep.how)
    st.segmented_control(
        "Search", list(HOW), key="sweep:how", format_func=HOW.__getitem__, required=True,
        help=ABOUT[sweep.how], on_change=_taken(desk, "how"),
    )  # fmt: skip
    st.caption(ABOUT[sweep.how])
    columns = st.columns(3 if sweep.how != "grid" else 2, gap="small", vertical_alignment="bottom")
    if sweep.how != "grid":
        _number(desk, columns[-1], "n_trials", 2, 200)
    _number(desk, columns[0], "n_seeds", 1, 8)
    _number(desk, columns[1], "epochs", 1, MOST_EPOCHS)
    put("sweep:measure", sweep.measure)
    loss, score = sweep.experiment.objective.measures or ("loss", "score")
    st.segmented_control(
        "The best is best in", ["score", "loss"], key="sweep:measure", required=True,
        format_func=lambda measure: f"{sweep.share} {score if measure == 'score' else loss}",
        on_change=_taken(desk, "measure"),
        help="The score is accuracy or R².  Where no samples are kept for validation, the test decides",
    )  # fmt: skip
    put("sweep:prune", sweep.prune)
    st.toggle(
        "Stop early what is behind", key="sweep:prune", on_change=_taken(desk, "prune"),
        help=Sweep.model_fields["prune"].description,
    )  # fmt: skip


def _number(desk: SweepDesk, column: Any, name: str, low: int, high: int) -> None:
    key = f"sweep:{name}"
    put(key, getattr(desk.sweep, name))
    declared = Sweep.model_fields[name]
    label = declared.title or name.capitalize()
    column.number_input(label, low, high, key=key, help=declared.description, on_change=_taken(desk, name))


def begin(desk: SweepDesk) -> None:
    """The button that begins the sweep, its size, and what keeps it from beginning."""
    sweep = desk.sweep
    problems = desk.problems
    st.button(
        "Run the sweep", key="sweep:run", type="primary", icon=":material/play_arrow:", width="stretch",
        disabled=bool(problems), on_click=desk.start,
        help=f"In the background, behind every run that is watched; {MOST_RUNNING} at a time.  It pauses "
        "once nobody has looked here for half an hour",
    )  # fmt: skip
    for problem in problems:
        st.error(str(problem), icon=":material/error:")
    if not problems:
        many = sweep.n_settings
        st.caption(
            f"{many} settings × {sweep.n_seeds} seed{'s' * (sweep.n_seeds > 1)} = **{sweep.n_trainings} "
            f"trainings** of {sweep.epochs} epochs; at most {MOST_TRAININGS}."
        )


def _read(desk: SweepDesk, number: int, text: str, setting: Hyperparameter) -> None:
    """Take typed numbers; one that is none is said."""
    words = [word for word in re.split(r"[\s,;]+", text.replace("−", "-")) if word]
    wrong = next((word for word in words if not NUMBER.fullmatch(word)), None)
    if wrong is not None:
        desk.notices.append(f"“{wrong[:20]}” is no number, so the values stay as they were.")
        return
    values = [float(word) for word in words]
    if any(abs(value) > MOST for value in values):
        desk.notices.append("A number is out of all bounds, so the values stay as they were.")
        return
    if setting.whole and any(value != int(value) for value in values):
        desk.notices.append(
            f"{_capital(setting.label)} takes whole numbers, so the values stay as they were."
        )
        return
    desk.set_axis(number, values=tuple(setting.number(value) for value in values))


def _exact(value: Value) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6g}"


def _capital(label: str) -> str:
    return label[0].upper() + label[1:]


def _taken(desk: SweepDesk, name: str) -> Callable[[], None]:
    return taken(f"sweep:{name}", lambda new: desk.set(**{name: new}))
