"""A server that is killed while somebody learns, and started again."""

import os
import signal

import pytest

from tests.bench.server import serving
from tests.browser.conftest import press, status, until

pytestmark = pytest.mark.browser


def test_a_tab_comes_back_by_itself_after_its_server_was_killed(chromium, tmp_path):
    page = chromium.new_page()
    with serving(GLASSBOX_DATA_DIR=str(tmp_path)) as server:
        page.goto(server.address)
        until(page, "s.state === 'idle'")
        press(page, "play")
        until(page, "Number(s.epoch) > 5")
        before = status(page)
        os.kill(server.pid, signal.SIGKILL)
    with serving(server.port, GLASSBOX_DATA_DIR=str(tmp_path)) as server:
        until(page, "s.state === 'paused'")
        after = status(page)
        assert after["run"] == before["run"]
        assert int(after["epoch"]) >= int(before["epoch"])
        press(page, "play")
        until(page, f"Number(s.epoch) > {int(after['epoch']) + 2}")
        page.close()
