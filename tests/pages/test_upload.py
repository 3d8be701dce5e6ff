import csv
import io

import numpy as np
import pytest

from dlcore.data import Own, datasets
from dlcore.data.projection import guess, project
from dlcore.data.table import read
from dlcore.experiment import Experiment
from dlcore.link import decode
from pages.parts.upload import plain, table_of
from tests.pages.test_playground import close_runs, here, opened  # noqa: F401  # the fixture ends the runs

GOOD = b"width,height,kind\n" + b"".join(
    b"%d,%d,%s\n" % (i, i * i % 11, b"ab"[i % 2 :][:1]) for i in range(30)
)


def with_file(data, name="table.csv"):
    at = opened()
    at.button(key="upload-open").click().run()
    at.file_uploader(key="upload-file").set_value((name, data, "text/csv")).run()
    assert not at.exception
    return at


def test_a_table_becomes_the_points_of_the_experiment():
    at = with_file(GOOD)
    assert at.multiselect(key="upload-inputs").value == ["width", "height"]
    assert at.selectbox(key="upload-target").value == "kind"
    at.button(key="upload-use").click().run()
    assert not at.exception
    data = here(at).experiment.data
    assert (data.size, data.names) == (30, ("a", "b"))
    assert decode(at.query_params["x"]).experiment.data == data
    assert here(at).dialog == ""


def test_roles_can_be_corrected():
    at = with_file(
        b"a,b,c,d\n" + b"".join(b"%d,%d,%d,%d\n" % (i, i * i % 11, i % 7, i % 3) for i in range(30))
    )
    at.multiselect(key="upload-inputs").set_value(["a", "c"]).run()
    at.selectbox(key="upload-target").set_value("b").run()
    at.button_group(key="upload-kind").set_value("values").run()
    at.button(key="upload-use").click().run()
    e = here(at).experiment
    assert e.data.target == "values"
    assert e.loss.kind_name() == "mean_squared"
    np.testing.assert_allclose(e.data.read()[0][:, 0], np.linspace(-5, 5, 30), atol=0.002)


def test_the_row_of_names_can_be_corrected():
    at = with_file(b"a,b,c\n1,2,x\n3,4,y\n5,1,x\n8,8,y\n")
    at.toggle(key="upload-header").set_value(False).run()
    assert not at.exception
    assert at.selectbox(key="upload-target").value == "column 3"


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n", b"a\n1\n", b"a,b,c\n1,2,x\n2,3,x\n4,4,x\n5,5,x\n9,9,x\n"]
)
def test_a_file_that_cannot_be_used_is_a_sentence_and_the_data_stay(data):
    at = with_file(data)
    assert "Your current points stay." in at.error[0].value
    assert here(at).experiment == Experiment()
    assert "upload-use" not in {button.key for button in at.button}


def test_the_dialog_stays_open_when_the_page_is_drawn_anew():
    at = with_file(GOOD)
    at.run()
    assert at.button(key="upload-use")


@pytest.mark.parametrize("kind", ["moons", "blobs", "ripple"])
def test_downloaded_points_can_be_uploaded_again(kind):
    at = opened()
    here(at).set("data", datasets[kind]())
    text = table_of(here(at).points, here(at).experiment.data)
    table = read(text.encode())
    again = project(table, guess(table)).own
    x = np.concatenate([part.x for part in here(at).points.values()])
    y = np.concatenate([part.y for part in here(at).points.values()])
    assert again.task is here(at).experiment.data.task
    np.testing.assert_allclose(again.read()[0], np.clip(x, -6, 6), atol=0.002)
    np.testing.assert_allclose(again.read()[1], y, atol=0.005)


def test_a_downloaded_name_is_no_formula_and_breaks_no_row():
    own = Own.of(np.eye(4, 2), [0, 1, 0, 1]).model_copy(update={"names": ('=1+"1",2', "b")})
    at = opened()
    here(at).set("data", own)
    rows = list(csv.reader(io.StringIO(table_of(here(at).points, own))))
    assert {len(row) for row in rows} == {4}
    assert {row[2] for row in rows[1:]} == {'\'=1+"1",2', "b"}


def test_text_from_a_file_is_shown_letter_by_letter():
    assert plain("[a](b) $x$ <b> :red[x]") == r"\[a\]\(b\) \$x\$ \<b\> \:red\[x\]"


def test_class_names_are_a_legend_without_markup():
    own = Own.of(np.eye(4, 2), [0, 1, 0, 1]).model_copy(update={"names": ("<script>x</script>", "b")})
    at = opened()
    here(at).set("data", own)
    at.run()
    assert not at.exception
    shown = [element.proto.body for element in at.get("html")]
    assert any("&lt;script&gt;" in body for body in shown)
    assert not any("<script>" in body for body in shown)
