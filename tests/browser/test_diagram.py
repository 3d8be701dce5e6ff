from itertools import pairwise

import pytest

from dlcore.experiment import Experiment
from dlcore.link import encode
from tests.browser.conftest import press, status, until
from tests.browser.test_playground import shown

pytestmark = pytest.mark.browser


def place(page, column, row):
    """Where a neuron is on the screen."""
    canvas = page.locator(".st-key-network canvas").first
    box = canvas.bounding_box()
    at = canvas.evaluate(
        "(c, [i, j]) => [c.parentElement.places[i].x, c.parentElement.places[i].ys[j]]", [column, row]
    )
    return box["x"] + at[0], box["y"] + at[1]


def weight(page, layer, at):
    """A weight as the diagram has it now."""
    canvas = page.locator(".st-key-network canvas").first
    return canvas.evaluate(f"(c) => c.parentElement.arrays['weights.{layer}.weight'].values[{at}]")


def test_a_click_on_a_neuron_opens_it_and_switches_it_off(visit):
    page = visit()
    before = status(page)["trainLoss"]
    page.mouse.click(*place(page, 2, 2))
    panel = page.locator(".st-key-network .panel")
    assert "neuron 2.3" in panel.inner_text()
    assert panel.locator(".bar").count() == 9
    assert "ELU(" in panel.locator(".formula").inner_text()
    panel.get_by_text("Switch off").click()
    panel.get_by_text("Switch on").wait_for()
    until(page, f"s.trainLoss !== '{before}'")
    assert [(s.layer, s.unit) for s in shown(page).silenced] == [(1, 2)]
    panel.get_by_text("Switch on").click()
    panel.get_by_text("Switch off").wait_for()
    until(page, f"s.trainLoss === '{before}'")


def test_a_weight_is_typed_held_and_cut_while_it_trains(visit):
    page = visit()
    page.mouse.click(*place(page, 1, 0))
    panel = page.locator(".st-key-network .panel")
    panel.locator(".bar").first.click()
    box = panel.locator("input[type=number]")
    box.fill("2.5")
    box.press("Enter")
    canvas = page.locator(".st-key-network canvas").first.element_handle()
    page.wait_for_function("(c) => c.parentElement.arrays['weights.0.weight'].values[0] === 2.5", arg=canvas)
    panel.get_by_text("Hold").click()
    panel.get_by_text("Let go").wait_for()
    press(page, "play")
    until(page, "s.step > 20")
    assert weight(page, 0, 0) == 2.5
    panel.get_by_text("Cut").click()
    page.wait_for_function("(c) => c.parentElement.arrays['weights.0.weight'].values[0] === 0", arg=canvas)
    held = shown(page).held
    assert [(h.layer, h.unit, h.source, h.value) for h in held] == [(0, 0, 0, 0.0)]


def test_a_layer_is_frozen_from_its_head(visit):
    page = visit()
    page.locator(".st-key-network").get_by_label("Freeze layer 1").click()
    page.locator(".st-key-network").get_by_text("frozen").wait_for()
    assert shown(page).network[0].frozen
    before = weight(page, 0, 0)
    press(page, "epoch")
    until(page, "s.epoch === '1'")
    assert weight(page, 0, 0) == before


def test_eight_layers_of_sixteen_are_drawn_and_wider_ones_folded(visit):
    e = Experiment(network=({"kind": "dense", "units": 16},) * 7 + ({"kind": "dense", "units": 100},))
    page = visit(f"/?x={encode(e)}")
    canvas = page.locator(".st-key-network canvas").first
    rows = canvas.evaluate("(c) => c.parentElement.places.map((p) => p.ys.length)")
    assert rows == [10, *[16] * 8, 1]
    assert canvas.evaluate("(c) => c.parentElement.edges.length") == 2 * 16 + 7 * 16 * 16 + 16


def test_two_edits_within_one_task_are_both_made(visit):
    page = visit("/?play=1")
    until(page, "s.epoch > 0")
    page.locator(".st-key-network").get_by_label("Add a neuron to layer 1").evaluate(
        """(plus) => {
            const root = plus.closest(".network")
            plus.click()
            root.querySelector("[aria-label='Add a neuron to layer 2']").click()
            plus.click()
            root.querySelector("[aria-label='Input sin x₁']").click()
        }"""
    )
    canvas = page.locator(".st-key-network canvas").first.element_handle()
    page.wait_for_function("(c) => c.parentElement.places?.[1].ys.length === 10", arg=canvas)
    page.wait_for_function("(c) => c.parentElement.queue.waiting.length === 0", arg=canvas)
    e = shown(page)
    assert [layer.units for layer in e.network] == [10, 9, 8]
    assert [each.kind_name() for each in e.inputs] == ["x1", "x2", "sin_x1"]


def test_the_number_of_neurons_is_typed_and_a_wide_layer_says_how_many_more_it_has(visit):
    page = visit()
    box = page.locator(".st-key-network").get_by_label("Neurons in layer 2")
    box.fill("300")
    box.press("Enter")
    page.wait_for_function("location.search.includes('x=')")
    canvas = page.locator(".st-key-network canvas").first.element_handle()
    page.wait_for_function("(c) => c.parentElement.places?.[2].ys.length === 16", arg=canvas)
    assert shown(page).network[1].units == 256, "the most a layer may have"
    lowest = canvas.evaluate("(c) => c.parentElement.places[2].ys[15] + c.parentElement.places[2].size / 2")
    assert lowest + 12 < canvas.evaluate("(c) => c.parentElement.clientHeight")


@pytest.mark.parametrize("width", [1400, 800])
def test_the_controls_of_eight_layers_do_not_overlap(visit, width):
    e = Experiment(network=({"kind": "dense", "units": 16},) * 8)
    page = visit(f"/?x={encode(e)}", width=width)
    page.locator(".st-key-network").get_by_label("Remove layer 8").wait_for()
    boxes = page.locator(".st-key-network .head").evaluate_all(
        """(heads) => heads.map((head) => [...head.querySelectorAll("button, select, input, .name")]
               .map((each) => each.getBoundingClientRect()))
               .map((all) => [Math.min(...all.map((b) => b.left)), Math.max(...all.map((b) => b.right))])"""
    )
    assert all(right <= left for (_, right), (left, _) in pairwise(boxes))
    page.locator(".st-key-network").get_by_label("Remove layer 8").click()
    page.locator(".st-key-network").get_by_label("Remove layer 8").wait_for(state="detached")
    assert len(shown(page).network) == 7


def test_weights_that_are_no_numbers_any_more_are_still_drawn(visit):
    from dlcore.activations import Linear
    from dlcore.layers import Dense
    from dlcore.losses import MeanSquared
    from dlcore.optimizers import SGD

    runaway = Experiment(
        network=(Dense(units=8, activation=Linear()),) * 3,
        loss=MeanSquared(),
        data={"kind": "plane"},
        optimizer=SGD(learning_rate=10),
    )
    page = visit(f"/?play=1&x={encode(runaway)}")
    until(page, "s.state === 'failed'")
    canvas = page.locator(".st-key-network canvas").first
    weights = canvas.evaluate("(c) => Array.from(c.parentElement.arrays['weights.1.weight'].values)")
    assert not all(abs(value) < 1e30 for value in weights), "the run was to break down"


def test_one_list_sets_the_activation_of_all_layers_and_one_undo_takes_it_back(visit):
    page = visit()
    page.locator(".st-key-network").get_by_label("Activation of all layers").select_option("tanh")
    canvas = page.locator(".st-key-network canvas").first.element_handle()
    page.wait_for_function("(c) => c.parentElement.facts.same === 'tanh'", arg=canvas)
    assert {each.activation.kind for each in shown(page).network} == {"tanh"}
    press(page, "undo")
    page.wait_for_function(f"location.search.includes('{encode(Experiment())}&')")


def test_a_layers_head_tells_its_shapes_and_cost_to_pointer_keyboard_and_reader(visit):
    page = visit(anew=False)
    cost = "(2) → (8), 24 parameters, 16 multiply-adds"
    network, tip = page.locator(".st-key-network"), page.locator(".st-key-network .tip")
    assert network.get_by_role("group", name=f"layer 1: {cost}").count() == 1
    network.get_by_label("Neurons in layer 1").hover()
    assert cost in tip.inner_text()
    page.mouse.move(0, 0)
    tip.wait_for(state="hidden")
    network.get_by_label("Neurons in layer 1").focus()
    assert cost in tip.inner_text()
    # 2·8 + 8·8 + 8·8 + 8 products; a bias more for each of the 25 neurons
    assert network.locator(".totals").inner_text() == "177 parameters, 152 multiply-adds per point"


def test_the_keyboard_reaches_every_neuron_and_weight(visit):
    page = visit(anew=False)
    page.locator(".st-key-network canvas").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    panel = page.locator(".st-key-network .panel")
    assert "neuron 2.2" in panel.inner_text()
    panel.locator(".bar").nth(1).focus()
    page.keyboard.press("Enter")
    assert "neuron 1.2 → neuron 2.2" in panel.inner_text()
    page.keyboard.press("Escape")
    panel.wait_for(state="detached")


def test_a_neuron_is_shown_on_the_large_map(visit):
    page = visit(anew=False)
    title = "document.querySelector('.st-key-boundary .plot').getAttribute('aria-label')"
    page.mouse.click(*place(page, 3, 1))
    page.locator(".st-key-network .panel").get_by_text("Show on the map").click()
    page.wait_for_function(f"{title}.includes('neuron 2')")
    page.locator(".st-key-network .panel").get_by_text("Show the answer again").click()
    page.wait_for_function(f"{title}.includes('classes')")


PLANE = ".st-key-boundary .glassbox-plot"
PIXELS = """(plot) => {
    const { map } = plot
    return [...map.getContext("2d").getImageData(map.width / 4, map.height / 4, 8, 8).data]
}"""


def test_the_neuron_under_the_pointer_is_shown_large_on_the_plane_until_it_leaves(visit):
    page = visit(anew=False)
    plane = page.locator(PLANE)
    answer, alone = plane.evaluate(PIXELS), page.locator(f"{PLANE}[data-guest^='neuron 2.3']")
    page.mouse.move(*place(page, 2, 2))
    alone.wait_for()
    assert plane.evaluate(PIXELS) != answer
    page.mouse.move(0, 0)
    alone.wait_for(state="detached")
    assert plane.evaluate(PIXELS) == answer


def test_the_keyboard_enlarges_the_neuron_it_is_on(visit):
    page = visit(anew=False)
    page.locator(".st-key-network canvas").first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    page.locator(f"{PLANE}[data-guest^='neuron 1.2']").wait_for()
    page.keyboard.press("Tab")
    page.locator(f"{PLANE}[data-guest^='neuron']").wait_for(state="detached")


def test_the_enlarged_neuron_goes_on_learning_under_the_pointer(visit):
    page = visit(anew=False)
    page.mouse.move(*place(page, 3, 1))
    plane = page.locator(f"{PLANE}[data-guest^='neuron 3.2']")
    before = plane.evaluate(PIXELS)
    for i in range(3):
        page.keyboard.press("ArrowRight")
        until(page, f"s.step === '{i + 1}'")
    page.wait_for_function(
        f"(before) => JSON.stringify(({PIXELS})(document.querySelector({PLANE!r}))) !== before",
        arg=str(before).replace(" ", ""),
    )
    assert plane.count() == 1
