from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.data import Own, Task, datasets
from dlcore.data.points import Rings
from dlcore.engine import State
from dlcore.experiment import Experiment, value_at
from dlcore.initializers import initializers
from dlcore.layers import Dense
from dlcore.link import decode, encode
from dlcore.losses import losses
from dlcore.optimizers import optimizers
from dlcore.schedules import schedules
from dlcore.spec.declared import extra
from pages.parts.state import engine
from tests.engine.conftest import until

PATIENCE_S = 30
ROOT = Path(__file__).parents[2]


def opened(file="app.py", **query):
    at = AppTest.from_file(ROOT / file, default_timeout=PATIENCE_S)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def here(at):
    return at.session_state["here"]


@pytest.fixture(autouse=True)
def close_runs():
    yield
    for run in list(engine()._runs.values()):
        engine().end(run)


def keys(at):
    """The keys of all widgets on the page."""
    found = [
        *at.slider,
        *at.select_slider,
        *at.selectbox,
        *at.toggle,
        *at.number_input,
        *at.button_group,
        *at.button,
    ]
    return {widget.key for widget in found}


@pytest.mark.parametrize("file", ["app.py", "pages/playground.py"])
def test_the_page_opens_cold(file):
    at = opened(file)
    assert not at.exception
    assert {"play", "step", "epoch", "reset", "reseed"} <= keys(at)


def test_the_experiment_and_the_run_are_in_the_url():
    at = opened()
    assert decode(at.query_params["x"]).experiment == Experiment()
    assert at.query_params["run"] == here(at).run.id


def test_a_link_opens_its_experiment():
    e = Experiment(data="moons", network=({"kind": "dense", "units": 3},), optimizer="rmsprop", batch_size=32)
    assert here(opened(x=encode(e))).experiment == e


def test_a_link_may_start_the_run():
    at = opened(x=encode(Experiment()), play="1")
    assert at.button(key="play").label == "Pause"
    assert "play" not in at.query_params


@pytest.mark.parametrize(
    "token",
    ["", "1", "9q64FAA", "1q64F", "x" * 100_000, "1" + "A" * 5000, "../../etc/passwd", "1q64FAA\x00", "💥"],
)
def test_a_broken_link_opens_the_page_with_a_sentence(token):
    at = opened(x=token)
    assert not at.exception
    assert here(at).experiment == Experiment()
    assert len(at.toast) == (token != "")


def test_what_was_set_aside_is_said_once():
    from dlcore.spec.share import pack

    at = opened(x=pack({"batch_size": 100_000, "loss": "magic"}))
    assert not at.exception
    assert here(at).experiment == Experiment(batch_size=500)
    assert "batch size was out of bounds and is now 500" in at.toast[0].value
    assert not at.run().toast


@pytest.mark.parametrize("run_id", ["nobody", "x" * 100_000, "../x", ""])
def test_a_run_that_is_not_there_opens_a_new_one(run_id):
    at = opened(run=run_id)
    assert not at.exception
    assert here(at).run.id != run_id


def test_play_turns_into_pause_and_back():
    at = opened()
    at.button(key="play").click().run()
    assert at.button(key="play").label == "Pause"
    while here(at).run.frame((), fresh=True).step == 0:
        pass
    at.button(key="play").click().run()
    assert at.button(key="play").label == "Play"
    frame = here(at).run.frame((), fresh=True)
    assert frame.step > 0


def test_step_makes_one_step_and_reset_takes_it_back():
    at = opened()
    at.button(key="step").click().run()
    assert here(at).run.frame((), fresh=True).step == 1
    at.button(key="reset").click().run()
    assert here(at).run.frame((), fresh=True).step == 0


def test_reseed_starts_from_other_weights_and_reset_keeps_them():
    at = opened()
    before = here(at).run.frame((), fresh=True).measures
    at.button(key="reseed").click().run()
    after = here(at).run.frame((), fresh=True).measures
    at.button(key="reset").click().run()
    assert after != before
    assert here(at).run.frame((), fresh=True).measures == after
    assert here(at).experiment.seeds.data == Experiment().seeds.data


def test_a_lost_worker_is_a_message_with_the_way_on():
    import os
    import signal
    import time

    at = opened()
    at.button(key="step").click().run()
    os.kill(here(at).run.pid, signal.SIGKILL)
    while not here(at).run.lost:
        here(at).run.frame(())
        time.sleep(0.01)
    at.run()
    assert not at.exception
    assert "ended unexpectedly" in at.warning[0].value
    at.button(key="revive").click().run()
    assert not at.warning
    assert at.button(key="play").label == "Pause"


def test_a_learning_rate_changes_while_the_run_goes_on():
    at = opened()
    at.button(key="epoch").click().run()
    at.number_input(key="typed:optimizer.learning_rate").set_value(0.02).run()
    frame = here(at).run.frame((), fresh=True)
    assert frame.learning_rate == pytest.approx(0.02)
    assert frame.step >= 1
    assert here(at).experiment.optimizer.learning_rate == 0.02


def test_a_loss_that_does_not_fit_is_not_offered_and_is_replaced_when_the_data_change():
    at = opened()
    here(at).set("data", datasets["plane"]())
    at.run()
    box = at.selectbox(key="kind:loss")
    assert here(at).experiment.loss.kind_name() in box.options or box.value == "mean_squared"
    assert box.value == "mean_squared"
    assert not {"Cross-entropy", "Hinge"} & set(box.options)
    assert "does not fit" in at.toast[0].value


KINDS = [
    *((f"kind:{path}", registry, cls) for path, registry in (
        ("loss", losses), ("optimizer", optimizers), ("schedule", schedules), ("init", initializers)
    ) for cls in registry),
    *((None, datasets, cls) for cls in datasets),
]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "registry", "cls"), KINDS, ids=lambda value: getattr(value, "__name__", None)
)
def test_every_kind_can_be_chosen_and_each_of_its_settings_set(key, registry, cls):
    at = opened()
    if registry is losses and Task.BINARY not in cls.tasks:
        here(at).set("data", Rings(classes=3))
        at.run()
    if key is None:
        here(at).set("data", cls())
        path = "data"
        at.run()
    else:
        path = key.removeprefix("kind:")
        at.selectbox(key=key).set_value(cls.kind_name()).run()
    assert not at.exception
    assert type(value_at(here(at).experiment, path)) is cls
    shown = {name for name, field in cls.settings().items() if extra(field, "form") is not False}
    assert {f"set:{path}.{name}" for name in shown} == {
        key for key in keys(at) if key.startswith(f"set:{path}.")
    }
    assert here(at).experiment.problems() == []


def test_every_other_setting_has_a_widget():
    at = opened()
    wanted = {"set:batch_size", "split"}
    for path in ("regularisation", "seeds", "stop"):
        wanted |= {f"set:{path}.{name}" for name in value_at(Experiment(), path).settings()}
    assert wanted <= keys(at)


def test_a_slider_offers_nothing_that_is_refused():
    at = opened()
    for slider in (at.slider(key=key) for key in keys(at) if key.startswith("set:") and key in _sliders(at)):
        for value in (slider.min, slider.max):
            slider.set_value(value).run()
            assert not at.exception, slider.key
            assert here(at).experiment.problems() == []


def _sliders(at):
    return {slider.key for slider in at.slider}


@pytest.mark.parametrize("handles", [(5, 5), (5, 95), (95, 95), (50, 60), (90, 90)])
def test_the_split_can_be_dragged_anywhere(handles):
    at = opened()
    at.slider(key="split").set_value(handles).run()
    assert not at.exception
    split = here(at).experiment.split
    assert split.test >= 5
    assert here(at).experiment.problems() == []


def test_try_buttons_set_the_experiment_and_play():
    from dlcore.presets import TRY

    at = opened()
    for preset in TRY:
        at.button(key=f"try:{preset.name}").click().run()
        assert not at.exception
        assert here(at).experiment == preset.experiment
        assert at.button(key="play").label == "Pause"


def test_a_run_without_trouble_says_so():
    at = opened()
    at.button(key="step").click().run()
    until(lambda: here(at).run.frame((), fresh=True).step == 1)
    at.run()
    assert any("No trouble seen" in each.value for each in at.markdown)


def test_a_finding_is_shown_with_its_repair():
    zeros = Experiment(data="circle", init="zeros", network=({"kind": "dense", "units": 4},))
    at = opened(x=encode(zeros))
    assert any("have the same weights" in each.value for each in at.markdown)
    at.button(key="repair:all-zero start").click().run()
    assert not at.exception
    assert here(at).experiment.init.kind_name() == "xavier"
    assert not any("have the same weights" in each.value for each in at.markdown)


def test_the_repair_of_a_run_that_broke_down_starts_it_again():
    linear = {"kind": "dense", "units": 40, "activation": "linear"}
    runaway = Experiment(
        data="plane",
        loss="mean_squared",
        network=(linear,) * 4,
        optimizer={"kind": "sgd", "learning_rate": 10},
    )
    at = opened(x=encode(runaway))
    at.button(key="epoch").click().run()
    until(lambda: here(at).run.frame((), fresh=True).state is State.FAILED)
    at.run()
    assert any("overflowed first: step" in each.value for each in at.markdown)
    at.button(key="repair:not finite").click().run()
    assert not at.exception
    assert here(at).experiment.optimizer.learning_rate == 1
    assert here(at).run.frame((), fresh=True).state is not State.FAILED


def test_the_gallery_opens_with_points_and_closes_again():
    from dlcore.presets import PRESETS
    from pages.parts.gallery import _card

    at = opened()
    at.button(key="gallery").click().run()
    assert not at.exception
    assert here(at).dialog == "gallery"
    card = _card(PRESETS[0], None, here(at).theme)
    assert "map" not in card
    assert len(card["x1"]) == len(card["colours"]) > 50


def test_a_card_shows_the_map_of_its_preset():
    from dlcore.charts.theme import DARK, LIGHT
    from dlcore.presets import PRESETS
    from pages.parts.gallery import _card, thumbnails

    opened()
    made = thumbnails()
    made.start()
    until(lambda: made.start() or made.complete, 90)
    for preset in PRESETS:
        light, dark = (_card(preset, made.ready()[preset.name], theme)["map"] for theme in (LIGHT, DARK))
        assert light.startswith("data:image/png;base64,")
        assert light != dark


def test_an_edit_that_makes_no_sense_changes_nothing():
    from pages.parts.network import _edit

    at = opened()
    for edit in ({}, {"op": "units", "layer": 99, "value": 3}, {"op": "units", "layer": 0, "value": "many"},
                 {"op": "dropout", "layer": 0, "value": [1]}, {"op": "input", "value": "__class__"},
                 {"op": "activation", "layer": 0, "value": {"kind": "tanh", "x": 1}}):  # fmt: skip
        _edit(here(at), edit)
    assert here(at).experiment == Experiment()
    assert here(at).notices


def test_an_edit_on_the_diagram_changes_the_network():
    from pages.parts.network import _edit

    at = opened()
    _edit(here(at), {"op": "units", "layer": 1, "value": 5})
    _edit(here(at), {"op": "activation", "layer": 0, "value": "relu"})
    _edit(here(at), {"op": "dropout", "layer": 0, "value": "0.3"})
    at.run()
    assert not at.exception
    first, dropout, second, _ = here(at).experiment.network
    assert first.activation.kind_name() == "relu"
    assert dropout.p == 0.3
    assert isinstance(second, Dense)
    assert second.units == 5
    assert decode(at.query_params["x"]).experiment == here(at).experiment


def test_the_server_says_when_it_is_full(monkeypatch):
    from dlcore.engine import EngineFull

    def full(*_, **__):
        raise EngineFull("This server is full.")

    engine()
    monkeypatch.setattr("dlcore.engine.LocalEngine.start", full)
    at = opened()
    assert not at.exception
    assert at.info[0].value == "This server is full."


def choose(at, kind):
    from pages.parts.data import _choose

    _choose(here(at), kind)
    at.run()
    assert not at.exception


def test_own_points_begin_as_the_points_one_is_looking_at():
    at = opened()
    before = here(at).points
    choose(at, "own")
    after = here(at).points
    assert here(at).experiment.data.kind_name() == "own"
    drawn, kept = (np.concatenate([part.x for part in parts.values()]) for parts in (before, after))
    assert np.abs(np.sort(drawn, axis=0) - np.sort(kept, axis=0)).max() < 0.002
    assert "500 points of your own, 2 classes" in [caption.value for caption in at.caption]
    assert "new-points" not in keys(at)
    assert decode(at.query_params["x"]).experiment == here(at).experiment


def test_own_points_are_kept_while_another_data_set_is_looked_at():
    mine = Own.of([[1, 1], [2, 2], [3, 3], [-1, -1], [-2, 4]], [0, 1, 2, 0, 1])
    at = opened(x=encode(Experiment(data=mine)))
    choose(at, "moons")
    assert here(at).experiment.data == datasets["moons"]()
    choose(at, "own")
    assert here(at).experiment.data == mine
