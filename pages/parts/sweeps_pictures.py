"""A sweep as it goes on: how far it is, what has come out, and the trial that is looked at."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from dlcore.charts import sweep as chart
from dlcore.edits import drawable
from dlcore.engine.sweeping import Progress, Sweeping
from dlcore.outcomes import Outcomes, Training, Trial
from pages.parts import state
from pages.parts.components import component
from pages.parts.live import live_plot
from pages.parts.saved.opening import begun
from pages.parts.serving import sweeps
from pages.parts.state import engine, put, shown_theme, taken, triggered, write_url
from pages.parts.sweeps_state import SweepDesk
from pages.parts.transport import short

LOOK_EVERY_MS = 700
HEARTBEAT_EVERY_MS = 5000
READY = Progress("ready", 0, 0)
WORDS = {
    "ready": "ready", "running": "training", "paused": "paused", "stopped": "stopped",
    "finished": "finished", "failed": "broken off",
}  # fmt: skip
PRICES = {"n_parameters": "parameters", "seconds": "time"}
ENDS = {"done": "", "pruned": "stopped early", "failed": "broke down"}


def acts(desk: SweepDesk) -> None:
    """Which sweep is looked at, and what can be done with it."""
    mine = sweeps().of(desk.owner)
    sweeping = desk.sweeping
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="sweep-acts"):
        names = {"": "The sweep beside this", **{each.id: _named(each) for each in mine}}
        shown = sweeping.id if sweeping is not None and sweeping.id in names else ""
        put("sweep:shown", shown)
        st.selectbox(
            "Sweeps", list(names), key="sweep:shown", format_func=names.__getitem__, width=360,
            label_visibility="collapsed", on_change=taken("sweep:shown", desk.look_at),
            disabled=not mine,
        )  # fmt: skip
        if sweeping is None:
            return
        doing = sweeping.doing
        if doing == "running":
            _button("Pause", "pause", "pause", desk.pause)
        elif doing in ("paused", "stopped", "failed"):
            _button("Go on", "play_arrow", "go-on", desk.go_on, "Train what is missing")
        if doing in ("running", "paused"):
            _button("Stop", "stop", "stop", desk.stop, "What is done stays")
        st.download_button(
            "CSV", lambda: sweeping.outcomes().csv(), f"sweep-{sweeping.id}.csv", "text/csv", key="sweep:csv",
            icon=":material/download:", on_click="ignore", help="A row for each training",
        )  # fmt: skip
        if doing not in ("running", "paused"):
            _button("Delete", "delete", "delete", desk.forget, "This sweep, and what came out")


def watching(desk: SweepDesk) -> None:
    """Draw how it goes now, and again as long as it goes on; the strip is the clock, as of every picture."""
    sweeping, theme = desk.sweeping, shown_theme()
    doing = sweeping.doing if sweeping is not None else "ready"

    def tick() -> None:
        progress = sweeping.progress() if sweeping is not None else READY
        other = progress.doing != doing or shown_theme() is not theme
        if desk.stale or other:
            write_url(desk)
            st.rerun()
        _strip(desk, progress)
        with st.container(key="sweep-said"):
            _said(desk, progress)
        _pictures(desk)

    st.fragment(tick)()


def _strip(desk: SweepDesk, progress: Progress) -> None:
    outcomes = desk.outcomes
    ranking = outcomes.ranking()
    best = short(ranking[0].mean) if ranking else "–"
    desk.beats += 1
    n = progress.n or (0 if desk.problems else desk.sweep.n_trainings)
    told: list[tuple[str, str, int, str]] = [
        ("", WORDS[progress.doing], 10, "What the sweep is doing"),
        ("trainings", f"{progress.done} / {n}", 9, "Done, of all that it takes"),
        ("left", _duration(progress), 7, "At the pace so far"),
        ("best", best, 6, f"The best {outcomes.measure}, the mean over the seeds"),
    ]
    component("status", isolated=False)(
        key="status",
        data={
            "marks": {"state": progress.doing, "done": str(progress.done), "run": "", "at": ""},
            "items": [dict(zip(("what", "value", "width", "hint"), each, strict=True)) for each in told],
            "every_ms": LOOK_EVERY_MS if progress.doing == "running" else HEARTBEAT_EVERY_MS,
            "beat": desk.beats,
        },
        on_tick_change=lambda: None,
    )


def _said(desk: SweepDesk, progress: Progress) -> None:
    """How far it is, and who wins, in words."""
    outcomes = desk.outcomes
    if progress.doing == "running":
        st.progress(progress.share, _now(outcomes, progress))
    elif progress.message:
        more = "" if progress.doing == "failed" else "  Press Go on to train what is missing."
        st.info(f"{progress.message}{more}", icon=":material/info:")
    if desk.sweeping is not None and desk.sweeping.unsaved:
        st.warning(desk.sweeping.unsaved, icon=":material/cloud_off:")
    sentence = outcomes.sentence()
    if sentence:
        st.markdown(f":material/star: {sentence}")
    elif progress.doing == "finished":
        st.warning("No setting came to an end from every seed, so there is no winner.  Try smaller rates.")
    elif progress.doing == "ready":
        st.markdown(
            "Nothing is trained yet.  Each cell or point will be one setting; its colour, the mean over "
            "the seeds."
        )
    caution = outcomes.caution()
    if caution and sentence:
        st.warning(caution, icon=":material/warning:")


def _now(outcomes: Outcomes, progress: Progress) -> str:
    if not progress.now:
        return "Waiting for a core: runs that are watched go first"
    values, seed, epoch = progress.now[0]
    more = f" and {len(progress.now) - 1} more" if len(progress.now) > 1 else ""
    return f"{outcomes.sweep.said(values)}, seed {seed + 1}, epoch {epoch}{more}"


def _pictures(desk: SweepDesk) -> None:
    outcomes, theme = desk.outcomes, desk.theme
    if desk.sweeping is None and desk.problems:
        return
    selected = desk.selected
    chosen = selected.number if selected is not None and desk.chosen is not None else None
    of = (desk.sweeping.id if desk.sweeping else "", outcomes, theme)

    def drawn(name: str, made: Callable[[], Any], depends: Any, alt: str, height: int) -> None:
        live_plot(
            desk.keep(name, (of, depends), made), f"sweep-{name}", alt, height=height,
            points=True, on_point=triggered(f"plot_sweep-{name}", "point", lambda told: _pick(desk, told)),
        )  # fmt: skip

    drawn(
        "settings", lambda: chart.settings(outcomes, chosen, theme), chosen, chart.settings_alt(outcomes),
        chart.HEIGHT,
    )  # fmt: skip
    if not outcomes.scores():
        return
    with st.container(key="sweep-beside"):
        with st.container(key="sweep-price"):
            prices = _prices(outcomes)
            shown = desk.price if desk.price in prices else prices[0]
            put("sweep:price", shown)
            st.segmented_control(
                "What it costs", prices, key="sweep:price", required=True,
                format_func=lambda each: f"against {PRICES[each]}", label_visibility="collapsed",
                on_change=taken("sweep:price", lambda price: setattr(desk, "price", price)),
            )  # fmt: skip
            drawn(
                "price", lambda: chart.price(outcomes, shown, theme), shown,
                chart.price_alt(outcomes, shown), chart.SMALL_HEIGHT,
            )  # fmt: skip
        with st.container(key="sweep-history"):
            st.caption("In the order of trying")
            drawn(
                "history", lambda: chart.history(outcomes, theme), None, chart.history_alt(outcomes),
                chart.SMALL_HEIGHT,
            )  # fmt: skip


def _prices(outcomes: Outcomes) -> list[str]:
    """What settings differ in; where all networks are as large, that is no price."""
    sizes = {each.trial.n_parameters for each in outcomes.scores()}
    return list(PRICES) if len(sizes) > 1 else ["seconds"]


def _pick(desk: SweepDesk, told: Any) -> None:
    """A click on a cell or a point; what a browser says is checked."""
    number = told.get("point") if isinstance(told, dict) else None
    if type(number) is int:  # true is none
        desk.choose(number)


def chosen(desk: SweepDesk) -> None:
    """One trial: its numbers, its seeds, and the way on to each."""
    outcomes, trial = desk.outcomes, desk.selected
    if trial is None:
        return
    labels = {
        each.number: f"{each.number + 1}  {outcomes.sweep.said(each.values)}" for each in outcomes.trials
    }
    ranking = outcomes.ranking()
    best = ranking[0].trial.number if ranking else -1
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        put("sweep:trial", trial.number)
        st.selectbox(
            "Trial", list(labels), key="sweep:trial", width=340,
            format_func=lambda number: f"{labels[number]}{'  ★ best' if number == best else ''}",
            on_change=taken("sweep:trial", desk.choose), help="A click on a cell or a point chooses it, too",
        )  # fmt: skip
        seeds = [each.seed for each in trial.trainings]
        seed = seeds[0] if seeds else 0
        if len(seeds) > 1:
            shown = st.segmented_control(
                "Seed", seeds, key=f"sweep:seed:{trial.number}", default=seeds[0], required=True,
                format_func=lambda each: str(each + 1),
            )  # fmt: skip
            seed = seed if shown is None else shown
        _onwards(desk, trial, seed)
    _seeds(outcomes, trial)


def _onwards(desk: SweepDesk, trial: Trial, seed: int) -> None:
    """Buttons that open the run of one of its trainings, as it ended."""
    experiment = desk.outcomes.sweep.trained(trial.values, seed)
    training = next((each for each in trial.trainings if each.seed == seed), None)
    pages = {"playground": drawable(experiment), "builder": True}
    for page, fits in pages.items():
        if fits and st.button(
            f"Open in the {page}", key=f"sweep:open:{page}", icon=":material/open_in_new:",
            help="The run as it ended: Reset and Play come to the same numbers again",
        ):  # fmt: skip
            saved = training.run if training is not None else ""
            run, why = begun(lambda saved=saved: engine().open(saved, desk.owner) if saved else None)
            if run is not None:
                state.bring(run, building=page == "builder")
            else:
                # it is not filed yet, or was deleted; its experiment comes to the same
                state.hand_over(experiment, building=page == "builder")
                there = state.played() or desk
                there.notices.append(f"{why}  Here is the same experiment, from its start.")
            st.switch_page(f"pages/{page}.py")


def _seeds(outcomes: Outcomes, trial: Trial) -> None:
    score = outcomes.score(trial)
    summary = f"{outcomes.measure} {score.said()}" if score else "no score: not every seed came to an end"
    st.markdown(
        f"**{outcomes.sweep.said(trial.values)}**: {summary}, {trial.n_parameters} weights and biases"
    )
    rows = "".join(_row(each) for each in trial.trainings)
    heads = "".join(
        f"<th>{head}</th>"
        for head in (
            "seed",
            "epochs",
            "loss train",
            "validation",
            "test",
            "score train",
            "validation",
            "test",
            "s",
            "",
        )
    )
    st.html(f'<table class="sweep-seeds"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')


def _row(training: Training) -> str:
    names = [f"{share}_{what}" for what in ("loss", "score") for share in ("train", "validation", "test")]
    measures = "".join(f"<td>{short(training.measures.get(name))}</td>" for name in names)
    end = escape(training.message) or ENDS[training.end]
    return (
        f"<tr><td>{training.seed + 1}</td><td>{training.epoch}</td>{measures}"
        f"<td>{training.seconds:.2g}</td><td>{end}</td></tr>"
    )


def _named(sweeping: Sweeping) -> str:
    names = " × ".join(each.label for each in sweeping.sweep.swept)
    return f"{names} ({sweeping.sweep.how}, {WORDS[sweeping.doing]})"


def _duration(progress: Progress) -> str:
    left_s = progress.left_s
    if progress.doing not in ("running", "paused") or left_s is None:
        return "–"
    return f"{left_s:.0f} s" if left_s < 90 else f"{left_s / 60:.0f} min"


def _button(label: str, icon: str, key: str, act: Callable[[], None], hint: str | None = None) -> None:
    st.button(label, key=f"sweep:{key}", icon=f":material/{icon}:", on_click=act, help=hint)
