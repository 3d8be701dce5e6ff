import dataclasses

import numpy as np
import pytest

from dlcore.engine.protocol import State
from dlcore.experiment import with_value
from dlcore.record import Record, RecordError
from dlcore.store import MEASURES, Store, StoreSettings
from dlcore.training.session import Session
from tests.store.conftest import small


def test_what_a_worker_wrote_is_listed_with_everything_it_said(store, worker):
    run = worker(line="abc", sweep="", parent=("before", 7)).learn(3, seconds=2.0)
    record = run.record()
    assert store.file(record)
    (saved,) = store.of("me").find()
    assert (saved.id, saved.line, saved.epoch, saved.step) == (run.id, "abc", 3, run.session.step)
    assert saved.experiment == small()
    assert (saved.state, saved.seconds, saved.parent, saved.parent_step) == ("paused", 6.0, "before", 7)
    assert saved.n_parameters == small().n_parameters()
    now = run.session.evaluate()
    assert [saved.measures[name] for name in MEASURES] == pytest.approx(list(now), rel=1e-12)
    assert saved.begun <= saved.saved
    assert saved.begun.tzinfo is not None


def test_a_saved_run_goes_on_to_the_last_bit(store, worker):
    run = worker().learn(4)
    run.session.advance(2)  # in the middle of an epoch
    store.file(run.record())
    again = Session.restored(store.of("me").checkpoint(run.id))
    alone = Session(small())
    alone.advance(run.session.step)
    for session in (again, alone):
        session.advance(11)
    ours, theirs = again.checkpoint(), alone.checkpoint()
    assert ours.arrays.keys() == theirs.arrays.keys()
    assert all(ours.arrays[name].tobytes() == theirs.arrays[name].tobytes() for name in theirs.arrays)


def test_filing_twice_changes_nothing(store, worker):
    record = worker().learn(2).record()
    store.file(record)
    before = store.of("me").find(), store.n_checkpoints()
    store.file(record)
    assert (store.of("me").find(), store.n_checkpoints()) == before


def test_a_name_and_notes_stay_when_the_run_goes_on(store, worker):
    run = worker().learn(1)
    store.file(run.record())
    store.of("me").rename(run.id, "Mine")
    store.of("me").tag(run.id, ["good"])
    store.file(run.learn(1).record())
    (saved,) = store.of("me").find()
    assert (saved.name, saved.tags, saved.epoch) == ("Mine", ("good",), 2)


def test_the_word_of_an_older_worker_does_not_count_once_another_trains_the_run(store, worker):
    old = worker(life=1).learn(2)
    store.file(old.record())
    given = store.of("me").checkpoint(old.id)
    new = worker(life=2, given=given, continues=True).learn(1)
    assert new.id == old.id
    assert store.file(new.record())
    assert not store.file(old.learn(5).record())
    assert store.of("me").get(old.id).epoch == 3


def test_moments_thin_out_but_the_first_and_the_last_stay(address, worker):
    store = Store(StoreSettings(database_url=address, keep_checkpoints=5))
    run = worker()
    for _ in range(12):
        store.file(run.learn(1).record())
    moments = store.of("me").moments(run.id)
    assert len(moments) == 5
    assert (moments[0].epoch, moments[-1].epoch) == (1, 12)
    gaps = np.diff([moment.epoch for moment in moments])
    assert gaps[0] >= gaps[-1]
    for moment in moments:
        assert store.of("me").checkpoint(run.id, moment.step).facts["epoch"] == moment.epoch
    store.close()


def test_a_run_keeps_no_more_bytes_than_it_may(address, worker):
    wide = small(network=({"kind": "dense", "units": 250}, {"kind": "dense", "units": 250}))
    store = Store(StoreSettings(database_url=address, keep_run_mb=2))
    run = worker(wide)
    for _ in range(5):
        store.file(run.learn(1).record())
    moments = store.of("me").moments(run.id)
    assert sum(moment.n_bytes for moment in moments) <= 2_000_000
    assert moments[-1].epoch == 5
    store.close()


def test_a_checkpoint_has_the_history_up_to_then_and_no_more(store, worker):
    run = worker().learn(2)
    store.file(run.record())
    early = run.session.step
    store.file(run.learn(3).record())
    then, now = (store.of("me").checkpoint(run.id, step) for step in (early, None))
    assert list(then.arrays["history.epoch"]) == [0, 1, 2]
    assert list(now.arrays["history.epoch"]) == [0, 1, 2, 3, 4, 5]


def test_going_back_forgets_what_came_later(store, worker):
    run = worker().learn(1)
    store.file(run.record())
    early = run.session.checkpoint()
    store.file(run.learn(4).record())
    run.session.restore(early)
    store.file(run.learn(1).record())
    assert [moment.epoch for moment in store.of("me").moments(run.id)] == [1, 2]


def test_the_clock_tells_steps_and_seconds_of_every_row(store, worker):
    run = worker().learn(6, seconds=0.5)
    store.file(run.record())
    history = store.of("me").histories([run.id])[run.id]
    per_epoch = run.session.step // 6
    assert history["epoch"].tolist() == list(range(7))
    assert history["step"] == pytest.approx(per_epoch * np.arange(7.0))
    assert history["seconds"] == pytest.approx(0.5 * np.arange(7))


def test_a_picture_of_the_plane_is_kept_for_every_moment(store, worker):
    run = worker()
    steps = []
    for _ in range(3):
        store.file(run.learn(1).record())
        steps.append(run.session.step)
    pictures = store.of("me").pictures_of(run.id)
    assert list(pictures) == steps
    assert all(each["map"].shape == (48, 48) and each["map"].dtype == np.uint8 for each in pictures.values())
    newest = store.of("me").pictures([run.id])[run.id]
    assert newest["map"].tobytes() == pictures[steps[-1]]["map"].tobytes()


def test_a_live_change_is_told_as_a_mark(store, worker):
    run = worker().learn(2)
    run.session.change(with_value(run.session.experiment, "batch_size", 20))
    store.file(run.record())
    ((epoch, said),) = store.of("me").get(run.id).marks
    assert epoch == 2
    assert "batch size 10 → 20" in said


@pytest.mark.parametrize("missing", ["id", "owner", "life", "measures", "seconds"])
def test_what_is_no_record_of_a_run_is_refused(store, worker, missing):
    record = worker().learn(1).record()
    saved = {name: value for name, value in record.facts["saved"].items() if name != missing}
    with pytest.raises(RecordError):
        store.file(Record({**record.facts, "saved": saved}, record.arrays))
    with pytest.raises(RecordError):
        store.file(dataclasses.replace(record, facts={**record.facts, "experiment": "no JSON"}))
    assert store.of("me").find() == []


def test_going_back_forgets_a_future_that_was_filed_though_nothing_was_filed_in_between(store, worker):
    run = worker()
    records = []
    for _ in range(3):
        store.file(run.learn(1).record())
        records.append(run.session.checkpoint())
    run.session.restore(records[0])
    run.autosave.turned(run.session)
    run.session.set_weight(0, 0, 0, 9.0)
    store.file(run.learn(5).record())  # the store was away until now
    assert [moment.epoch for moment in store.of("me").moments(run.id)] == [1, 6]
    store.file(run.learn(1).record())
    assert [moment.epoch for moment in store.of("me").moments(run.id)] == [1, 6, 7]


def test_a_run_that_was_left_at_once_is_forgotten_unless_it_has_a_name(store, worker):
    for name in ("", "mine"):
        run = worker(line=f"line{name}").learn(1, seconds=0.1)
        store.file(run.record())
        store.of("me").rename(run.id, name)
        before = run.id
        run.autosave.begin_anew(run.session, State.PAUSED, "")
        assert run.id != before
        store.file(Record.from_bytes(run.file.with_stem(before).read_bytes()))
        assert (store.of("me").get(before) is not None) == bool(name)


def test_a_run_of_a_sweep_that_starts_over_leaves_the_sweep(store, worker):
    run = worker(sweep="s1").learn(1, seconds=5.0)
    run.autosave.begin_anew(run.session, State.PAUSED, "")
    store.file(run.record())
    assert store.of("me").get(run.id).sweep == ""


def test_a_deleted_run_that_learns_on_is_back(store, worker):
    run = worker().learn(1)
    store.file(run.record())
    store.of("me").delete([run.id])
    store.file(run.record())
    assert store.of("me").find() == [], "nothing new was learnt"
    store.file(run.learn(1).record())
    assert [saved.id for saved in store.of("me").find()] == [run.id]
