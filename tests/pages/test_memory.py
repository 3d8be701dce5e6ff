import pytest

from dlcore.guides import memory
from dlcore.guides.memory import KINDS, MemorySettings
from dlcore.spec.share import pack
from pages.parts.labs import memory_ladder
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # the fixture tidies up


def visit(settings=None, **query):
    at = opened("pages/memory.py", **({"s": pack(settings.compact())} if settings else {}), **query)
    assert not at.exception
    return at


def lab(at):
    return at.session_state["lab:memory"]


def steps(at):
    return {name: here.run.frame((), fresh=True).step for name, here in lab(at).heres.items()}


def said(at):
    return " ".join(each.value for each in at.markdown)


def test_the_pictures_are_there_before_play_which_waits_for_a_prediction():
    at = visit()
    assert at.button(key="play").disabled
    assert "What each remembers" in said(at)
    assert {f"set:{name}" for name in MemorySettings.model_fields} <= keys(at)
    lab(at).predict(2)
    at.run()
    assert not at.button(key="play").disabled
    assert at.query_params["guess"] == "2"


def test_all_three_learn_together_and_begin_anew_where_another_question_is_asked():
    at = visit(guess="2")
    at.button(key="step").click().run()
    assert steps(at) == dict.fromkeys(KINDS, 1)
    assert "After 25 letters, unseen strings are answered rightly: the RNN" in said(at)
    lab(at).set("rate", 0.01)
    at.run()
    assert steps(at) == dict.fromkeys(KINDS, 1)  # that goes on
    at.slider(key="set:steps").set_value(10).run()
    assert not at.exception
    assert steps(at) == dict.fromkeys(KINDS, 0)
    assert not any(here.run.frame((), fresh=True).notice for here in lab(at).heres.values())
    assert all(here.experiment.data.steps == 10 for here in lab(at).heres.values())


def test_on_a_real_series_forecasts_are_measured_against_what_was_a_season_ago():
    at = visit(MemorySettings(task="sunspots", steps=24), guess="0")
    at.button(key="step").click().run()
    assert not at.exception
    assert "saying what was 11 years ago is off by" in said(at)


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(memory, "RUNGS", (5, 10))
    monkeypatch.setattr(memory_ladder, "RUNGS", (5, 10))
    monkeypatch.setattr(memory, "RUNG_EPOCHS", 1)


def test_the_ladder_measures_each_at_every_distance_and_can_be_stopped(short):
    at = visit(MemorySettings(units=4))
    at.button(key="ladder:start").click().run()
    assert not at.exception
    panel = lab(at).kept["ladder"]
    until(lambda: not panel.running)
    at.run()
    assert not at.exception
    assert panel.trials.progress().done == 6
    assert any("Below 95% within" in each.value for each in at.caption)
    at.button(key="ladder:start").click().run()
    at.button(key="ladder:stop").click().run()
    assert not at.exception
    until(lambda: not panel.running)
    assert panel.trials.progress().message.startswith("Stopped")
