"""The lab of gradient descent: what its pieces add up to, and its page."""

import time

import numpy as np
import pytest

from dlcore.data.points import Circle
from dlcore.engine.questions import QUESTIONS
from dlcore.experiment import Experiment
from dlcore.formula import read
from dlcore.guides.gradient_descent import GUIDE, NETWORK, OPENING, RULES, field, name_of, rated
from dlcore.layers import Dense
from dlcore.link import encode
from dlcore.optimizers import SGD, Adam
from dlcore.record import Record
from dlcore.spec.share import pack
from dlcore.surfaces import SURFACES, Surface
from dlcore.training.landscape import weights
from dlcore.training.race import race
from dlcore.training.session import Session
from pages.parts.labs.descents import SIDE, Race, Scene, hessian_top
from pages.parts.labs.gradient_descent import arrows_of, opened_step, reached
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # a fixture for all

FILE = "pages/gradient_descent.py"
SMALL = Experiment(data=Circle(n_points=60), network=(Dense(units=4),))


class Answering:
    """A run's worker in this process: what is asked travels as it does between two."""

    id = "here"

    def __init__(self, experiment):
        self.session = Session(experiment)
        self.asked = []

    def ask(self, name, arrays, patience_s, **facts):
        self.asked.append(name)
        mail = Record.from_bytes(Record({"name": name, **facts}, arrays).to_bytes())
        return Record.from_bytes(QUESTIONS[name](self.session, mail).to_bytes())


def scene(run, rules=None, **changes):
    rules = rules or {name: rated(name, None) for name in ("Gradient descent", "Adam")}
    wanted = {"first": True, "batch_size": 500, "through_paths": True, "seed": 0, "looked": next(iter(rules))}
    return Scene(run, rules=rules, **{**wanted, **changes})


def finish(shown, budget_s=0.05):
    shares = []
    while not shown.done:
        shown.work(budget_s)
        shares.append(shown.share)
    assert not shown.said
    return shares


def test_a_race_in_pieces_is_each_rules_own_descent():
    surface, run = SURFACES["Beale"], Answering(SMALL)
    running = Race(surface.formula, surface.start, 0.3, 5)
    running.take({name: rated(name, surface) for name in ("Momentum", "Adam")})
    assert running.reach(run, 130, 60) >= 130
    assert run.asked.count("race") >= 6
    start = Record({}, {"place": np.array(surface.start)})
    for descent in running.descents.values():
        whole = race(surface.read(), descent.rule, start, descent.n_steps, 0.3, 5).arrays
        assert np.array_equal(descent.arrays["place"], whole["place"])
        assert np.array_equal(descent.arrays["gradient"], whole["gradient"])


def test_only_a_rule_that_was_changed_starts_over():
    surface = SURFACES["Bowl"]
    running = Race(surface.formula, surface.start, 0, 0)
    running.take({"Momentum": RULES["Momentum"], "Adam": RULES["Adam"]})
    running.reach(Answering(SMALL), 10, 60)
    kept = running.descents["Adam"]
    running.take({"Momentum": SGD(learning_rate=0.5, momentum=0.9), "Adam": RULES["Adam"]})
    assert running.descents["Adam"] is kept
    assert running.descents["Momentum"].n_steps == 0


def test_one_who_has_left_for_good_is_waited_for_by_nobody():
    running = Race(SURFACES["Rosenbrock"].formula, (-1.2, 1.0), 0, 0)
    running.take({"Gradient descent": SGD(learning_rate=1.0), "Adam": Adam()})
    assert running.reach(Answering(SMALL), 70, 60) >= 70
    assert running.descents["Gradient descent"].gone


def test_a_scene_is_worked_out_from_paths_to_surface_to_sharpness_and_tells_how_far_it_is():
    run = Answering(SMALL)
    shown = scene(run)
    shares = finish(shown)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert list(dict.fromkeys(run.asked)) == [
        "landscape weights", "landscape descend", "landscape heights", "landscape sharpness",
    ]  # fmt: skip
    assert np.isfinite(shown.heights).all()
    assert np.array_equal(shown.centre, weights(run.session)["weights"])
    assert all(found for _, found in shown.sharp.values())


def test_the_height_of_the_surface_where_a_path_lies_in_it_is_the_loss_of_the_path():
    # two weights that matter: the plane of the paths is all there is
    run = Answering(Experiment(data=Circle(n_points=60), network=()))
    shown = scene(run, {"Gradient descent": SGD(learning_rate=0.5), "Adam": Adam(learning_rate=0.1)})
    finish(shown)
    left, right, low, high = shown.window
    xs, ys = np.linspace(left, right, SIDE), np.linspace(low, high, SIDE)
    near = far = 0
    for name, (at, share) in shown.shadows.items():
        for (x, y), inside, loss in zip(at, share, shown.descents[name].arrays["loss"], strict=True):
            column, row = np.abs(xs - x).argmin(), np.abs(ys - y).argmin()
            if inside > 0.999:
                near += 1
                far += abs(shown.heights[row, column] - loss) > 0.05
    assert near > 100
    assert far == 0


def test_stopping_a_scene_leaves_it_as_it_is_and_it_can_go_on():
    shown = scene(Answering(SMALL))
    while shown.n_heights == 0:
        shown.work(0.01)
    shown.stopped = True
    so_far = shown.n_heights
    shown.work(1)
    assert shown.n_heights == so_far < SIDE**2
    assert np.isfinite(shown.drawn()).mean() > 0.9 or so_far < 225
    shown.stopped = False
    finish(shown)


def test_another_look_at_the_same_scene_is_not_worked_out_anew():
    run = Answering(SMALL)
    shown = scene(run)
    finish(shown)
    run.asked.clear()
    other = scene(run, looked="Adam")
    other.inherit(shown)
    finish(other)
    assert set(run.asked) == {"landscape sharpness"}
    changed = scene(run, {"Gradient descent": SGD(learning_rate=0.7), "Adam": shown.rules["Adam"]})
    changed.inherit(shown)
    assert "Adam" in changed.descents
    assert changed.n_heights == 0


def test_the_surface_of_the_playgrounds_default_network_takes_less_than_three_seconds_of_work():
    shown = scene(Answering(Experiment()), through_paths=False)
    while shown.n_heights == 0:
        shown.work(0.01)
    begun, before = time.process_time(), shown.n_heights
    while shown.n_heights < SIDE**2:
        shown.work(0.01)
    assert (time.process_time() - begun) * SIDE**2 / (SIDE**2 - before) < 3


def test_a_refusal_of_the_worker_is_said_and_nothing_is_asked_any_more():
    class Refusing(Answering):
        def ask(self, name, arrays, patience_s, **facts):
            raise ValueError("This network has too many weights.")

    shown = scene(Refusing(SMALL))
    shown.work(1)
    assert shown.done
    assert "too many weights" in shown.said


@pytest.mark.parametrize("name", SURFACES)
def test_the_sharpness_of_a_formula_is_its_hessians_largest_eigenvalue(name):
    import torch

    surface = SURFACES[name]
    formula, place = surface.read(), torch.tensor(surface.start, dtype=torch.float64)
    exact = torch.autograd.functional.hessian(lambda w: formula(torch, w[0], w[1]), place)
    largest = float(torch.linalg.eigvalsh(exact).max())
    assert hessian_top(formula, *surface.start, 6.0) == pytest.approx(largest, rel=1e-3)


def test_the_first_step_within_one_percent_counts():
    assert reached(np.array([100.0, 3.0, 1.0, 0.5, 2.0]), 0.0) == 2
    assert reached(np.array([-1.0, -1.9, -1.995]), -2.0) == 2
    assert reached(np.array([5.0, np.inf, np.nan]), 0.0) is None


def test_the_arrows_of_a_step_are_its_gradient_its_velocity_and_the_step_itself():
    class Shown:
        class here:
            from dlcore.charts.theme import LIGHT as theme

    running = Race("x^2 + 3*y^2", (1.0, 1.0), 0, 0)
    running.take({"Momentum": SGD(learning_rate=0.1, momentum=0.9)})
    running.reach(Answering(SMALL), 3, 60)
    descent = running.descents["Momentum"]
    step = opened_step(descent, 1)
    (against, velocity, made), larger = arrows_of(Shown, descent, 1, step, 10.0)
    place, moved = descent.arrays["place"][1:3]

    def way(arrow):
        return np.subtract(arrow.end, arrow.start)

    ratio = way(against) / descent.arrays["gradient"][1]
    assert ratio[0] == pytest.approx(ratio[1])
    assert ratio[0] < 0
    assert way(velocity) == pytest.approx(
        ratio * (0.9 * descent.arrays["gradient"][0] + descent.arrays["gradient"][1])
    )
    assert way(made) == pytest.approx(larger * (moved - place))
    assert max(np.hypot(*way(against)), np.hypot(*way(velocity))) == pytest.approx(1.5)


def test_every_rule_of_the_registry_can_race_under_a_name_of_its_own():
    assert [name_of(rated(name, SURFACES["Bowl"])) for name in RULES] == list(RULES)
    assert len(field(tuple(RULES), "Bowl")) == len(RULES)


@pytest.mark.parametrize("settings", [OPENING, *(each.settings for each in GUIDE.tries)])
def test_what_is_worth_a_try_survives_its_link(settings):
    assert type(settings).model_validate(settings.compact()) == settings


def lab(at):
    return at.session_state["lab:gradient_descent"]


def test_the_page_opens_cold_with_the_race_at_its_start_and_waits_for_a_prediction():
    at = opened(FILE)
    assert not at.exception
    assert {"play", "step", "reset", "descent-tab", "descent-rules", "descent-edge"} <= keys(at)
    assert at.button(key="play").disabled
    playback = lab(at).here
    assert playback.step == 0
    assert set(playback.race.descents) == set(OPENING.rules())


def test_predicted_and_stepped_the_page_tells_who_was_first_with_the_numbers():
    at = opened(FILE, guess="1")
    playback = lab(at).here
    at.button(key="step").click().run()
    assert playback.step == 1
    playback.go_to(80)
    at.run()
    assert not at.exception
    said = " ".join(each.value for each in at.markdown)
    first = min(
        (hit, name)
        for name, each in playback.descents.items()
        if (hit := reached(each.arrays["loss"][:81], 0.0)) is not None
    )
    assert f"{first[1]} was within 1 % of the bottom after {first[0]} steps" in said
    assert "As you predicted: Momentum or Nesterov" in said


def test_a_formula_of_ones_own_is_descended_and_one_that_cannot_be_read_is_refused_beside_its_field():
    at = opened(FILE, guess="0")
    at.selectbox(key="descent-surface").select(Surface.OWN).run()
    at.text_input(key="descent-formula").set_value("x^2 + 2y").run()
    assert "Write 2*y" in at.error[0].value
    assert lab(at).settings.formula == OPENING.formula
    at.text_input(key="descent-formula").set_value("x^2 + 2*y^2").run()
    assert not at.error
    assert not at.exception
    at.button(key="step").click().run()
    assert lab(at).here.race.formula == "x^2 + 2*y^2"
    gradient = lab(at).here.descents["Momentum"].arrays["gradient"][0]
    assert gradient == pytest.approx([2 * lab(at).settings.x, 4 * lab(at).settings.y])


def test_a_click_sets_the_start_and_one_outside_does_nothing():
    from pages.parts.labs.gradient_descent import start_at

    at = opened(FILE, guess="0")
    start_at(lab(at), lab(at).here, {"place": [2.0, -3.0]})
    assert (lab(at).settings.x, lab(at).settings.y) == (2.0, -3.0)
    assert lab(at).here.playing
    for wrong in ({"place": [99, 0]}, {"place": ["a", None]}, {"place": [float("nan"), 0]}, {}):
        start_at(lab(at), lab(at).here, wrong)
    assert (lab(at).settings.x, lab(at).settings.y) == (2.0, -3.0)


def test_over_the_edge_gradient_descent_leaves_the_ravine():
    at = opened(FILE, guess="0")
    at.button(key="descent-edge").click().run()
    rate = next(rule for rule in lab(at).settings.racers if name_of(rule) == "Gradient descent").learning_rate
    assert rate == pytest.approx(1.05 * 2 / 2)  # the ravine is x²/50 + y²: λ = 2
    lab(at).here.go_to(150)
    heights = lab(at).here.descents["Gradient descent"].arrays["loss"]
    assert heights[150] > 1e3 * heights[0]


def test_the_playgrounds_own_network_is_looked_at_with_the_weights_it_has():
    at = opened(x=encode(SMALL))
    here = at.session_state["here"]
    for _ in range(3):
        here.do("step")
    mine = here.run.checkpoint()
    at.session_state["errand"] = "loss surface"
    at.switch_page(FILE).run()
    assert not at.exception
    assert lab(at).settings.tab == NETWORK
    assert lab(at).settings.experiment == SMALL
    theirs = lab(at).here.run.checkpoint()
    assert theirs.facts["step"] == 3
    assert np.array_equal(theirs.arrays["parameter.0"], mine.arrays["parameter.0"])
    while not lab(at).here.scene.done:
        at.run()
        assert not at.exception
    centre = lab(at).here.scene.centre
    assert np.array_equal(centre[: mine.arrays["parameter.0"].size], mine.arrays["parameter.0"].ravel())


def test_a_link_with_settings_that_cannot_be_read_opens_the_lab_as_it_is():
    at = opened(FILE, s=pack({"surface": Surface.OWN, "formula": "__import__('os')"}))
    assert not at.exception
    assert lab(at).settings == OPENING


def test_the_default_formula_of_ones_own_can_be_read():
    assert read(OPENING.formula)
