"""The lab of adversarial games: its page, cold and driven."""

import numpy as np
import pytest

from dlcore.data.points import Clouds
from dlcore.guides.gan import CURES, GUIDE, GanSettings, choice, experiments
from dlcore.objectives import Adversarial
from dlcore.spec.share import pack
from pages.parts.labs import gan, gan_steps
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # the fixture tidies up


def visit(settings=None, **query):
    at = opened("pages/gan.py", **({"s": pack(settings.compact())} if settings else {}), **query)
    assert not at.exception
    return at


def lab(at):
    return at.session_state["lab:gan"]


def step(at):
    return lab(at).here.run.frame((), fresh=True).step


def said(at):
    return " ".join(each.value for each in at.markdown)


@pytest.mark.parametrize("cure", CURES)
def test_each_cure_is_one_change_of_the_discriminator(cure):
    plain, cured = (experiments(GanSettings(cure=each))["game"] for each in ("none", cure))
    assert isinstance(cured.objective, Adversarial)
    assert cured.model_copy(update={"objective": plain.objective}) == plain
    assert cured.problems() == []


def test_the_choices_tell_eight_from_some_and_from_few():
    assert [choice(n) for n in (8, 7, 5, 4, 0)] == [0, 1, 1, 2, 2]
    assert isinstance(experiments(GUIDE.settings)["game"].data, Clouds)


def test_before_play_fakes_lie_there_and_play_waits_for_a_prediction():
    at = visit()
    assert at.button(key="play").disabled
    assert {f"set:{name}" for name in ("truth", "rates", "cure", "who", "slow", "steps")} <= keys(at)
    lab(at).predict(1)
    at.run()
    assert not at.button(key="play").disabled


def test_who_learns_may_change_in_mid_run_and_another_cure_begins_anew():
    at = visit(guess="1")
    at.button(key="step").click().run()
    assert "After 1 round 0 of 8 clouds are covered" in said(at)
    lab(at).set("who", "discriminator")
    at.run()
    assert step(at) == 1
    lab(at).set("cure", "spectral norm")
    at.run()
    at.run()
    assert not at.exception
    assert step(at) == 0


def test_a_step_is_walked_through_phase_by_phase_and_then_made():
    at = visit(GanSettings(slow=True), guess="0")
    for _ in gan_steps.PHASES:
        assert step(at) == 0
        assert gan_steps.PHASES[gan_steps.phase(lab(at))][1][:12] in said(at)
        at.button(key="gan-next").click().run()
        assert not at.exception
    assert step(at) == 1
    assert gan_steps.phase(lab(at)) == 0


def test_a_stroke_becomes_real_samples_and_what_was_learnt_is_kept():
    at = visit(GanSettings(truth="drawn"), guess="0")
    at.button(key="step").click().run()
    before = lab(at).experiment.data.size
    gan.draw_truth(lab(at), {"places": [[1.0, 1.0], [1.5, 1.0]]})
    at.run()
    assert not at.exception
    assert lab(at).experiment.data.size == before + 2
    assert step(at) == 1
    gan.draw_truth(lab(at), {"places": "everywhere"})
    assert "could not be read" in lab(at).notices[-1]
    assert lab(at).experiment.data.size == before + 2


def test_digits_are_forged_too():
    at = visit(GanSettings(truth="digits"), guess="0")
    at.button(key="step").click().run()
    assert not at.exception
    assert "from the real samples" in said(at)
    record = lab(at).here.newest.probe("rivals")
    assert record["fake"].shape[1] == 64
    assert np.isfinite(record["fake"]).all()
