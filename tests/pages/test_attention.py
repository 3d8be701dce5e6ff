"""The lab of attention, without a browser."""

import re

import numpy as np
import pytest

from dlcore.charts import shares
from dlcore.charts.theme import LIGHT
from dlcore.engine import State
from dlcore.engine.picture import picture
from dlcore.guides.attention import AttentionSettings, experiments
from dlcore.probes import opened as opened_probe
from dlcore.training.session import Session
from pages.parts.views import opened_query
from pages.parts.views.opened_query import STAGES
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # a fixture for all

FILE = "pages/attention.py"


def lab(at):
    return at.session_state["lab:attention"]


def text(at):
    return " ".join([*(each.value for each in at.markdown), *(each.value for each in at.get("html"))])


def press(at, key):
    at.button(key=key).click().run()
    assert not at.exception


@pytest.fixture(scope="module")
def session():
    made = Session(experiments(AttentionSettings())["Transformer"])
    made.advance(400)
    return made


def test_the_lab_opens_with_a_picture_and_few_controls():
    at = opened(FILE)
    assert not at.exception
    assert at.button(key="play").disabled
    assert {"afresh:task", "afresh:network", "afresh:positions", "attention:switch"} <= keys(at)
    assert "Right answers on test strings" in text(at)
    assert lab(at).run.experiment == experiments(AttentionSettings())["Transformer"]


@pytest.mark.parametrize("task", ["copy", "sort", "addition", "names"])
def test_every_task_opens_by_its_link(task):
    from dlcore.spec.share import pack

    at = opened(FILE, s=pack(AttentionSettings(task=task).compact()))
    assert not at.exception
    assert ("set:temperature" in keys(at)) == (task == "names")
    assert ("what comes first" in text(at) or "Which letter comes first?" in text(at)) == (task == "names")


def test_a_head_is_switched_off_and_on_again_with_a_click_and_nothing_is_learnt_anew():
    at = opened(FILE, guess="1")
    run = lab(at).run
    run.do("epoch")
    until(lambda: run.frame((), fresh=True).state is State.PAUSED)
    before = run.frame((), fresh=True)
    press(at, "attention:switch")
    assert lab(at).settings.silenced == (0,)
    assert run.experiment.network[2].silenced_heads == (0,)
    off = run.frame((), fresh=True)
    assert off.revision > before.revision
    assert off.epoch == before.epoch == 1
    assert off.measures["test_loss"] != before.measures["test_loss"]
    press(at, "attention:switch")
    assert run.frame((), fresh=True).measures == before.measures


def test_a_string_of_ones_own_is_looked_at_or_refused_in_words():
    at = opened(FILE)
    at.text_input(key="attention:text").set_value("planet").run()
    assert "planet" in text(at)
    at.text_input(key="attention:text").set_value("sun").run()
    assert not at.exception
    assert "That is 3 long, and the network reads exactly 6." in text(at)


def test_a_change_of_the_task_starts_over_with_all_heads_on():
    at = opened(FILE)
    press(at, "attention:switch")
    at.button_group(key="afresh:task").set_value("sort").run()
    assert not at.exception
    assert lab(at).settings == AttentionSettings(task="sort")
    assert lab(at).run.frame((), fresh=True).step == 0


def test_the_stages_of_a_look_are_walked_through():
    at = opened(FILE)
    press(at, "attention:after")
    assert "hands on" in text(at)
    assert at.button(key="attention:after").disabled
    for said in ("The shares add up to 1", "Nothing is hidden", "Divided by √8", "multiplied with every key"):
        press(at, "attention:before")
        assert said in text(at)
    assert at.button(key="attention:before").disabled


def numbers(said):
    return [float(each.replace("−", "-")) for each in re.findall(r"−?\d+\.?\d*", said)]


@pytest.mark.parametrize("query", [0, 3])
def test_the_numbers_of_an_opened_look_are_those_of_the_attention(session, query):
    record = opened_probe(f"attention?query={query}").read(session)
    cells = re.findall(r"<td class='[^']*'>(.*?)</td>", opened_query.table(record, "planet", query, 3))
    told = [numbers(re.sub("<.*?>", " ", cell)) for cell in cells if "div" not in cell]
    written = np.array([row[0] for row in told]).reshape(6, 4)
    products = record["k"] @ record["q"]
    np.testing.assert_allclose(written[:, 0], products, atol=0.006)
    np.testing.assert_allclose(written[:, 1], products / np.sqrt(8), atol=0.006)
    np.testing.assert_allclose(
        written[:, 3], np.exp(products / np.sqrt(8)) / np.exp(products / np.sqrt(8)).sum(), atol=0.006
    )


def test_a_stage_to_come_is_empty_and_the_last_adds_the_values_up(session):
    record = opened_probe("attention").read(session)
    first = opened_query.table(record, "planet", 0, 0)
    assert "<b>" not in first
    last = opened_query.table(record, "planet", 0)
    foot = re.findall(r"'>(−?[\d.]+)</span>", last.partition("<tfoot>")[2])
    mixed = record["share"] @ record["v"]
    np.testing.assert_allclose([float(each.replace("−", "-")) for each in foot], mixed, atol=0.06)


def test_what_may_come_next_is_drawn_beside_what_is_drawn_from():
    share, chance = np.array([0.5, 0.3, 0.2]), np.array([0.9, 0.1, 0.0])
    figure = shares.drawn(share, chance, ["a", "b", "end"], LIGHT)
    thinks, draws = figure.data
    np.testing.assert_allclose(thinks.y, [50, 30, 20])
    np.testing.assert_allclose(draws.y, [90, 10, 0])
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "end"]
    assert "a 90 %" in shares.drawn_alt(chance, ["a", "b", "end"])


def story_of(session, guess=1, **settings):
    """The story that the lab tells of a session, without a page."""
    from types import SimpleNamespace

    from pages.parts.labs import attention, attention_story

    chosen = AttentionSettings(**settings)
    here = SimpleNamespace(
        inside=SimpleNamespace(layer=0, head=0, query=0, sample=0), points=session.points, at=None
    )
    shown = SimpleNamespace(settings=chosen, experiment=session.experiment, here=here, guess=guess)
    frame = picture(session, attention.watched(shown), state=State.PAUSED)
    return attention_story.story(shown, frame)


def test_what_happened_is_told_with_the_numbers_of_the_run(session):
    told = opened_probe("ablation").read(session)
    said, right = story_of(session)
    assert "After 400 steps" in said
    assert f"{100 * told['without'].min():.0f} % are right" in said
    assert "letter 6 of 6" in said
    assert right == 1


def test_before_anything_is_learnt_no_choice_has_come_true():
    untaught = Session(experiments(AttentionSettings())["Transformer"])
    assert story_of(untaught) == ("", None)
    untaught.advance(3)
    assert story_of(untaught)[1] is None


def test_what_breaks_without_a_head_is_told_by_its_steps(session):
    settings = AttentionSettings(silenced=(0,))
    other = Session.restored(session.checkpoint())
    assert other.change(experiments(settings)["Transformer"])
    said, right = story_of(other, silenced=(0,))
    assert f"{100 * other.evaluate().test_score:.0f} % of the answers are right without head 1.1" in said
    assert "with all heads" in said
    assert "What breaks most: step" in said
    assert right is None


def test_one_look_of_a_name_is_opened_behind_its_mask():
    from dlcore.spec.share import pack

    at = opened(FILE, s=pack(AttentionSettings(task="names", text="mar").compact()))
    at.toggle(key="attention:opened").set_value(True).run()
    assert not at.exception
    at.button_group(key="attention:stage").set_value(STAGES.index("mask")).run()
    assert "The 3 steps after “⊢” get −∞" in text(at)
    assert text(at).count("−∞</td>") == 3
