"""The pieces of the page of luck and setting."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import streamlit as st

from dlcore.activations import activations
from dlcore.changes import label
from dlcore.charts import luck as charts
from dlcore.charts.curves import title
from dlcore.data import Task
from dlcore.edits import drawable
from dlcore.experiment import Experiment, value_at
from dlcore.initializers import initializers
from dlcore.layers import Dense
from dlcore.link import encode
from dlcore.luck import FORMULAS, KNOBS, MOST_EPOCHS, OTHER, TRIES, LuckSettings
from dlcore.optimizers import optimizers
from dlcore.spec import Registry
from dlcore.superiority import compare, told
from pages.parts import forms, state
from pages.parts.live import live_plot
from pages.parts.luck_state import LuckDesk
from pages.parts.state import put, shown_theme, taken, triggered

LOOK_EVERY_S = 0.5
HEARTBEAT_EVERY_S = 5.0
DOTS_PX, TWO_DOTS_PX, BANDS_PX = 250, 330, 210
NOTHING = "Nothing"
ROUNDED = (
    "Seed {seed}, and it stops after {epochs} epochs.  By itself a network's sums are rounded otherwise than "
    "among others: where learning is unsteady, it may end elsewhere."
)
CHOSEN_FROM: dict[str, Registry[Any]] = {
    "optimizer": optimizers,
    "init": initializers,
    "activation": activations,
}


def onwards(desk: LuckDesk) -> None:
    """Turn to the page that shows the member which was clicked, once there is one."""
    opened, desk.opened = desk.opened, None
    if opened is not None:
        plane = drawable(opened)
        state.hand_over(opened, building=not plane)
        theirs = state.played()
        if theirs is not None:
            theirs.notices.append(ROUNDED.format(seed=opened.seeds.init, epochs=opened.stop.epochs))
        st.switch_page(f"pages/{'playground' if plane else 'builder'}.py")


def head() -> None:
    """What the page asks."""
    with st.container(key="luck-head"):
        st.html(
            "<h1><small>Luck or setting?</small>How much of a score is the setting, and how much only the "
            "seed?</h1>"
        )
        st.caption(
            "The same network is trained many times at once.  The data stay; the first weights and the order "
            "of the points are drawn anew for each."
        )


def controls(desk: LuckDesk) -> None:
    """Which experiment, how many seeds, for how long, beside what; run and stop."""
    _whose(desk)
    running = desk.running
    with st.container(key="luck-controls", horizontal=True, vertical_alignment="bottom", gap="small"):
        declared = LuckSettings.model_fields
        put("luck:n", desk.settings.n)
        st.segmented_control(
            "Seeds", get_args(declared["n"].annotation), key="luck:n", required=True,
            help=declared["n"].description, on_change=taken("luck:n", lambda n: desk.change(n=n)),
        )  # fmt: skip
        put("luck:epochs", desk.settings.epochs)
        st.number_input(
            "Epochs", 1, MOST_EPOCHS, key="luck:epochs", width=120, help=declared["epochs"].description,
            on_change=taken("luck:epochs", lambda epochs: desk.change(epochs=epochs)),
        )  # fmt: skip
        offered = [name for name, knob in KNOBS.items() if knob.offered(desk.settings.experiment)]
        put("luck:setting", desk.settings.setting or NOTHING)
        st.selectbox(
            "Compare with another", [NOTHING, *offered, OTHER], key="luck:setting", width=210,
            help="A second ensemble that differs in one setting, or in all",
            on_change=taken("luck:setting", desk.compare),
        )  # fmt: skip
        _second(desk)
        if running:
            st.button("Stop", key="luck:stop", icon=":material/stop:", on_click=desk.stop)
        else:
            st.button(
                "Run", key="luck:run", type="primary", icon=":material/casino:", on_click=desk.run,
                disabled=desk.obstacle is not None,
            )  # fmt: skip


def _whose(desk: LuckDesk) -> None:
    """The experiment in a line, and the way to another."""
    e, theirs = desk.settings.experiment, state.played()
    with st.container(key="luck-whose", horizontal=True, vertical_alignment="center", gap="small"):
        net = " – ".join(str(layer.units) for layer in e.network if isinstance(layer, Dense)) or "no"
        st.markdown(
            f"**{e.data.heading()}**, hidden neurons {net}, {e.n_parameters()} weights and biases, "
            f"{e.optimizer.heading()} with η = {e.optimizer.learning_rate:g}, batches of {e.batch_size}"
        )
        if theirs is not None and theirs.experiment != e:
            where = "builder" if theirs.building else "playground"
            st.button(
                f"Take the {where}’s", key="luck:take", icon=":material/download:",
                help=label(e, theirs.experiment, 4), on_click=desk.bring, args=(theirs.experiment,),
            )  # fmt: skip


def _second(desk: LuckDesk) -> None:
    """The second value of the compared setting, or the link to another experiment."""
    setting, second = desk.settings.setting, desk.settings.second
    if setting == OTHER:
        put("luck:link", "" if second is None else encode(second))
        st.text_input(
            "Its link", key="luck:link", max_chars=20_000, width=260, placeholder="Paste the link of a run",
            on_change=taken("luck:link", desk.compare_with),
        )  # fmt: skip
        return
    knob = KNOBS.get(setting)
    if knob is None or second is None:
        return
    path = knob.path
    if path.startswith("network."):
        place = next(i for i, layer in enumerate(second.network) if isinstance(layer, Dense))
        path = f"network.{place}.{path.rpartition('.')[2]}"
    # the forms ask for the state of a run or a lab: this page has what they ask it for
    here: Any = desk
    with st.container(width=270, key="luck-second"):
        registry = CHOSEN_FROM.get(path.rpartition(".")[2])
        if registry is None:
            forms.setting(here, path)
            return
        key = f"luck:{setting}"
        put(key, value_at(second, path).kind_name())
        st.selectbox(
            f"Second {setting.lower()}", registry.kinds(), key=key,
            format_func=lambda kind: registry[kind].heading(),
            on_change=taken(key, lambda kind: desk.set(path, registry[kind]())),
        )  # fmt: skip


def refused(desk: LuckDesk) -> bool:
    """Say why the seeds cannot be trained at once, and offer the remedy; whether there is a reason."""
    found = desk.obstacle
    with st.container(key="luck-refused", horizontal=True, vertical_alignment="center"):
        if found is None:
            return False
        _, problem = found
        st.warning(f"{problem.what}  {problem.next}", icon=":material/build:", width="stretch")
        if problem.remedy:
            st.button("Do so", key="luck:mend", on_click=desk.mend)
        return True


def show(desk: LuckDesk) -> None:
    """The pictures, drawn again while seeds are trained."""
    waiting = desk.luck is not None and desk.luck.running
    every_s = LOOK_EVERY_S if waiting else HEARTBEAT_EVERY_S
    st.fragment(_watch, run_every=every_s)(desk, waiting, shown_theme())


def _watch(desk: LuckDesk, waiting: bool, theme: Any) -> None:
    luck = desk.luck
    if luck is None or desk.opened is not None:
        st.rerun()
    now = luck.progress()
    if now.running is not waiting or shown_theme() is not theme:
        st.rerun()
    groups = desk.groups()
    with st.container(key="luck-state"):
        with st.container(key="luck-found"):
            for line in found(desk.settings.experiment.task, groups, luck.epochs > 0):
                st.markdown(line)
        with st.container(key="luck-progress"):
            if now.running and luck.epochs:
                n = luck.n * len(luck.wanted)
                st.progress(now.share, f"{n} networks at once, epoch {now.epoch} of {luck.epochs}")
            elif now.running:
                st.caption("Drawing the first weights…")
            elif now.message:
                st.info(now.message, icon=":material/info:")
    if any(np.isfinite(group.scores).any() for group in groups):
        _pictures(desk, groups)


def found(task: Task, groups: list[charts.Group], trained: bool) -> list[str]:
    """What the scores say, line by line."""
    score = title("score", task)
    if not groups:
        return []
    if not trained:
        n = len(groups[0].scores)
        return [
            f":material/visibility: {n} networks before training.  They differ in their first weights "
            "alone.  Press **Run**."
        ]
    lines = []
    if len(groups) == 2:
        both = compare(groups[0].scores, groups[1].scores)
        if both is not None:
            lines.append(
                f":material/balance: **{_capital(both.sentence(*(each.name for each in groups)))}**  "
                f"The means differ by {both.apart()}."
            )
    for group in groups:
        name = f"**{_capital(group.name)}**: " if len(groups) == 2 else ""
        lines.append(f":material/casino: {name}{told(group.scores, score)}")
    return lines


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _pictures(desk: LuckDesk, groups: list[charts.Group]) -> None:
    theme, e, wanted = shown_theme(), desk.settings.experiment, list(desk.settings.wanted().values())
    planar, alone = all("spread" in group.record for group in groups), len(wanted) == 1
    epochs = (desk.luck.epochs if desk.luck else 0) or desk.settings.epochs
    dots_px = DOTS_PX if alone else TWO_DOTS_PX
    with st.container(key=f"luck-stage-{('one' if alone else 'two') if planar else 'none'}"):
        if planar:
            with st.container(key="luck-maps"):
                for number, (group, of) in enumerate(zip(groups, wanted, strict=False)):
                    _maps(desk, of, group, number, theme, alone=alone)
        with st.container(key="luck-dots"):
            score = title("score", e.task)
            where = "playground" if drawable(e) else "builder"
            st.html(f"<p class='luck-name'>Every dot is a seed.  Click one to open it in the {where}</p>")
            said = [told(group.scores, score) for group in groups]
            live_plot(
                charts.distribution(groups, e.task, theme),
                "luck-dots",
                charts.distribution_alt(groups, e.task, said),
                height=dots_px,
                picks=True,
                on_pick=triggered("plot_luck-dots", "pick", lambda told: _picked(desk, told)),
            )
        with st.container(key="luck-loss"):
            st.html("<p class='luck-name'>Test loss: median, half of the seeds, nine in ten</p>")
            live_plot(
                charts.bands(groups, "loss", e.task, theme, epochs),
                "luck-loss",
                charts.bands_alt(groups, "loss", e.task),
                height=BANDS_PX if planar else dots_px,
            )


def _maps(
    desk: LuckDesk, e: Experiment, group: charts.Group, number: int, theme: Any, *, alone: bool
) -> None:
    task, n_classes, n = e.task, e.data.n_classes, len(group.scores)
    of = "" if alone else f", {group.name}"
    if not np.isfinite(group.scores).any():
        return  # no seed is left to draw: told above
    with st.container(key=f"luck-mean-{number}"):
        st.html(f"<p class='luck-name'>Mean answer of {n} seeds{of}</p>")
        live_plot(
            charts.mean_map(group.record, task, n_classes, theme),
            f"luck-mean-{number}",
            charts.mean_alt(task, n) + of,
            still=desk.points(e, theme),
        )
    with st.container(key=f"luck-spread-{number}"):
        st.html(f"<p class='luck-name'>Spread: standard deviation{of}</p>")
        live_plot(
            charts.spread_map(group.record, task, n_classes, theme),
            f"luck-spread-{number}",
            charts.spread_alt(group.record, n) + of,
        )


def _picked(desk: LuckDesk, told: Any) -> None:
    """Open the seed whose dot was clicked."""
    try:
        x, y = (float(value) for value in told["place"])
    except (KeyError, TypeError, ValueError):
        return
    hit = charts.nearest(desk.groups(), (x, y))
    if hit is not None:
        desk.open_member(*hit)


def tail(desk: LuckDesk) -> None:
    """Three things to try, and the formulas with their sources."""
    with st.container(key="luck-tail", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Try**")
        for each in TRIES:
            st.button(
                each.name, key=f"try:{each.name}", help=each.hint, on_click=desk.begin, args=(each.settings,)
            )
    with st.expander("The formulas, and where they are from", key="luck-formulas"):
        columns = st.columns(2)
        for i, formula in enumerate(FORMULAS):
            with columns[i % 2]:
                st.markdown(f"**{formula.name}**  \n{formula.words}")
                st.latex(formula.latex)
                st.caption(formula.source)
