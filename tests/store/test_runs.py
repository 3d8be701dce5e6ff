import time

import pytest

from dlcore.store import Query, Store, StoreSettings
from tests.store.conftest import small


@pytest.fixture
def three(store, worker):
    """Three runs of mine and one of yours; the ids of mine, in the order they were saved in."""
    made = [
        worker(small(seeds={"init": 1}), line="one").learn(1),
        worker(small(data={"kind": "xor", "n_points": 60}), line="two").learn(5),
        worker(small(network=({"kind": "dense", "units": 9},)), line="three").learn(3),
    ]
    for run in made:
        store.file(run.record())
    store.file(worker(owner="you", line="yours").learn(1).record())
    return [run.id for run in made]


def ids(found):
    return [saved.id for saved in found]


def test_a_visitor_sees_their_own_runs_alone_whatever_they_ask(store, three):
    (theirs,) = store.of("you").find()
    mine = store.of("me")
    assert set(ids(mine.find(Query(sweep=None, limit=5000)))) == set(three)
    assert mine.get(theirs.id) is None
    assert mine.newest_of("yours") is None
    assert mine.checkpoint(theirs.id) is None
    assert mine.moments(theirs.id) == []
    assert mine.pictures([theirs.id]) == {}
    assert mine.pictures_of(theirs.id) == {}
    assert mine.histories([theirs.id, three[0]]).keys() == {three[0]}
    mine.rename(theirs.id, "stolen")
    mine.annotate(theirs.id, "stolen")
    mine.tag(theirs.id, ["stolen"])
    mine.delete([theirs.id])
    assert store.of("you").find() == [theirs]
    assert "stolen" not in store.of("you").tags()


def test_the_token_itself_is_nowhere_in_the_database(tmp_path, worker):
    store = Store(StoreSettings(database_url=f"sqlite:///{tmp_path / 'a.db'}"))
    token = "a-very-secret-token-of-a-visitor"
    store.file(worker(owner=token).learn(1).record())
    assert store.of(token).count() == 1
    store.close()
    assert all(token.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_the_command_line_sees_everybodys(store, three):
    assert store.everybodys().count(Query(sweep=None)) == 4


@pytest.mark.parametrize(
    ("words", "found"),
    [("", [2, 1, 0]), ("xor", [1]), ("XOR 3", [1]), ("9", [2]), ("nothing", []), ("100%", []), ("_", [])],
)
def test_words_are_looked_for_in_what_a_run_is(store, three, words, found):
    assert ids(store.of("me").find(Query(words=words))) == [three[i] for i in found]


def test_words_are_looked_for_in_names_notes_and_tags(store, three):
    mine = store.of("me")
    mine.rename(three[0], "The Best One")
    mine.annotate(three[1], "wiggles at the end; 100% sure")
    mine.tag(three[2], ["For class"])
    assert ids(mine.find(Query(words="best"))) == [three[0]]
    assert ids(mine.find(Query(words="WIGGLES end"))) == [three[1]]
    assert ids(mine.find(Query(words="100%"))) == [three[1]]
    assert ids(mine.find(Query(words="class"))) == [three[2]]
    assert ids(mine.find(Query(tags=("For class",)))) == [three[2]]
    assert ids(mine.find(Query(tags=("For class", "other")))) == []
    assert ids(mine.find(Query(data="xor"))) == [three[1]]
    assert mine.tags() == ["For class"]
    assert mine.data() == ["circle", "xor"]


@pytest.mark.parametrize(
    "sort", ["saved", "begun", "name", "test_score", "test_loss", "parameters", "seconds"]
)
@pytest.mark.parametrize("descending", [True, False])
def test_runs_come_in_the_order_asked_for(store, three, sort, descending):
    mine = store.of("me")
    for i, run in enumerate(three):
        mine.rename(run, "bca"[i])
    of = {
        "saved": lambda run: run.saved,
        "begun": lambda run: run.begun,
        "name": lambda run: run.name,
        "test_score": lambda run: run.measures["test_score"],
        "test_loss": lambda run: run.measures["test_loss"],
        "parameters": lambda run: run.n_parameters,
        "seconds": lambda run: run.seconds,
    }[sort]
    keys = [of(run) for run in mine.find(Query(sort=sort, descending=descending))]
    assert keys == sorted(keys, reverse=descending)


def test_a_loss_that_is_no_number_comes_last(store, three, worker):
    broken = worker(line="broken")
    broken.learn(1)
    record = broken.record()
    record.facts["saved"]["measures"]["test_loss"] = None
    store.file(record)
    for descending in (True, False):
        assert ids(store.of("me").find(Query(sort="test_loss", descending=descending)))[-1] == broken.id


def test_a_gallery_is_read_page_by_page(store, three):
    mine = store.of("me")
    pages = [ids(mine.find(Query(limit=2, offset=offset))) for offset in (0, 2, 4)]
    assert pages == [[three[2], three[1]], [three[0]], []]
    assert mine.count(Query(limit=2)) == 3


def test_deleting_can_be_undone(store, three):
    mine = store.of("me")
    mine.delete(three[:2])
    assert ids(mine.find()) == [three[2]]
    assert set(ids(mine.find(Query(deleted=True)))) == set(three[:2])
    mine.restore([three[0]])
    assert set(ids(mine.find())) == {three[0], three[2]}


def test_what_was_deleted_an_hour_ago_is_gone_with_all_it_had(store, three):
    mine = store.of("me")
    mine.delete([three[0]])
    assert store.tidy(time.time() + 3000) == 0
    assert store.tidy(time.time() + 4000) == 1
    assert mine.get(three[0]) is None
    assert mine.find(Query(deleted=True)) == []
    assert store.n_checkpoints() == 3


def test_what_nobody_saved_for_a_year_is_gone(store, three):
    assert store.tidy(time.time() + 364 * 86_400) == 0
    assert store.tidy(time.time() + 366 * 86_400) == 4


def test_a_visitor_with_too_many_runs_loses_the_oldest_without_a_name_or_tag(address, worker):
    store = Store(StoreSettings(database_url=address, keep_runs=2))
    made = [worker(line=f"line{i}").learn(1) for i in range(4)]
    for run in made:
        store.file(run.record())
    store.file(worker(owner="you").learn(1).record())
    store.of("me").rename(made[0].id, "keep me")
    assert store.tidy() == 2
    assert set(ids(store.of("me").find())) == {made[0].id, made[3].id}
    assert store.of("you").count() == 1
    store.close()


def test_a_visitor_with_too_many_bytes_loses_the_oldest(address, worker):
    store = Store(StoreSettings(database_url=address, keep_visitor_mb=1))
    wide = small(network=({"kind": "dense", "units": 200}, {"kind": "dense", "units": 200}))
    for i in range(3):
        store.file(worker(wide, line=f"line{i}").learn(1).record())
    assert store.tidy() == 2
    assert ids(store.of("me").find())[0] is not None
    assert store.of("me").count() == 1
    store.close()


def test_names_notes_and_tags_are_cut_to_what_fits(store, three):
    mine = store.of("me")
    mine.rename(three[0], "  a \n name " + "x" * 500)
    mine.annotate(three[0], "y" * 30_000)
    mine.tag(three[0], ["", "  ", "t" * 90, "t" * 90, *map(str, range(50))])
    saved = mine.get(three[0])
    assert saved.name.startswith("a name x")
    assert len(saved.name) == 120
    assert len(saved.notes) == 20_000
    assert len(saved.tags) == 20
    assert max(map(len, saved.tags)) == 40


def test_the_newest_run_of_a_line_is_the_one_begun_last(store, worker):
    first = worker(line="same").learn(1)
    store.file(first.record())
    second = worker(line="same").learn(1)
    store.file(second.record())
    store.file(first.record())
    assert store.of("me").newest_of("same").id == second.id


def test_runs_of_a_sweep_are_left_out_unless_they_are_asked_for(store, three, worker):
    run = worker(sweep="s1", line="swept").learn(1)
    store.file(run.record())
    mine = store.of("me")
    assert run.id not in ids(mine.find())
    assert ids(mine.find(Query(sweep="s1"))) == [run.id]
    assert len(mine.find(Query(sweep=None))) == 4


def test_a_sweep_is_its_owners_alone(store, worker):
    mine, yours = store.of("me"), store.of("you")
    mine.keep_sweep("s1", {"axes": [1, 2]})
    yours.keep_sweep("s1", {"axes": []})
    yours.forget_sweep("s1")
    assert [(sweep.id, sweep.plan) for sweep in mine.sweeps()] == [("s1", {"axes": [1, 2]})]
    assert yours.sweeps() == []
    run = worker(sweep="s1").learn(1)
    store.file(run.record())
    mine.forget_sweep("s1")
    assert mine.sweeps() == []
    assert mine.get(run.id) is None
    store.file(run.learn(1).record())
    assert mine.get(run.id) is None, "the last word of its worker is not wanted any more"
    store.tidy(time.time() + 90_000)
    mine.keep_sweep("s1", {})
    assert len(mine.sweeps()) == 1


def test_an_experiment_that_no_longer_fits_is_shown_as_the_nearest_that_does(store, worker):
    record = worker().learn(1).record()
    text = record.facts["experiment"].replace('"units": 3', '"units": 3000000')
    store.file(record)
    from sqlalchemy import update

    from dlcore.store.tables import RunRow

    with store.database.writing() as session:
        session.execute(update(RunRow).values(experiment=text))
    (saved,) = store.of("me").find()
    assert saved.experiment.problems() == []


def test_what_was_deleted_makes_room_first(address, worker):
    store = Store(StoreSettings(database_url=address, keep_runs=2))
    made = [worker(line=f"line{i}").learn(1) for i in range(3)]
    for run in made:
        store.file(run.record())
    store.of("me").delete([made[2].id])
    assert store.tidy() == 1
    assert set(ids(store.of("me").find())) == {made[0].id, made[1].id}
    store.close()


def test_room_goes_back_to_the_disk(tmp_path, worker):
    file = tmp_path / "a.db"
    store = Store(StoreSettings(database_url=f"sqlite:///{file}"))
    wide = small(network=({"kind": "dense", "units": 250}, {"kind": "dense", "units": 250}))
    for i in range(4):
        store.file(worker(wide, line=f"line{i}").learn(1).record())
    store.close()
    before = file.stat().st_size
    store.tidy(time.time() + 366 * 86_400)
    store.close()
    assert file.stat().st_size < before / 5
