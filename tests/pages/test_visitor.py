"""Who a visitor is, and that nobody is somebody else."""

import base64
import re
from http.cookies import SimpleCookie

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.engine import State
from dlcore.experiment import Experiment
from dlcore.link import encode
from pages.parts.serving import until_stopped
from pages.parts.state import engine
from pages.parts.visitor import COOKIE, SECURE_COOKIE, Visitors, owner
from tests.engine.conftest import until
from tests.pages.test_playground import (
    PATIENCE_S,
    ROOT,
    close_runs,  # noqa: F401  # the fixture tidies up
    here,
    opened,
)

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
MINE = "m" * 43
THEIRS = "t" * 43


def run_through(coroutine):
    """Run what never waits to its end; there may be another event loop in this thread, a browser's."""
    with pytest.raises(StopIteration):
        coroutine.send(None)


def answered(headers=PAGE, *, scheme="http", status=200):
    """The headers of the answer to one request, the cookie's parts among them."""
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "scheme": scheme, "path": "/", "query_string": b"",
             "server": ("127.0.0.1", 80), "headers": raw}  # fmt: skip
    sent = []

    async def app(scope, receive, send):
        cached = [(b"cache-control", b"public, max-age=9")]
        await send({"type": "http.response.start", "status": status, "headers": cached})
        await send({"type": "http.response.body", "body": b"<html>"})

    async def send(message):
        sent.append(message)

    run_through(Visitors(app)(scope, None, send))
    assert sent[1] == {"type": "http.response.body", "body": b"<html>"}
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def cookie(*told, name=COOKIE, **how):
    return SimpleCookie(answered(*told, **how)["set-cookie"])[name]


def with_cookie(text):
    return {**PAGE, "cookie": text}


def test_a_browser_gets_a_token_of_256_bits_that_no_script_can_read():
    tokens = {cookie().value for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(base64.urlsafe_b64decode(token + "=")) == 32 for token in tokens)
    given = cookie()
    assert (given["httponly"], given["samesite"], given["path"], given["domain"]) == (True, "Lax", "/", "")
    assert int(given["max-age"]) >= 365 * 24 * 3600


def test_a_browser_keeps_its_token_and_keeps_it_longer_with_each_visit():
    given = cookie(with_cookie(f"a=b; {COOKIE}={MINE}"))
    assert given.value == MINE
    assert int(given["max-age"]) >= 365 * 24 * 3600


@pytest.mark.parametrize("status", [200, 301, 304, 404])
def test_whatever_a_person_opens_is_answered_with_it_and_kept_by_no_proxy(status):
    told = answered(status=status)
    assert COOKIE in told["set-cookie"]
    assert told["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    "bad", ["", "short", "m" * 42, "m" * 44, "m" * 42 + "!", "m" * 42 + "é", f'"{MINE}', "m" * 100_000]
)
def test_a_token_that_was_not_given_here_is_replaced(bad):
    given = cookie(with_cookie(f"{COOKIE}={bad}")).value
    assert re.fullmatch(r"[\w-]{43}", given, re.ASCII)
    assert given != MINE
    assert owner({COOKIE: bad}) != owner({COOKIE: bad})


@pytest.mark.parametrize(
    ("scheme", "forwarded"), [("https", ""), ("http", "https"), ("http", "https, http"), ("https", "http")]
)
def test_over_https_or_behind_a_proxy_that_says_so_the_cookie_is_of_this_host_alone(scheme, forwarded):
    asked = {**with_cookie(f"{COOKIE}={THEIRS}; {SECURE_COOKIE}={MINE}"), "x-forwarded-proto": forwarded}
    given = cookie(asked, scheme=scheme, name=SECURE_COOKIE)
    assert given.value == MINE
    assert given["secure"] is True
    assert (given["path"], given["domain"]) == ("/", "")  # or a browser does not take the name


def test_a_cookie_that_a_neighbour_has_put_there_does_not_count_beside_the_hosts_own():
    assert owner({COOKIE: THEIRS, SECURE_COOKIE: MINE}) == owner({SECURE_COOKIE: MINE})


@pytest.mark.parametrize("accept", [{}, {"accept": "*/*"}, {"accept": "image/avif,image/*"}])
def test_scripts_and_pictures_are_answered_as_before(accept):
    assert answered(accept) == {"cache-control": "public, max-age=9"}


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_what_is_no_page_passes_through_untouched(kind):
    passed = []

    async def app(*told):
        passed.extend(told)

    told = ({"type": kind}, object(), object())
    run_through(Visitors(app)(*told))
    assert all(a is b for a, b in zip(passed, told, strict=True))


def test_an_owner_is_the_same_for_the_same_browser_and_does_not_tell_its_token():
    assert owner({COOKIE: MINE}) == owner({COOKIE: MINE}) != owner({COOKIE: THEIRS})
    assert re.fullmatch(r"[0-9a-f]{64}", owner({COOKIE: MINE}))
    assert cookie(with_cookie(f"{COOKIE}={owner({COOKIE: MINE})}")).value != owner({COOKIE: MINE})


def test_without_cookies_every_tab_is_a_visitor_of_its_own():
    assert len({owner({}) for _ in range(20)}) == 20


@pytest.mark.parametrize("file", ["pages/playground.py", "pages/builder.py"])
def test_a_page_gives_nobody_elses_run_whatever_the_address_says(file):
    mine = here(opened(file))
    mine.set("batch_size", 77)
    for address in ({}, {"x": encode(mine.experiment)}, {"owner": mine.owner, COOKIE: mine.owner}):
        theirs = here(opened(file, run=mine.run.id, **address))
        assert theirs.run is not mine.run
        assert theirs.owner != mine.owner
        assert (theirs.experiment == mine.experiment) == ("x" in address)
        theirs.do("step")
    assert mine.run.frame((), fresh=True).step == 0


def test_a_lab_gives_nobody_elses_runs():
    mine = opened("pages/autoencoder.py").session_state["lab:autoencoder"]
    address = mine.address()
    assert address["run"].split(".") == [each.run.id for each in mine.heres.values()]
    theirs = opened("pages/autoencoder.py", play="1", **address).session_state["lab:autoencoder"]
    assert not {*address["run"].split(".")} & {each.run.id for each in theirs.heres.values()}
    assert {each.run.frame((), fresh=True).state for each in mine.heres.values()} == {State.IDLE}


def test_after_a_restart_a_run_is_found_again_by_its_visitor_alone():
    mine = here(opened())
    mine.do("epoch")
    until(lambda: mine.run.frame((), fresh=True).epoch == 1)
    engine.clear()
    strangers = here(opened(run=mine.run.id))
    assert (strangers.run.id == mine.run.id, strangers.run.frame((), fresh=True).epoch) == (False, 0)
    again = AppTest.from_file(ROOT / "app.py", default_timeout=PATIENCE_S)
    again.session_state["owner"] = mine.owner
    again.query_params["run"] = mine.run.id
    found = here(again.run())
    assert (found.run.id == mine.run.id, found.run.frame((), fresh=True).epoch) == (True, 1)


def test_a_server_that_is_told_to_stop_ends_its_runs_first():
    run = engine().start(Experiment(), "a")
    folder = engine()._folder

    async def serve():
        async with until_stopped(None):
            assert not run.lost

    run_through(serve())
    assert run.lost
    assert not folder.exists()
    assert engine().n_runs == 0  # another one, begun by being asked for
