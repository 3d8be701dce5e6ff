from dlcore.export.entry import entries
from dlcore.store import Store, StoreSettings
from tests.export.entries import filed


def test_runs_come_with_their_histories_and_pictures_and_nobody_elses_do(tmp_path):
    store = Store(StoreSettings(database_url=f"sqlite:///{tmp_path}/runs.db"))
    first, second = filed(store, name="a"), filed(store, name="b")
    found = entries(store.of("somebody"), [second, "nobody", first, second])
    assert [entry.title for entry in found] == ["b", "a"]
    for entry in found:
        assert len(entry.history["rows"]) == len(entry.history["step"]) > 1
        assert sorted(entry.pictures) == sorted(entry.epochs) == [20, 40, 60]
    assert entries(store.of("another"), [first, second]) == []
    store.close()
