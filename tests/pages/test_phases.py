import re

import numpy as np
import pytest

from dlcore.charts.theme import LIGHT
from dlcore.experiment import Experiment
from dlcore.training.phases import phases
from dlcore.training.session import Session
from pages.parts.network import description, take
from pages.parts.phases import stages, trace_nearest, traced_place
from pages.parts.transport import short
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture tidies up

CASES = {
    "binary": Experiment(network=({"kind": "dense"}, {"kind": "dropout"}, {"kind": "dense", "units": 12})),
    "classes": Experiment(data="rings", optimizer="adam"),
    "regression": Experiment(data="plane", loss="mean_squared", network=()),
    "signed": Experiment(loss="mean_squared", optimizer={"kind": "sgd", "momentum": 0.5}),
    "silenced": Experiment(
        network=({"kind": "dense", "units": 3, "frozen": True},), silenced=({"layer": 0, "unit": 0},)
    ),
}


def told_of(e, n_steps=3):
    session = Session(e)
    session.advance(n_steps)
    return session, phases(session)


def said(e, told):
    return stages(e, told, description(e, LIGHT)["columns"])


@pytest.mark.parametrize("case", CASES)
def test_the_stages_go_forward_layer_by_layer_and_back_again(case):
    e = CASES[case]
    made = said(e, told_of(e)[1])
    n_columns = len(description(e, LIGHT)["columns"])
    forward = [("Forward", c) for c in range(n_columns)]
    backward = [("Backward", c) for c in range(n_columns - 1, 0, -1)]
    wanted = [*forward, ("Loss", n_columns - 1), *backward, ("Update", -1)]
    assert [(stage["phase"], stage["column"]) for stage in made] == wanted
    assert all(stage["say"].endswith(".") and "nan" not in stage["say"] for stage in made)


@pytest.mark.parametrize("case", CASES)
def test_the_sentences_have_the_numbers_of_the_step(case):
    e = CASES[case]
    session, told = told_of(e)
    made = said(e, told)
    outputs = told.arrays[f"{len(e.network)}.value"]
    session.advance(1)
    loss = next(stage["say"] for stage in made if stage["phase"] == "Loss")
    assert f"is {short(session.batch_loss)}" in loss
    assert short(float(outputs[0])) in loss
    update = made[-1]["say"]
    before, rate, way, after = (
        float(each.replace("−", "-"))
        for each in re.search(
            r": (\S+) − (\S+)·\(?([^ ()]+)\)?(?: \(made of the gradient \S+\))? = (\S+)\.", update
        ).groups()
    )
    assert before - rate * way == pytest.approx(after, rel=0.02, abs=5e-3)
    moved = np.concatenate([linear.weight.detach().ravel() for _, linear in session.network.linears()])
    assert np.isclose(moved, after, rtol=5e-3, atol=1e-6).any()


def test_a_first_neuron_that_is_silent_is_not_the_example():
    e = CASES["silenced"]
    made = said(e, told_of(e)[1])
    assert "Neuron 1.2:" in made[1]["say"]
    assert "No gradient reaches the weights into layer 1" in made[-2]["say"]


def test_entering_pauses_and_the_step_is_made_from_the_diagram():
    at = opened(play="1")
    until(lambda: here(at).run.frame((), fresh=True).step > 0)
    at.button(key="phases").click().run()
    assert here(at).walking
    assert here(at).run.frame((), fresh=True).state == "paused"
    told = here(at).run.phases(patience_s=20)
    take(here(at), {"from": "a", "edits": [{"op": "step", "id": 1}]})
    assert here(at).run.frame((), fresh=True).step == told.facts["step"]
    assert here(at).walking
    take(here(at), {"from": "a", "edits": [{"op": "leave", "id": 2}]})
    assert not here(at).walking
    assert not at.exception


def test_playing_leaves_the_phases():
    at = opened()
    at.button(key="phases").click().run()
    assert at.button(key="phases").label == "Leave the phases"
    at.button(key="play").click().run()
    assert not here(at).walking
    assert at.button(key="phases").label == "Phase by phase"


def test_a_point_outside_the_batch_says_so_in_every_phase_that_is_not_about_it():
    e = CASES["binary"]
    session = Session(e)
    session.advance(3)
    inside = phases(session).facts["point"]
    outside = next(point for point in range(100) if phases(session, point).facts["row"] < 0)
    here_, there = said(e, phases(session, inside)), said(e, phases(session, outside))
    assert f"Training point {inside + 1}, number 1 of the 10 points of this batch," in here_[0]["say"]
    assert f"Training point {outside + 1} goes in" in there[0]["say"]
    assert "not in the next batch" in there[0]["say"]
    assert "Dropout silences none" in there[1]["say"]
    loss, backward = (next(s["say"] for s in there if s["phase"] == phase) for phase in ("Loss", "Backward"))
    assert "It is not in the batch." in loss
    assert "their answer to the first point of the batch did" in backward


def test_a_press_on_the_plane_traces_the_nearest_training_point_until_the_phases_are_left():
    at = opened()
    at.button(key="phases").click().run()
    points = here(at).points["train"].x
    place = points[17] + 0.001
    trace_nearest(here(at), {"place": [float(place[0]), float(place[1])]})
    assert here(at).look.traced == 17
    for nonsense in ({}, {"place": "here"}, {"place": [1]}, {"place": [None, float("nan")]}):
        trace_nearest(here(at), nonsense)
    assert here(at).look.traced == 17
    at.run()
    frame = here(at).frame(("weights",))
    assert traced_place(here(at), frame) == pytest.approx(tuple(points[17]))
    take(here(at), {"from": "a", "edits": [{"op": "trace", "value": 5, "id": 1}]})
    assert here(at).look.traced == 4
    for id_, value in enumerate((0, 10_000, "7", 2.5), 2):
        take(here(at), {"from": "a", "edits": [{"op": "trace", "value": value, "id": id_}]})
    assert here(at).look.traced == 4
    take(here(at), {"from": "a", "edits": [{"op": "trace", "value": None, "id": 9}]})
    assert here(at).look.traced is None
    take(here(at), {"from": "a", "edits": [{"op": "trace", "value": 5, "id": 10}, {"op": "leave", "id": 11}]})
    assert here(at).look.traced is None
    assert not at.exception
