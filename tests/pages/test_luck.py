"""The page of luck and setting: its controls, its words, and the way to a single seed."""

import numpy as np
import pytest

from dlcore.charts.luck import Group
from dlcore.data import Task
from dlcore.ensembles import member
from dlcore.experiment import Experiment, with_value
from dlcore.layers import Dense
from dlcore.link import encode
from dlcore.luck import KNOBS, OTHER, TRIES, LuckSettings
from dlcore.optimizers import Muon
from dlcore.spec.share import pack, unpack
from pages.parts.luck import found
from pages.parts.luck_state import LuckDesk
from tests.engine.conftest import until
from tests.pages.test_playground import close_runs, keys, opened  # noqa: F401  # a fixture for all

PAGE = "pages/luck.py"
SMALL = Experiment(data={"kind": "moons", "n_points": 60}, network=(Dense(units=4),))
BRISK = with_value(SMALL, "optimizer.learning_rate", 0.3)


def link(**settings):
    return pack(LuckSettings(**{"experiment": SMALL, "n": 16, "epochs": 3, **settings}).compact())


@pytest.fixture
def desks():
    made = []
    yield made
    for desk in made:
        desk.stop()
        if desk.luck is not None:
            desk.luck.wait(30)


@pytest.fixture
def page(desks):
    def open_page(**query):
        at = opened(PAGE, **query)
        assert not at.exception
        desks.append(desk(at))
        return at

    return open_page


def desk(at):
    return at.session_state["luck"]


def ended(at):
    until(lambda: not desk(at).luck.running)
    at.run()
    assert not at.exception
    return [said.value for said in at.markdown]


def test_it_opens_with_the_untrained_networks_of_the_playgrounds_net(page):
    at = page()
    assert {"luck:n", "luck:epochs", "luck:setting", "luck:run"} <= keys(at)
    assert desk(at).settings == LuckSettings()
    assert any("32 networks before training" in said for said in ended(at))
    assert desk(at).groups()[0].record["spread"].max() > 0


def test_a_run_ends_with_what_was_found_and_the_address_tells_all_of_it(page):
    at = page(s=link(second=BRISK, setting="Learning rate"))
    at.button(key="luck:run").click().run()
    said = ended(at)
    first, second = desk(at).groups()
    assert desk(at).luck.records()["first"].facts["epoch"] == 3
    assert any("of pairs of seeds learning rate 0." in line for line in said)
    assert any(f"median accuracy {np.median(second.scores):.3f}" in line for line in said)
    assert LuckSettings.model_validate(unpack(at.query_params["s"])) == desk(at).settings
    assert (first.name, second.name) == ("learning rate 0.003", "learning rate 0.3")


def test_it_can_be_stopped_and_begun_anew(page):
    at = page(s=link(epochs=2000))
    at.button(key="luck:run").click().run()
    at.button(key="luck:stop").click().run()
    ended(at)
    assert any("Stopped" in said.value for said in at.info)
    assert "luck:run" in keys(at)


def test_every_setting_that_is_offered_gives_a_second_experiment_that_differs_in_it(page):
    at = page(s=link())
    for name in KNOBS:
        at.selectbox(key="luck:setting").set_value(name).run()
        assert not at.exception
        settings = desk(at).settings
        assert settings.second is not None
        assert settings.second != SMALL
        assert desk(at).obstacle is None
    at.selectbox(key="luck:setting").set_value("Learning rate").run()
    at.number_input(key="typed:optimizer.learning_rate").set_value(0.07).run()
    assert desk(at).settings.second == with_value(SMALL, "optimizer.learning_rate", 0.07)
    assert desk(at).settings.experiment == SMALL
    at.selectbox(key="luck:setting").set_value("Nothing").run()
    assert desk(at).settings == LuckSettings(experiment=SMALL, n=16, epochs=3)


def test_another_experiment_comes_as_its_link_and_what_is_none_is_said(page):
    at = page(s=link())
    at.selectbox(key="luck:setting").set_value(OTHER).run()
    at.text_input(key="luck:link").set_value(f"https://somewhere/?x={encode(BRISK)}&run=abc").run()
    assert desk(at).settings.second == BRISK
    at.text_input(key="luck:link").set_value("no link").run()
    assert at.toast
    assert not at.exception


def test_what_cannot_be_trained_at_once_is_said_and_mended_at_a_click(page):
    at = page(s=link(experiment=SMALL.model_copy(update={"optimizer": Muon()})))
    assert "Muon" in at.warning[0].value
    assert at.button(key="luck:run").disabled
    at.button(key="luck:mend").click().run()
    assert not at.warning
    assert not at.button(key="luck:run").disabled
    ended(at)
    assert desk(at).groups()


@pytest.mark.parametrize("token", ["1nonsense", pack({"epochs": 10**9})], ids=["nonsense", "too long"])
def test_a_link_that_cannot_be_read_opens_the_page_all_the_same(page, token):
    at = page(s=token)
    assert desk(at).settings == LuckSettings()
    assert "cannot be read" in at.toast[0].value


@pytest.fixture
def table(desks):
    made = LuckDesk(
        "me", LuckSettings(experiment=SMALL, second=BRISK, n=16, epochs=3, setting="Learning rate")
    )
    desks.append(made)
    return made


def test_a_value_out_of_bounds_leaves_the_setting_as_it_was(table):
    before = table.settings
    for broken in ({"n": 17}, {"epochs": 0}, {"epochs": 10**7}):
        table.change(**broken)
    table.set("optimizer.learning_rate", 1e9)
    assert len(table.notices) == 4
    assert table.settings == before


def test_a_click_on_a_dot_opens_that_very_seed_until_the_epoch_of_the_dot(table):
    table.run()
    table.luck.wait(30)
    table.open_member(1, 5)
    wanted = member(BRISK, 5)
    assert table.opened.stop.epochs == 3
    assert table.opened.model_copy(update={"stop": wanted.stop}) == wanted


def test_another_experiment_keeps_the_second_value_of_the_setting(table):
    table.prepare()
    wide = SMALL.model_copy(update={"network": (Dense(units=9),)})
    table.bring(wide)
    assert table.settings.second == with_value(wide, "optimizer.learning_rate", 0.3)
    assert table.luck is None


def test_what_there_is_to_try_can_be_trained(table):
    for each in TRIES:
        table.begin(each.settings)
        assert table.running
        assert table.obstacle is None
    until(lambda: table.luck.progress().epoch > 0)
    assert all(table.names()[which] for which in table.settings.wanted())


def test_what_was_found_is_told_of_one_group_and_of_two():
    def group(name, scores):
        return Group(name, {"test_score": np.array(scores, np.float32), "failed": np.zeros(len(scores))}, 1)

    slow, fast = group("slow", [0.5, 0.6, 0.55]), group("fast", [0.9, 0.95, 0.99])
    both = found(Task.BINARY, [slow, fast], True)
    assert "Fast" not in both[0]
    assert "In 100 % of pairs of seeds fast is better" in both[0]
    assert "The means differ by 0.397" in both[0]
    assert len(both) == 3
    assert "The means differ by 0.397" in found(Task.BINARY, [fast, slow], True)[0]
    assert found(Task.REGRESSION, [slow], True)[0].count("R²") == 1
    assert "before training" in found(Task.BINARY, [slow], False)[0]
    assert found(Task.BINARY, [], True) == []
