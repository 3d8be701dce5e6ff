import pytest

from dlcore.guides.autoencoder import SIZES, AutoencoderSettings
from dlcore.spec.share import pack
from pages.parts.labs.autoencoder import Terms
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # the fixture tidies up


def visit(settings=None, **query):
    at = opened("pages/autoencoder.py", **({"s": pack(settings.compact())} if settings else {}), **query)
    assert not at.exception
    return at


def lab(at):
    return at.session_state["lab:autoencoder"]


def said(at):
    return " ".join(each.value for each in (*at.markdown, *at.caption))


def test_the_pictures_are_there_before_play_which_waits_for_a_prediction():
    at = visit()
    assert at.button(key="play").disabled
    assert "lie among their own kind" in said(at)
    assert "Strangers found by their error" in said(at)
    assert {"set:how", "set:size", "set:stranger", "set:compare"} <= keys(at)
    lab(at).predict(0)
    at.run()
    assert not at.button(key="play").disabled


def test_what_happened_is_told_with_the_numbers_of_the_run():
    at = visit(guess="0")
    at.button(key="epoch").click().run()
    until(lambda: lab(at).here.run.frame((), fresh=True).epoch == 1)
    at.run()
    assert not at.exception
    assert "After 1 epoch 2 numbers keep" in said(at)
    assert "A 0, never seen, comes back" in said(at)


@pytest.mark.parametrize(("how", "further"), [("denoising", "noise"), ("variational", "beta")])
def test_each_kind_of_autoencoder_brings_its_setting(how, further):
    at = visit(AutoencoderSettings(how=how))
    assert f"set:{further}" in keys(at)
    assert len({key for key in keys(at) if key.startswith("set:")}) == 5
    assert lab(at).experiment.objective.kind_name() == {"denoising": "reconstruction"}.get(how, how)


def test_sizes_are_compared_by_runs_that_learn_side_by_side():
    at = visit(guess="0")
    at.toggle(key="set:compare").set_value(True).run()
    assert not at.exception
    assert len(lab(at).heres) == len(SIZES)
    at.button(key="step").click().run()
    assert {here.run.frame((), fresh=True).step for here in lab(at).heres.values()} == {1}
    at.toggle(key="set:compare").set_value(False).run()
    assert not at.exception
    assert list(lab(at).heres) == ["code"]


def test_without_a_stranger_nothing_is_said_of_one():
    at = visit(AutoencoderSettings(stranger="none"), guess="0")
    at.button(key="step").click().run()
    assert not at.exception
    assert "No digit is left out" in said(at)
    assert ", never seen," not in said(at)


class Picture:
    """As much of a frame as the curves of the two losses ask for."""

    def __init__(self, epoch):
        self.epoch = epoch

    def probe(self, name):
        return {"error": [3.0, 2.0, 1.0], "divergence": [6.0, 5.0, 4.0]}


def test_the_curves_of_the_two_losses_begin_anew_with_another_run_and_after_a_reset():
    terms, first, other = Terms(), object(), object()
    for epoch in (1, 1, 2, 3):
        terms.take(Picture(epoch), first)
    assert terms.rows == [(1, 1.0, 4.0), (2, 1.0, 4.0), (3, 1.0, 4.0)]
    terms.take(Picture(0), first)
    assert [row[0] for row in terms.rows] == [0]
    terms.take(Picture(5), other)
    assert [row[0] for row in terms.rows] == [5]
