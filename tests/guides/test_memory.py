import pytest

from dlcore.guides.memory import GUIDE, KINDS, RUNGS, MemorySettings, came_true, experiments, ladder
from dlcore.training.session import Session

SETTINGS = [GUIDE.settings, *(each.settings for each in GUIDE.tries)]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda each: f"{each.task}-{each.steps}-{each.remember}")
def test_the_three_can_run_and_differ_in_nothing_but_their_cell(settings):
    runs = experiments(settings)
    assert tuple(runs) == KINDS
    assert not [problem for experiment in runs.values() for problem in experiment.problems()]
    *embedding, _ = runs["RNN"].network
    for kind, experiment in runs.items():
        assert experiment.network[-1].heading() == kind
        assert experiment.model_copy(update={"network": runs["RNN"].network}) == runs["RNN"]
        assert list(experiment.network[:-1]) == embedding


def test_an_lstm_and_a_gru_know_the_first_of_26_letters_where_an_rnn_given_as_long_does_not():
    runs, scores, steps = experiments(GUIDE.settings), {}, 0
    for kind in ("GRU", "LSTM", "RNN"):
        session = Session(runs[kind])
        while not session.stopped and not (kind == "RNN" and session.step >= steps):
            session.advance_epoch()
        scores[kind], steps = session.evaluate().test_score, max(steps, session.step)
    assert min(scores["LSTM"], scores["GRU"]) >= 0.95
    assert scores["RNN"] < 0.95
    assert GUIDE.choices[came_true(scores)] == "LSTM and GRU"


def test_what_came_true_is_told_by_who_knows_the_first_letter():
    assert came_true({"RNN": 0.3, "LSTM": 0.2, "GRU": 0.9}) == 0
    assert came_true({"RNN": 0.3, "LSTM": 0.97, "GRU": 0.9}) == 1
    assert came_true({"RNN": 1.0, "LSTM": 0.97, "GRU": 0.96}) == 3
    assert came_true({"RNN": 0.3, "LSTM": 0.2, "GRU": 0.99}) is None  # nobody could predict that


def test_the_ladder_trains_the_three_at_every_distance_until_its_own_stop():
    rungs = ladder(MemorySettings(task="sunspots", remember=1.0))
    assert list(rungs) == [(n, kind) for n in RUNGS for kind in KINDS]
    assert all(experiment.data.steps == n for (n, _), experiment in rungs.items())
    assert all(0 < experiment.stop.epochs <= 30 for experiment in rungs.values())
    assert rungs[5, "LSTM"].network[-1].remember == 1.0
