import numpy as np
import pytest
from pydantic import ValidationError

from dlcore.data import Own, prepare
from dlcore.data.own import MAX_POINTS, MIN_POINTS
from dlcore.experiment import Experiment, diff
from dlcore.painting import REACH, PaintError, Stroke, paint
from dlcore.training.session import Session


def own(n=20, target="classes"):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n) if target == "classes" else rng.uniform(-1, 1, n)
    loss = "cross_entropy" if target == "classes" else "mean_squared"
    return Experiment(data=Own.of(rng.uniform(-5, 5, (n, 2)), y, target), loss=loss)


def stroke(tool, *places, label=0.0):
    return Stroke(tool=tool, places=places, label=label)


def test_a_point_is_added_where_the_pointer_was():
    after = paint(own(), stroke("add", (1.25, -2.5), label=1.0))
    x, y = after.data.read()
    assert len(x) == 21
    assert x[-1] == pytest.approx((1.25, -2.5), abs=0.01)
    assert y[-1] == 1


def test_the_first_stroke_on_a_pattern_makes_its_points_ones_own():
    e = Experiment()
    x, _ = e.data.draw(e.seeds.data)
    after = paint(e, stroke("add", (0.0, 0.0), label=1.0))
    assert isinstance(after.data, Own)
    assert after.data.size == len(x) + 1
    assert np.abs(after.data.read()[0][:-1] - x).max() < 0.005


def test_erasing_takes_what_is_near_and_nothing_else():
    e = own(100)
    x, _ = e.data.read()
    after = paint(e, stroke("erase", tuple(x[7])))
    near = np.linalg.norm(x - x[7], axis=1) < REACH
    left = {tuple(place) for place in after.data.read()[0]}
    assert left == {tuple(place) for place in x[~near]}


def test_a_point_is_moved_with_its_class():
    e = own()
    x, y = e.data.read()
    after = paint(e, stroke("move", tuple(x[3] + 0.1), (5.5, 5.5)))
    assert after.data.read()[0][3] == pytest.approx((5.5, 5.5), abs=0.01)
    assert (after.data.read()[1] == y).all()


def test_moving_from_where_nothing_is_moves_nothing():
    e = Experiment(data=Own.of([[0, 0], [1, 1], [2, 2], [3, 3]], [0, 1, 0, 1]))
    assert paint(e, stroke("move", (-5.0, 5.0), (0.0, 5.0))) == e


def test_the_other_points_keep_their_share_when_one_comes_or_goes():
    e = own(200)
    x, _ = e.data.read()

    def shares(experiment):
        parts = prepare(experiment.data, experiment.split, 1, 1)
        return {
            tuple(np.round(place, 3)): share for share, part in parts.items() for place in part.x.tolist()
        }

    before = shares(e)
    for after in (paint(e, stroke("add", (0.0, 0.0))), paint(e, stroke("erase", tuple(x[5])))):
        moved = [place for place, share in shares(after).items() if before.get(place, share) != share]
        assert len(moved) <= 6


def test_a_full_and_an_empty_plane_are_refused_in_words():
    with pytest.raises(PaintError, match="room"):
        paint(own(MAX_POINTS), stroke("add", (0.0, 0.0)))
    few = Experiment(data=Own.of([[0, 0], [0.1, 0], [0, 0.1], [3, 3]], [0, 1, 0, 1]))
    with pytest.raises(PaintError, match=f"{MIN_POINTS} points"):
        paint(few, stroke("erase", (0.0, 0.0)))
    with pytest.raises(PaintError, match="whole number"):
        paint(own(), stroke("add", (0.0, 0.0), label=7.0))


@pytest.mark.parametrize(
    "said",
    [
        {"tool": "add", "places": []},
        {"tool": "add", "places": [[0, 0]] * 201},
        {"tool": "add", "places": [[float("nan"), 0]]},
        {"tool": "add", "places": [[0, 0, 0]]},
        {"tool": "add", "places": "everywhere"},
        {"tool": "burn", "places": [[0, 0]]},
        {"tool": "add", "places": [[0, 0]], "label": "x"},
        {"tool": "add", "places": None},
    ],
)
def test_a_stroke_that_makes_no_sense_is_refused(said):
    with pytest.raises(ValidationError):
        Stroke.model_validate(said)


def test_what_lies_outside_the_plane_is_put_on_its_edge():
    after = paint(own(), stroke("add", (100.0, -1e300)))
    assert after.data.read()[0][-1] == pytest.approx((6, -6))


def test_values_are_painted_between_minus_one_and_one():
    after = paint(own(target="values"), stroke("add", (0.0, 0.0), label=5.0))
    assert after.data.read()[1][-1] == 1


def test_painting_changes_a_running_session_without_starting_it_over():
    e = Experiment()
    session = Session(e)
    session.advance(30)
    weights = [parameter.detach().clone() for parameter in session.network.module.parameters()]
    after = paint(e, stroke("add", (0.0, 0.0), (1.0, 1.0), label=1.0))
    assert all(change.live for change in diff(e, after))
    assert session.change(after)
    assert session.step == 30
    assert all((a == b).all() for a, b in zip(weights, session.network.module.parameters(), strict=True))
    assert sum(len(part) for part in session.points.values()) == 502
    session.advance(60)
    assert not session.failure


def test_a_new_class_needs_another_network_and_starts_over():
    e = own()
    session = Session(e)
    session.advance(5)
    assert not session.change(paint(e, stroke("add", (0.0, 0.0), label=2.0)))
    assert session.step == 0


def test_a_run_that_was_painted_on_resumes_to_the_last_bit():
    e = Experiment()
    session = Session(e)
    session.advance(33)
    session.change(paint(e, stroke("add", (0.0, 0.0), label=1.0)))
    session.advance(10)
    resumed = Session.restored(session.checkpoint())
    session.advance(40)
    resumed.advance(40)
    assert session.checkpoint().to_bytes() == resumed.checkpoint().to_bytes()
