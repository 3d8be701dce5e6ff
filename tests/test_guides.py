"""Every lab keeps what its frame promises."""

from typing import Literal, get_origin

import pytest

from dlcore.guides import GUIDES
from dlcore.spec.share import pack, unpack
from pages.parts.components import ASSETS, ROOT

EVERY = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)


def test_there_are_the_seven_labs_in_the_order_in_which_they_are_taught():
    assert [guide.title for guide in GUIDES] == [
        "Gradient descent", "Backpropagation", "Convolution", "Memory", "Attention", "Autoencoder", "GAN",
    ]  # fmt: skip


@EVERY
def test_a_lab_asks_one_question_that_can_be_predicted(guide):
    assert guide.question.endswith("?")
    assert "\n" not in guide.question
    assert 2 <= len(guide.choices) <= 4
    assert len(set(guide.choices)) == len(guide.choices)


@EVERY
def test_the_experiments_of_a_lab_and_of_all_it_suggests_can_run(guide):
    for settings in (guide.settings, *(each.settings for each in guide.tries)):
        experiments = guide.experiments(settings)
        assert experiments
        for name, experiment in experiments.items():
            assert experiment.problems() == [], name


@EVERY
def test_a_lab_suggests_three_things_that_differ(guide):
    assert len(guide.tries) == 3
    kept = {each.settings.model_dump_json() for each in guide.tries}
    assert len(kept) == 3
    assert guide.settings.model_dump_json() not in kept


@EVERY
def test_settings_go_through_a_link_and_back(guide):
    for each in guide.tries:
        token = pack(each.settings.compact())
        assert type(guide.settings).model_validate(unpack(token)) == each.settings


@EVERY
def test_every_formula_says_what_it_means_and_where_it_is_from(guide):
    assert len(guide.formulas) >= 3
    for formula in guide.formulas:
        assert formula.name
        assert formula.latex
        assert formula.words
        assert any(sign.isdigit() for sign in formula.source), f"{formula.name}: a source has a year"


@EVERY
def test_every_setting_of_a_lab_is_bounded_and_described(guide):
    for name, field in guide.settings.settings().items():
        assert field.description, name
        value = getattr(guide.settings, name)
        chosen = isinstance(value, bool) or get_origin(field.annotation) is Literal
        if isinstance(value, int | float) and not chosen:
            assert field.metadata, f"{name} has no bounds"


@EVERY
def test_the_page_of_a_lab_is_a_page_of_its_own_and_short(guide):
    page = ROOT / "pages" / f"{guide.name}.py"
    assert len(page.read_text().splitlines()) <= 120
    assert (ASSETS / "style.css").exists()
