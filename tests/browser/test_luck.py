"""Luck and setting in a real browser."""

import pytest

from dlcore.ensembles import member
from dlcore.experiment import Experiment
from dlcore.layers import Dense
from dlcore.link import decode
from dlcore.luck import LuckSettings
from dlcore.spec.share import pack
from tests.browser.conftest import until
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.browser
SMALL = Experiment(data={"kind": "moons", "n_points": 60}, network=(Dense(units=4),))
SETTINGS = LuckSettings(experiment=SMALL, n=16, epochs=3)
DOTS = ".st-key-luck-dots .glassbox-plot"


def test_seeds_are_trained_at_once_and_a_click_on_a_dot_opens_that_seed_in_the_playground(visit, server):
    page = visit()
    page.goto(f"{server.address}/luck?s={pack(SETTINGS.compact())}")
    page.get_by_text("16 networks before training").wait_for()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("16 seeds: median accuracy").wait_for()
    page.get_by_role("button", name="Run", exact=True).wait_for()
    page.wait_for_function(f"document.querySelector('{DOTS}').figure.data.length === 3")
    assert findings(page) == []
    # where the first dot lies on the screen: the least score, at the bottom of its pile
    place = page.evaluate(
        f"""() => {{
          const root = document.querySelector('{DOTS}'), box = root.getBoundingClientRect()
          const {{ xaxis, yaxis }} = root.plot._fullLayout, x = Math.min(...root.plot._fullData[0].x)
          return [box.x + xaxis._offset + xaxis.l2p(x), box.y + yaxis._offset + yaxis.l2p(1)]
        }}"""
    )
    page.mouse.click(*place)
    until(page, "s.state === 'idle'")
    shown = decode(page.evaluate("new URLSearchParams(location.search).get('x')")).experiment
    assert shown.seeds in [member(SMALL, number).seeds for number in range(16)]
    assert shown.stop.epochs == 3
