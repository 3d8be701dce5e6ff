"""A table of one's own, through the real file dialog."""

import io

import numpy as np
import pytest
from PIL import Image

from dlcore.experiment import Experiment
from tests.browser.conftest import press, until
from tests.browser.test_playground import shown

pytestmark = pytest.mark.browser
TABLE = "width;height;weight;kind\n" + "".join(f"{i};{i * i % 11};{i % 7};{'ab'[i % 2]}\n" for i in range(40))


def choose(page, name, data):
    """Open the dialog and choose a file in it."""
    press(page, "upload-open")
    page.locator("[role=dialog] input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": data}
    )
    return page.get_by_role("dialog")


def test_a_table_is_uploaded_its_roles_are_picked_and_its_points_are_learnt(visit):
    page = visit()
    dialog = choose(page, "plants.csv", TABLE.encode())
    dialog.get_by_text("40 points. Classes: a, b.").wait_for()
    target = dialog.get_by_label("To be learnt")
    target.click()
    page.get_by_role("option", name="width").click()
    dialog.get_by_role("radio", name="a value").click()
    dialog.get_by_role("radio", name="a value", checked=True).wait_for()
    dialog.get_by_text("40 points.", exact=True).wait_for()
    preview = dialog.locator(".glassbox-plot[data-updates]")
    picture = np.asarray(Image.open(io.BytesIO(preview.screenshot())).convert("L"))
    assert picture.std() > 5, "the points are drawn"
    press(page, "upload-use")
    dialog.wait_for(state="detached")
    page.get_by_text("40 points of your own, each with a value").wait_for()
    page.wait_for_function("document.querySelectorAll('.glassbox-plot[data-updates]').length === 2")
    assert len(shown(page).data.read()[1]) == 40
    press(page, "epoch")
    until(page, "s.epoch === '1'")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.csv", b"", "The file is empty"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "no CSV file"),
        (
            "prose.csv",
            b"Once upon a time\nthere was a table\nwithout columns\n",
            "Fewer than two columns hold numbers",
        ),
        ("one.csv", b"a,b,kind\n1,2,x\n3,4,x\n5,7,x\n8,1,x\n", "in every row"),
    ],
)
def test_a_file_that_will_not_do_gets_one_sentence_and_the_points_stay(visit, name, data, sentence):
    page = visit(anew=False)
    dialog = choose(page, name, data)
    alert = dialog.get_by_role("alert")
    alert.get_by_text(sentence).wait_for()
    assert "Your current points stay." in alert.inner_text()
    assert dialog.get_by_role("button", name="Use these points").count() == 0
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert shown(page) == Experiment()
