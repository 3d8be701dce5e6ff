from itertools import pairwise

import pytest

from dlcore.data import Mnist
from dlcore.experiment import Experiment
from dlcore.layers import Conv2d, Dense, Flatten, MaxPool, Residual
from dlcore.link import encode
from tests.browser.conftest import press, until
from tests.browser.test_accessibility import findings, missed, walk
from tests.browser.test_playground import shown

pytestmark = pytest.mark.browser
NETWORK = (Conv2d(channels=4), MaxPool(), Flatten(), Dense(units=16))
SMALL = Experiment(data=Mnist(n_images=300), network=NETWORK, batch_size=20)
STACK = ".st-key-layers "


@pytest.fixture
def build(visit):
    """Open the builder with an experiment; it shows the loss, the score and what is taken for what."""

    def open_builder(experiment=SMALL, more="", plots=3, **how):
        page = visit(f"/builder?x={encode(experiment)}{more}", plots=plots, **how)
        page.locator(STACK + ".card").nth(len(experiment.network) - 1).wait_for()
        return page

    return open_builder


def names(page):
    return page.locator(STACK + ".card b").all_inner_texts()


def card(page, i):
    return page.locator(STACK + f".card >> nth={i}")


def opened(page, i):
    card(page, i).locator(".name").first.click()
    card(page, i).locator(".body").wait_for()
    return card(page, i)


def until_names(page, expected):
    for _ in range(100):
        if names(page) == expected:
            return
        page.wait_for_timeout(100)
    assert names(page) == expected


CONV, POOL, FLAT, DENSE = "Convolution 2-D", "Max pooling", "Flatten", "Dense"


def test_a_network_for_images_is_trained_end_to_end(build):
    page = build()
    assert names(page) == [CONV, POOL, FLAT, DENSE]
    assert "12\u2009770 parameters" in page.locator(STACK + ".totals").inner_text()
    press(page, "play")
    until(page, "s.epoch >= 2 && Number(s.trainLoss) < 2")
    assert page.locator(".st-key-view .glassbox-plot").count() == 3


def test_a_setting_of_a_card_reaches_the_run_and_the_address(build):
    page = build()
    box = opened(page, 3).get_by_label("Units")
    box.fill("32")
    box.press("Enter")
    page.get_by_text("25\u2009490 parameters").wait_for()
    page.wait_for_function(f"!location.href.includes('{encode(SMALL)}')")
    assert shown(page).network[3] == Dense(units=32)


def test_a_number_out_of_bounds_is_moved_to_its_bound(build):
    page = build()
    box = opened(page, 0).get_by_label("Channels")
    box.fill("99999")
    box.press("Enter")
    page.locator(STACK + ".small", has_text="channels 256").wait_for()
    assert box.input_value() == "256"


def test_cards_are_dragged_to_another_place_and_undo_brings_them_back(build):
    page = build()
    handle, goal = card(page, 0).locator(".handle").bounding_box(), card(page, 2).bounding_box()
    page.mouse.move(handle["x"] + 4, handle["y"] + 8)
    page.mouse.down()
    page.mouse.move(handle["x"] + 4, goal["y"] - 3, steps=6)
    assert page.locator(STACK + ".gap.target").count() == 1
    page.mouse.up()
    until_names(page, [POOL, CONV, FLAT, DENSE])
    page.keyboard.press("Control+z")
    until_names(page, [CONV, POOL, FLAT, DENSE])


def test_the_keyboard_alone_moves_adds_and_removes_layers(build):
    page = build()
    card(page, 0).locator(".name").focus()
    page.keyboard.press("Alt+ArrowDown")
    until_names(page, [POOL, CONV, FLAT, DENSE])
    page.keyboard.press("Alt+ArrowUp")
    until_names(page, [CONV, POOL, FLAT, DENSE])
    card(page, 3).locator(".name").focus()
    page.keyboard.press("Delete")
    until_names(page, [CONV, POOL, FLAT])
    page.locator(STACK + ".gap.last > button").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("drop")
    page.keyboard.press("Enter")
    until_names(page, [CONV, POOL, FLAT, "Dropout"])
    page.keyboard.press("Enter")  # the new card has the focus, and is open
    assert page.locator(STACK + ".palette").count() == 0


def test_the_palette_shows_what_fits_first_and_finds_by_name(build):
    page = build()
    page.locator(STACK + ".gap.last > button").click()
    told = page.locator(STACK + ".palette li").all_inner_texts()
    misfits = next(i for i, text in enumerate(told) if text.startswith("Does not fit"))
    assert any(text.startswith("Dense") for text in told[:misfits])
    assert any(text.startswith("Convolution 2-D") for text in told[misfits:])
    page.get_by_label("Search layers").fill("lstm")
    assert page.locator(STACK + ".palette button[data-kind]").count() == 1
    page.keyboard.press("Escape")
    page.locator(STACK + ".palette").wait_for(state="detached")


def test_a_broken_stack_says_what_is_wrong_on_the_card_and_is_mended_by_one_click(build):
    page = build()
    press(page, "play")
    until(page, "s.step > 5")
    opened(page, 2).get_by_role("button", name="Remove").click()
    problem = page.locator(STACK + ".problem")
    problem.wait_for()
    assert "Layer 3 (Dense) needs a flat input" in problem.inner_text()
    assert "A draft" in page.locator(STACK + ".draft").inner_text()
    step = page.evaluate("Number(document.querySelector('#run-status').dataset.step)")
    until(page, f"s.step > {step} && s.state === 'playing'")
    problem.get_by_role("button", name="Repair").click()
    until_names(page, [CONV, POOL, FLAT, DENSE])
    page.locator(STACK + ".draft").wait_for(state="detached")


def test_a_draft_survives_a_reload(build):
    page = build()
    opened(page, 2).get_by_role("button", name="Remove").click()
    page.wait_for_function("location.href.includes('draft=')")
    page.reload()
    page.locator(STACK + ".problem").wait_for()
    assert names(page) == [CONV, POOL, DENSE]


def test_edits_in_quick_succession_are_all_done(build):
    page = build()
    opened(page, 1)
    for _ in range(3):
        card(page, 1).get_by_role("button", name="Duplicate").click()
    until_names(page, [CONV, *[POOL] * 4, FLAT, DENSE])


def test_layers_are_put_inside_of_a_block(build):
    page = build(
        SMALL.model_copy(
            update={"network": (Conv2d(channels=4), Residual(inside=(Conv2d(channels=4),)), Flatten())}
        )
    )
    opened(page, 0).get_by_role("button", name="In Residual").click()
    until_names(page, ["Residual", CONV, "Residual", CONV, FLAT])
    page.locator(STACK + ".slot").first.wait_for()


def test_several_layers_are_grouped_by_pointer_or_keyboard_and_undo_lays_them_out_again(build):
    page = build(SMALL.model_copy(update={"network": (Conv2d(channels=4), Conv2d(channels=4), Flatten())}))
    card(page, 0).locator(".name").focus()
    page.keyboard.press("Shift+ArrowDown")
    assert page.locator(STACK + ".card.chosen").count() == 2
    page.get_by_role("button", name="In Residual").click()
    until_names(page, ["Residual", CONV, CONV, FLAT])
    page.locator(".st-key-undo button:not(:disabled)").first.wait_for()
    page.keyboard.press("Control+z")
    until_names(page, [CONV, CONV, FLAT])
    page.get_by_role("button", name="Choose several").click()
    page.get_by_label(f"Choose {CONV} 1").check()
    card(page, 1).locator(".name").click(modifiers=["Shift"])
    assert findings(page) == []
    page.get_by_role("button", name="A branch each").click()
    until_names(page, ["Parallel paths", CONV, CONV, FLAT])
    assert page.locator(STACK + ".slot").count() == 2


def test_a_template_is_laid_out_for_the_data(build):
    page = build()
    page.get_by_role("button", name="Templates for these data").click()
    page.locator(STACK + ".choices button", has_text="LeNet").click()
    until_names(page, [CONV, POOL, CONV, POOL, FLAT, DENSE, DENSE])
    page.get_by_text("61\u2009706 parameters").wait_for()


def test_the_graph_is_shown_and_downloaded(build):
    page = build()
    page.locator(".st-key-views").get_by_text("Graph").click()
    page.locator(".st-key-graph img").wait_for()
    with page.expect_download() as download:
        page.locator(".st-key-download-graph button").first.click()
    text = download.value.path().read_text()
    assert text.startswith("<svg")
    assert "Max pooling" in text


def test_an_experiment_is_pasted_as_json(build):
    page = build()
    press(page, "json-open")
    page.get_by_label("Pasted JSON").fill(
        '{"data": "digits", "network": ["flatten", {"kind": "dense", "units": 9000}]}'
    )
    page.get_by_role("button", name="Load", exact=True).click()
    until_names(page, [FLAT, DENSE])
    page.get_by_text("was out of bounds and is now 256").first.wait_for()


def test_an_epoch_is_estimated_before_play(build):
    page = build()
    page.locator(".st-key-cost").get_by_text("an epoch").wait_for()


def test_no_plot_is_mounted_anew_by_an_edit_or_while_playing(build):
    page = build()
    page.evaluate("document.querySelectorAll('.glassbox-plot').forEach((each) => (each.tagged = true))")
    opened(page, 3).get_by_label("Frozen").click()
    page.wait_for_timeout(1000)
    press(page, "play")
    until(page, "s.epoch > 3")
    opened(page, 0).get_by_role("button", name="Switch off").click()
    page.locator(STACK + ".card.off").wait_for()
    page.wait_for_timeout(1500)
    tagged = "[...document.querySelectorAll('.glassbox-plot')].filter((each) => each.tagged).length"
    assert page.evaluate(tagged) == 3


def test_axe_finds_nothing_serious_on_the_builder(build):
    page = build()
    assert findings(page) == []
    opened(page, 2).get_by_role("button", name="Remove").click()
    page.locator(STACK + ".problem").wait_for()
    opened(page, 0)
    assert findings(page) == []
    page.locator(STACK + ".gap.last > button").click()
    assert findings(page) == []
    press(page, "json-open")
    page.get_by_label("Pasted JSON").wait_for()
    assert findings(page) == []


def test_tab_reaches_every_control_of_the_builder(build):
    page = build(theme="dark")
    opened(page, 0)
    assert walk(page) == []
    assert missed(page, ".st-key-builder") == []


def test_nothing_overlaps_on_a_narrow_screen(build):
    page = build(width=800, height=1000)
    parts = ("transport", "view", "data", "layers", "settings")
    boxes = [page.locator(f".st-key-{name}").bounding_box() for name in parts]
    for box in boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 800
    for above, below in pairwise(sorted(boxes[1:], key=lambda box: box["y"])):
        assert above["y"] + above["height"] <= below["y"] + 1
