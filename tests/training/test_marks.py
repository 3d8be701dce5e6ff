from dlcore.experiment import Experiment, with_value
from dlcore.record import Record
from dlcore.training.marks import LONGEST, MOST, Marks
from dlcore.training.session import Session

DEEP = Experiment(network=({"kind": "dense"}, {"kind": "dropout", "p": 0.2}))


def test_marks_are_few_and_short():
    marks = Marks()
    for epoch in range(100):
        marks.add(epoch, "x" * 1000)
    assert len(marks.pairs) == MOST
    assert marks.pairs[-1] == (99.0, "x" * LONGEST)


def test_a_live_change_is_marked_where_it_was_made_and_survives_a_checkpoint():
    session = Session(DEEP)
    n_points = len(session.points["train"])
    session.advance(30)
    session.change(with_value(DEEP, "batch_size", 3))
    passed = round(30 * 10 / n_points, 3)
    assert session.marks.pairs == [(passed, "batch size 10 → 3")]
    restored = Session.restored(Record.from_bytes(session.checkpoint().to_bytes()))
    assert restored.marks.pairs == session.marks.pairs
    session.reset()
    assert session.marks.pairs == []


def test_a_change_before_the_first_step_is_no_mark():
    session = Session(DEEP)
    session.change(with_value(DEEP, "batch_size", 3))
    assert session.marks.pairs == []
