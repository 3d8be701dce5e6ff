"""A visitor finds their own runs again in the same browser, and nobody else's."""

import hashlib
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from dlcore.experiment import Experiment
from dlcore.folders import data_folder
from dlcore.link import encode
from pages.parts.visitor import COOKIE
from tests.browser.conftest import press, status, until
from tests.browser.test_playground import shown

pytestmark = pytest.mark.browser


def token(context):
    """What the browser keeps of a visitor."""
    (kept,) = [each for each in context.cookies() if each["name"] == COOKIE]
    assert (kept["httpOnly"], kept["sameSite"]) == (True, "Lax")
    return kept["value"]


def address(page):
    """The address of a page, without its server."""
    return page.url[page.url.index("/?") :]


@contextmanager
def another_site(framed):
    """A page that frames the app, and that a browser takes for another site: it has another name."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(f"<iframe src='{framed}' width=1200 height=800></iframe>".encode())

        def log_message(self, *told):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        Thread(target=site.serve_forever).start()
        try:
            yield f"http://localhost:{site.server_port}/"
        finally:
            site.shutdown()


def kept_by_the_server():
    """What lies in its data folder: runs as they are written down, and the database they are filed into."""
    for file in data_folder().rglob("*"):
        with suppress(FileNotFoundError, IsADirectoryError):  # what was filed goes
            yield file.read_bytes()


def test_a_refresh_finds_the_run_again_and_nothing_shown_or_kept_says_whose_it_is(visit, server):
    page = visit()
    heard = [page.content(), page.evaluate("document.cookie")]
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: heard.append(data)))
    press(page, "epoch")
    until(page, "s.epoch === '1'")
    run = status(page)["run"]
    whose = token(page.context)
    page.reload()
    page.wait_for_selector("#run-status[data-epoch='1']", state="attached")
    assert status(page)["run"] == run
    assert token(page.context) == whose
    heard += [page.content(), page.url, page.evaluate("document.cookie"), server.log_file.read_text()]
    kept = b"".join(kept_by_the_server())
    said = b"".join(each if isinstance(each, bytes) else each.encode() for each in heard)
    assert run.encode() in kept
    assert run.encode() in said
    for secret in (whose, hashlib.sha256(whose.encode()).hexdigest()):
        assert secret.encode() not in kept
        assert secret.encode() not in said


def test_another_browser_with_the_same_address_gets_a_run_of_its_own(visit):
    mine = visit()
    press(mine, "epoch")
    until(mine, "s.epoch === '1'")
    theirs = visit(address(mine))
    assert token(theirs.context) != token(mine.context)
    assert status(theirs)["run"] != status(mine)["run"]
    assert status(theirs)["epoch"] == "0"


def test_two_tabs_of_one_visitor_see_the_same_run(visit):
    first = visit()
    second = visit(address(first), context=first.context)
    assert status(second)["run"] == status(first)["run"]
    press(first, "epoch")
    until(second, "s.epoch === '1'")
    first.locator(".st-key-network").get_by_label("Remove a neuron from layer 2").click()
    second.wait_for_function(
        f"location.search.includes('x=') && !location.search.includes('{encode(Experiment())}')"
    )
    assert shown(second).network[1].units == 7


def test_two_first_tabs_at_once_are_one_visitor_and_a_frame_in_another_site_is_another(chromium, server):
    context = chromium.new_context()
    tabs = [context.new_page() for _ in range(2)]
    for tab in tabs:
        tab.evaluate(f"setTimeout(() => (location.href = '{server.address}'), 200)")
    for tab in tabs:
        tab.wait_for_selector("#run-status[data-state]", state="attached")
    whose, run = token(context), status(tabs[0])["run"]
    tabs[1].goto(f"{server.address}/?run={run}")
    tabs[1].wait_for_selector("#run-status[data-state]", state="attached")
    assert status(tabs[1])["run"] == run
    with another_site(f"{server.address}/?run={run}&embed=true") as site:
        tabs[1].goto(site)
        inside = tabs[1].frames[1]
        inside.wait_for_selector("#run-status[data-state]", state="attached")
        assert status(inside)["run"] != run
        press(inside, "epoch")
        until(inside, "s.epoch === '1'")
    assert token(context) == whose
    context.close()
