import json
import os
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from pydantic import ValidationError

from dlcore.data import OwnImages
from dlcore.data import shelf as shelves
from dlcore.data.shelf import Shelf, ShelfError, ShelfSettings

ABOUT = {"holds": "table", "names": ["größe", "b"]}


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "uploads", ShelfSettings(max_uploads_per_visitor=3, max_uploads_bytes=100_000))


def some(seed=0, n=100):
    rng = np.random.default_rng(seed)
    return {"x": rng.random((n, 3), np.float32), "y": rng.integers(0, 4, n), "words": np.array(["a", "bß"])}


def aged(shelf, name, age_s):
    """Make an upload older than it is."""
    path = next(shelf.folder.glob(f"{name}.*"))
    when = path.stat().st_mtime - age_s
    os.utime(path, (when, when))


def is_there(shelf, name):
    try:
        return bool(shelf.path(name))
    except ShelfError:
        return False


def test_what_is_put_there_is_found_again_to_the_last_bit(shelf):
    arrays = some()
    found, about = shelf.read(shelf.put(arrays, ABOUT, "me"))
    assert about == ABOUT
    assert found.keys() == arrays.keys()
    assert all(found[key].tobytes() == arrays[key].tobytes() for key in arrays)
    assert all(found[key].dtype == arrays[key].dtype for key in arrays)


def test_names_are_long_and_each_another_even_for_the_same_file(shelf):
    names = {shelf.put(some(), ABOUT, "me") for _ in range(3)}
    assert len(names) == 3
    assert all(len(name) == 32 for name in names)


def test_nobody_can_change_what_was_read(shelf):
    found, _ = shelf.read(shelf.put(some(), ABOUT, "me"))
    with pytest.raises(ValueError, match="read-only"):
        found["x"][0] = 1


def test_another_process_reads_the_same_folder(shelf):
    name = shelf.put(some(), ABOUT, "me")
    program = f"from dlcore.data.shelf import shelf; print(shelf().read({name!r})[0]['x'].sum())"
    environment = {**os.environ, "GLASSBOX_DATA_DIR": str(shelf.folder.parent)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert float(done.stdout) == pytest.approx(some()["x"].sum())


def test_the_file_is_a_plain_npz_that_numpy_alone_opens(shelf, tmp_path):
    (tmp_path / "beside.npz").write_bytes(shelf.file(shelf.put(some(), ABOUT, "me")))
    with np.load(tmp_path / "beside.npz", allow_pickle=False) as opened:
        assert np.array_equal(opened["x"], some()["x"])


@pytest.mark.parametrize(
    "name",
    ["", "0" * 31, "0" * 33, "G" * 32, "../" + "0" * 29, "*" * 32, "A" * 32, "0" * 31 + "\n", "\0" * 32],
)
def test_a_malformed_name_is_refused_before_the_folder_is_looked_at(shelf, name):
    shelf.put(some(), ABOUT, "me")
    with pytest.raises(ShelfError, match="name"):
        shelf.read(name)


def test_an_unknown_name_is_refused_in_words(shelf):
    with pytest.raises(ShelfError, match="not on this server"):
        shelf.read("0" * 32)


@pytest.mark.parametrize("damage", ["cut short", "flipped", "empty", "text", "pickled", "no facts", "a list"])
def test_a_damaged_file_is_refused_in_words(shelf, damage):
    name = shelf.put(some(), ABOUT, "me")
    path = shelf.path(name)
    data = bytearray(path.read_bytes())
    if damage == "cut short":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    elif damage in ("empty", "text"):
        data = b"" if damage == "empty" else b"once upon a time"
    else:
        about = {"no facts": None, "a list": np.array(json.dumps([1])), "pickled": np.array({"a": 1}, object)}
        held = {"x": np.zeros(2)} if about[damage] is None else {"x": np.zeros(2), "about": about[damage]}
        np.savez(path, **held)
        data = path.read_bytes()
    path.write_bytes(data)
    with pytest.raises(ShelfError, match="damaged"):
        shelf.read(name)


def test_a_file_that_unpacks_to_more_than_is_allowed_is_not_unpacked(tmp_path):
    shelf = Shelf(tmp_path, ShelfSettings(max_upload_bytes=10_000))
    name = shelf.put({"x": np.zeros(1000)}, ABOUT, "me")
    with zipfile.ZipFile(shelf.path(name), "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x.npy", bytes(5_000_000))
    with pytest.raises(ShelfError, match="damaged"):
        shelf.read(name)


def test_too_large_an_upload_is_refused_in_words_and_leaves_nothing(tmp_path):
    shelf = Shelf(tmp_path, ShelfSettings(max_upload_bytes=1000))
    with pytest.raises(ShelfError, match="Take a part"):
        shelf.put({"x": np.zeros(126)}, ABOUT, "me")
    assert list(tmp_path.iterdir()) == []


def test_a_visitor_s_own_oldest_uploads_go_first(shelf):
    theirs = shelf.put(some(), ABOUT, "you")
    aged(shelf, theirs, 1000)
    mine = [shelf.put(some(i), ABOUT, "me") for i in range(3)]
    for i, name in enumerate(mine):
        aged(shelf, name, 100 - i)
    mine.append(shelf.put(some(9), ABOUT, "me"))
    assert [is_there(shelf, name) for name in mine] == [False, True, True, True]
    assert is_there(shelf, theirs)


def test_where_the_shelf_is_full_the_oldest_of_all_go(tmp_path):
    one = len(shelves._packed(some(), ABOUT))
    settings = ShelfSettings(max_uploads_bytes=2 * one + one // 2, max_uploads_per_visitor=9)
    shelf = Shelf(tmp_path, settings)
    names = []
    for i, visitor in enumerate("abc"):
        names.append(shelf.put(some(), ABOUT, visitor))
        aged(shelf, names[-1], 100 - i)
    assert [is_there(shelf, name) for name in names] == [False, True, True]


def test_what_is_looked_at_stays_longest(shelf):
    names = [shelf.put(some(i), ABOUT, "me") for i in range(3)]
    for i, name in enumerate(names):
        aged(shelf, name, 100 - i)
    shelf.read(names[0])
    shelf.put(some(9), ABOUT, "me")
    assert [is_there(shelf, name) for name in names] == [True, False, True]


def test_an_upload_that_has_gone_since_it_was_looked_at_is_refused_again(monkeypatch, tmp_path):
    kept = Shelf(tmp_path, ShelfSettings())
    monkeypatch.setattr(shelves, "shelf", lambda: kept)
    facts = {"holds": "images", "images": 30, "shape": [1, 8, 8], "classes": ["a", "b"]}
    arrays = {"x": np.zeros((30, 1, 8, 8), np.uint8), "y": np.arange(30) % 2}
    data = OwnImages(upload=shelves.shelf().put(arrays, facts, "me"))
    assert data.sample_shape == (1, 8, 8)
    shelves.shelf().path(data.upload).unlink()
    assert data.sample_shape == (1, 8, 8), "what is open stays open"
    with pytest.raises(ValidationError, match="not any more"):
        OwnImages(upload=data.upload)


def test_only_the_owner_of_the_server_may_read_the_folder(shelf):
    path = shelf.path(shelf.put(some(), ABOUT, "me"))
    if os.name == "posix":
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_visitor_s_token_is_not_written_down(shelf):
    path = shelf.path(shelf.put(some(), ABOUT, "my-secret-token"))
    assert "secret" not in path.name
    assert b"my-secret-token" not in path.read_bytes()


def test_a_draft_that_was_left_behind_is_no_upload_and_is_swept_away(shelf):
    shelf.put(some(), ABOUT, "me")
    left = shelf.folder / ("0" * 32 + ".draft")
    left.write_bytes(b"half")
    os.utime(left, (1, 1))
    assert not is_there(shelf, "0" * 32)
    shelf.put(some(), ABOUT, "me")
    assert not left.exists()
    assert {path.suffix for path in shelf.folder.iterdir()} == {".npz"}


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ShelfError, match="cannot keep uploads"):
        Shelf(tmp_path / "file" / "uploads", ShelfSettings()).put(some(), ABOUT, "me")


def test_what_would_be_pickled_is_never_kept(shelf):
    with pytest.raises(AssertionError, match="pickled"):
        shelf.put({"x": np.array([{}], object)}, ABOUT, "me")
