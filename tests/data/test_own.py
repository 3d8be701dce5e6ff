import base64
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dlcore.data import Own, Split, Task, datasets, prepare
from dlcore.data.own import MAX_POINTS, START, pack, unpack
from dlcore.experiment import Experiment
from dlcore.link import decode, dumps, encode, loads, nearest
from dlcore.losses import MeanSquared
from tests.samples import own_points

STEP = 12 / 4094


def written(*words):
    """The text of records made by hand: big-endian, 12 bits, 12 bits, 8 bits."""
    return base64.urlsafe_b64encode(struct.pack(f">{len(words)}I", *words)).rstrip(b"=").decode()


def test_a_record_is_two_coordinates_and_a_class():
    assert pack([[-6, 6]], [3]) == written(4094 << 8 | 3)
    assert pack([[0, 0]], [0]) == written(2047 << 20 | 2047 << 8)


def test_a_record_read_by_hand():
    x, y = unpack(written(4094 << 20 | 2047 << 8 | 5, 0))
    np.testing.assert_array_equal(x, [[6, 0], [-6, -6]])
    np.testing.assert_array_equal(y, [5, 0])


def test_a_value_runs_from_minus_one_to_one():
    _, y = unpack(written(0, 127, 254), "values")
    np.testing.assert_array_equal(y, [-1, 0, 1])


@settings(max_examples=200, deadline=None)
@given(own_points())
def test_points_come_back_from_their_text_and_their_text_from_them(own):
    x, y = own.read()
    assert pack(x, y, own.target) == own.points
    assert own.size == len(x)


def test_a_point_moves_by_less_than_half_a_step():
    x = np.random.default_rng(1).uniform(-6, 6, (1000, 2))
    moved, _ = unpack(pack(x, np.zeros(1000)))
    assert np.abs(moved - x).max() <= STEP / 2 + 0.0005


def test_what_lies_outside_is_moved_to_the_edge():
    x, y = unpack(pack([[1e300, -7]], [3], "values"), "values")
    assert (x.tolist(), y.tolist()) == ([[6, -6]], [1])


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        (np.zeros((1001, 2)), np.zeros(1001), "at most 1000"),
        ([[float("nan"), 0]], [0], "no number"),
        ([[0, float("inf")]], [0], "no number"),
        ([[0, 0]], [6], "from 0 to 5"),
        ([[0, 0]], [-1], "from 0 to 5"),
        ([[0, 0]], [0.5], "from 0 to 5"),
        ([[0, 0]], [0, 1], "one answer"),
    ],
)
def test_points_that_cannot_be_written_are_refused_in_words(x, y, reason):
    with pytest.raises(ValueError, match=reason):
        pack(x, y)


HOSTILE = {
    "a cut record": START[:-1],
    "half a record": written(0)[:-2],
    "a foreign letter": "AAAA+A",
    "padding": "AAAAAA==",
    "spaces": "AAAA AA",
    "bits to spare": "AAAAAB",
    "no ASCII": "💥" * 6,
    "a null": "AAAA\x00A",
    "a lone surrogate": "\ud800",
    "outside the plane": written(4095 << 20),
    "outside above": written(4095 << 8),
    "a class too many": written(6),
    "the last class": written(255),
    "one point too many": pack(np.zeros((1000, 2)), np.zeros(1000))[:-2] + "AAAAAAAA",
    "ten million letters": "A" * 10_000_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_refused_in_words(text):
    with pytest.raises(ValidationError) as refusal:
        Own(points=text)
    assert all(error["msg"] for error in refusal.value.errors())


def test_a_value_above_one_is_refused():
    with pytest.raises(ValidationError, match="above 1"):
        Own(points=written(255), target="values")


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60)
    | st.from_regex(r"[A-Za-z0-9_-]{0,60}", fullmatch=True)
)
def test_any_text_is_read_or_refused_and_only_one_text_means_the_same_points(text):
    try:
        own = Own(points=text)
    except ValidationError:
        return
    assert Own.of(*own.read()).points == text


def test_a_damaged_link_opens_with_points_to_begin_with():
    opened = nearest({"data": {"kind": "own", "points": "!"}})
    assert opened.experiment.data == Own()
    assert nearest({"data": {"kind": "own", "target": "x", "points": START}}).experiment.data == Own()
    assert "points" in opened.sentence()


def test_a_thousand_points_travel_in_a_link_and_in_a_file():
    rng = np.random.default_rng(1)
    full = Experiment(data=Own.of(rng.uniform(-6, 6, (MAX_POINTS, 2)), rng.integers(0, 6, MAX_POINTS)))
    assert decode(encode(full)).experiment == full
    assert loads(dumps(full)) == full
    assert len(encode(full)) < 8000


@pytest.mark.parametrize(
    ("y", "n_classes", "task"),
    [([0, 0, 0, 0], 2, Task.BINARY), ([0, 1, 2, 0], 3, Task.CLASSES), ([5, 5, 5, 5], 6, Task.CLASSES)],
)
def test_there_are_as_many_classes_as_the_highest_says(y, n_classes, task):
    own = Own.of(np.zeros((4, 2)), y)
    assert (own.n_classes, own.task) == (n_classes, task)


def test_values_are_a_regression():
    assert Own(points=START, target="values").task is Task.REGRESSION


@pytest.mark.parametrize("target", ["classes", "values"])
@pytest.mark.parametrize("n_points", range(4))
def test_too_few_points_are_a_problem_whose_remedy_can_run(n_points, target):
    own = Own.of(np.zeros((n_points, 2)), np.zeros(n_points), target)
    experiment = Experiment(data=own, loss=MeanSquared())
    (problem,) = experiment.problems()
    assert f"{n_points}." in problem.what
    assert experiment.model_copy(update=dict(problem.remedy)).problems() == []


def test_four_points_are_enough_to_learn_from_and_be_tested_on():
    own = Own.of(np.eye(4, 2), [0, 1, 0, 1])
    assert Experiment(data=own).problems() == []
    assert min(map(len, (prepare(own, Split(), 1, 1)[share] for share in ("train", "test")))) >= 1


@pytest.mark.parametrize("kind", [cls.kind_name() for cls in datasets if cls().planar])
def test_the_points_of_any_data_set_of_the_plane_can_be_taken_over(kind):
    data = datasets[kind]()
    own, (x, y) = Own.like(data, 7), data.draw(7)
    mine, answers = own.draw(1)
    assert own.task == data.task
    np.testing.assert_allclose(mine, np.clip(x, -6, 6), atol=0.002)
    np.testing.assert_allclose(answers, y, atol=0.005)


def test_every_so_manyth_is_taken_over_where_they_are_too_many():
    own = Own.like(datasets["two_gaussians"](n_points=5000), 1)
    assert own.size == MAX_POINTS
    assert own.read()[1].mean() == pytest.approx(0.5, abs=0.01)


def test_the_server_bounds_own_points_too():
    assert Own().at_most(12).size == 12
