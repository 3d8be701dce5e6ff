"""A report, opened from a disk."""

import pytest

from dlcore.experiment import Experiment, Seeds
from dlcore.export.report import report
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.test_accessibility import found
from tests.export.entries import HOSTILE, SAVED, entry, renamed

pytestmark = pytest.mark.browser


def test_a_report_opens_from_disk_asks_for_nothing_and_fits_in_light_and_dark(play, tmp_path):
    runs = [entry(Experiment(data="circle", seeds=Seeds(init=i))) for i in range(3)]
    runs[1] = renamed(runs[1], name=HOSTILE, notes=HOSTILE * 9, tags=(HOSTILE,), marks=((1.0, HOSTILE),))
    file = tmp_path / "report.html"
    file.write_text(report(runs, SAVED, "https://glassbox.example/"))
    browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: said.append(line.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    for width, theme in ((1400, "light"), (800, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("[...document.images].every((each) => each.naturalWidth > 0)")
        assert found(page) == []
        ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert ground == {"light": "rgb(251, 251, 248)", "dark": "rgb(14, 21, 36)"}[theme]
    browser.close()
    assert {url for url in asked if not url.startswith("data:image/png;")} == {file.as_uri()}
    assert said == []
