import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.data import OwnImages, OwnTable
from dlcore.data.shelf import shelf
from dlcore.engine import State
from dlcore.experiment import Experiment
from dlcore.lesson import Lesson
from dlcore.link import decode
from dlcore.spec.share import pack
from tests.data.test_own_table import N, frame
from tests.data.test_pictures import GOOD, packed, picture
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs  # noqa: F401  # the fixture ends the runs

PATIENCE_S = 30


def page():
    from pages.parts.own_data import data_acts, data_dialogs
    from pages.parts.state import open_here

    here = open_here()
    data_acts(here)
    data_dialogs(here)


def opened():
    return AppTest.from_function(page, default_timeout=PATIENCE_S).run()


def here(at):
    return at.session_state["here"]


def with_file(which, data):
    at = opened()
    at.button(key=f"upload-{which}-open").click().run()
    at.file_uploader(key=f"upload-{which}-file").set_value(("file", data, "application/octet-stream")).run()
    assert not at.exception
    return at


def learns(here):
    """The worker, a process of its own, opens the upload and trains an epoch on it."""
    here.do("epoch")
    until(lambda: here.run.frame(()).epoch == 1)
    frame_now = here.run.frame((), fresh=True)
    assert frame_now.state is State.PAUSED
    assert frame_now.measures["train_loss"] > 0


def table(data=None):
    return (frame() if data is None else data).to_csv(index=False).encode()


def test_the_columns_of_a_table_that_is_learnt_from_are_given_other_roles():
    at = with_file("rows", table())
    at.button(key="upload-rows-use").click().run()
    first = here(at).experiment.data
    here(at).set("data", first.model_copy(update={"scaling": "min-max"}))
    at.button(key="upload-rows-again").click().run()
    assert at.selectbox(key="upload-rows-role:1").value == "number"
    at.selectbox(key="upload-rows-role:1").set_value("ignore").run()
    at.button(key="upload-rows-use").click().run()
    assert not at.exception
    data = here(at).experiment.data
    assert data.scaling == "min-max"
    assert set(first.columns) - set(data.columns) == {first.facts["numbers"][0]}
    at.button(key="upload-rows-again").click().run()
    assert at.selectbox(key="upload-rows-role:1").value == "ignore"


def said(at):
    return " ".join(element.value for element in at.caption).replace("\\", "")


def test_a_table_becomes_the_data_of_the_experiment_and_is_learnt_by_the_worker():
    at = with_file("rows", table())
    assert [at.selectbox(key=f"upload-rows-role:{i}").value for i in range(6)] == [
        "ignore", "number", "number", "category", "ignore", "target",
    ]  # fmt: skip
    assert "60 rows, 7 inputs; to be learnt: classes: no, yes." in said(at)
    at.button(key="upload-rows-use").click().run()
    assert not at.exception
    data = here(at).experiment.data
    assert isinstance(data, OwnTable)
    assert (data.size, here(at).dialog) == (N, "")
    assert decode(at.query_params["x"]).experiment.data == data
    learns(here(at))


def test_roles_and_what_the_target_is_learnt_as_can_be_corrected():
    at = with_file("rows", table())
    at.selectbox(key="upload-rows-role:1").set_value("target").run()
    at.button_group(key="upload-rows-kind").set_value(True).run()
    at.selectbox(key="upload-rows-role:3").set_value("ignore").run()
    assert not at.exception
    at.button(key="upload-rows-use").click().run()
    e = here(at).experiment
    assert e.data.columns == ("income", "income missing")
    assert e.loss.kind_name() == "mean_squared"


def test_the_row_of_names_can_be_corrected():
    at = with_file(
        "rows", b"a,b,y\n" + b"".join(b"%d,%d,%s\n" % (i, i * i % 7, b"xy"[i % 2 :][:1]) for i in range(30))
    )
    at.toggle(key="upload-rows-header").set_value(False).run()
    assert not at.exception
    assert "31 rows" in said(at)


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n", b"a\n1\n", b"a,y\n" + b"1,x\n2,x\n" * 20])
def test_a_table_that_cannot_be_used_is_a_sentence_and_the_data_stay(data):
    at = with_file("rows", data)
    assert "Your current data stay." in at.error[0].value
    assert here(at).experiment == Experiment()
    assert "upload-rows-use" not in {button.key for button in at.button}


def test_pictures_become_the_data_of_the_experiment_and_are_learnt_by_the_worker():
    at = with_file("images", packed({**GOOD, "x.txt": b"x"}))
    assert "30 pictures in 2 classes: dark 15, light 15." in said(at)
    assert "Left out: 1 file neither PNG nor JPEG." in said(at)
    at.button_group(key="upload-images-side").set_value(16).run()
    at.button_group(key="upload-images-colour").set_value(False).run()
    at.button(key="upload-images-use").click().run()
    assert not at.exception
    e = here(at).experiment
    assert isinstance(e.data, OwnImages)
    assert e.data.sample_shape == (1, 16, 16)
    assert e.problems() == []
    learns(here(at))


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", packed({}), packed({f"one/{i}.png": picture() for i in range(30)})]
)
def test_an_archive_that_cannot_be_used_is_a_sentence_and_the_data_stay(data):
    at = with_file("images", data)
    assert "Your current data stay." in at.error[0].value
    assert here(at).experiment == Experiment()
    assert "upload-images-use" not in {button.key for button in at.button}


def test_an_archive_of_broken_pictures_is_a_sentence_too():
    at = with_file("images", packed({f"{'ab'[i % 2]}/{i}.png": b"x" for i in range(30)}))
    assert "0 pictures can be read" in at.error[0].value


def test_a_full_disk_is_a_sentence_and_the_data_stay(monkeypatch):
    from dlcore.data.shelf import Shelf, ShelfError

    def refuse(*_):
        raise ShelfError("This server cannot keep uploads just now (no space).")

    at = with_file("rows", table())
    monkeypatch.setattr(Shelf, "put", refuse)
    at.button(key="upload-rows-use").click().run()
    assert "no space" in at.error[0].value
    assert here(at).experiment == Experiment()


def test_an_upload_can_be_taken_along_beside_the_script(tmp_path):
    at = with_file("rows", table())
    at.button(key="upload-rows-use").click().run()
    (button,) = at.get("download_button")
    assert button.proto.label == "Data file"
    data = here(at).experiment.data
    file = tmp_path / data.arguments()["file"]
    file.write_bytes(shelf().file(data.upload))
    x, _ = OwnTable.sample(np.random.default_rng(3), **{**data.arguments(), "file": str(file)})
    np.testing.assert_array_equal(x.astype(np.float32), data.draw(3)[0])


def test_where_a_lesson_keeps_the_data_nothing_can_be_uploaded():
    at = opened()
    here(at).lesson = Lesson(locked=("data",))
    at.run()
    assert not at.exception
    assert not {button.key for button in at.button} & {"upload-rows-open", "upload-images-open"}


def test_what_is_none_of_ours_has_no_file_to_take_along():
    assert len(opened().get("download_button")) == 0


@pytest.mark.parametrize("upload", ["0" * 32, "../secret", "damaged"])
def test_a_link_to_an_upload_that_is_gone_or_damaged_opens_with_one_sentence(upload):
    if upload == "damaged":
        upload = shelf().put({"x": np.zeros((30, 1, 8, 8), np.uint8)}, {"holds": "images"}, "a visitor")
        shelf().path(upload).write_bytes(b"PK\x03\x04 and then nothing")
    at = AppTest.from_function(page, default_timeout=PATIENCE_S)
    at.query_params["x"] = pack({"data": {"kind": "own_images", "upload": upload}, "network": ["flatten"]})
    at.run()
    assert not at.exception
    assert here(at).experiment.data == OwnImages()
    (notice,) = here(at).notices
    assert notice.startswith("Set aside from what was opened: what was uploaded, as it")
    assert notice.endswith("; here is an example instead.")
