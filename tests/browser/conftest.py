"""The real app in a real Chromium."""

import os
import re
import shutil
import time
from types import SimpleNamespace

import psutil
import pytest
from playwright.sync_api import TimeoutError as TookTooLong

from dlcore.charts.theme import DARK, LIGHT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
PATIENCE_MS = 30_000


def pytest_collection_modifyitems(items):
    """Give a test here one more try, which the summary counts.

    On two busy cores about one click in a thousand is lost on its way through Streamlit's reruns; a fault of
    ours fails twice.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def server():
    if CHROMIUM is None and not os.environ.get("GLASSBOX_NEED_BROWSER"):
        pytest.skip("no Chromium on this machine; .ci/run installs one")
    from tests.bench.server import serving

    with serving(GLASSBOX_MAX_RUNS_PER_VISITOR="20") as running:
        yield running
        begun = psutil.Process(running.pid).children(recursive=True)
    until_s = time.monotonic() + 5.0
    while left := [each for each in begun if is_alive(each)]:
        assert time.monotonic() < until_s, f"the server was stopped and has left {left} behind"
        time.sleep(0.05)


def is_alive(process):
    """Whether a process is more than an entry that nobody has cleared away."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="session")
def play():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(server, play):
    browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def profile(server, play, tmp_path_factory):
    """A browser with a profile on disk: it keeps compiled scripts, which saves a third of every visit."""
    folder = tmp_path_factory.mktemp("profile")
    context = play.chromium.launch_persistent_context(folder, executable_path=CHROMIUM, args=FLAGS)
    yield context
    context.close()


def forget(context, server):
    """Make a profile a stranger's: nothing that a visitor has left behind stays."""
    told = context.new_cdp_session(context.pages[0])
    kinds = "cookies,local_storage,session_storage,indexeddb"
    told.send("Storage.clearDataForOrigin", {"origin": server.address, "storageTypes": kinds})
    context.clear_permissions()


@pytest.fixture(scope="module")
def tab(profile):
    """The first visitor's page, kept from visit to visit: the process behind it has compiled the scripts."""
    kept = SimpleNamespace(page=profile.pages[0], opened=None)
    yield kept
    kept.page.goto("about:blank")


@pytest.fixture
def visit(request, server, profile, tab):
    """Open the app as a new visitor; at the end nothing may have gone wrong on any page."""
    contexts, pages, faults = [], [], []
    if getattr(request.node, "execution_count", 1) > 1:
        tab.opened = None  # another try begins on a page of its own
    told = {
        "pageerror": lambda error: faults.append(str(error)),
        "console": lambda said: faults.append(said.text) if is_fault(said) else None,
        "request": lambda asked: None if ours(asked.url, server) else faults.append(asked.url),
    }

    def somebody(width, height, theme):
        """A page of the first visitor; who comes besides has a browser window of their own."""
        if not pages:
            return tab.page
        chromium = request.getfixturevalue("chromium")
        contexts.append(chromium.new_context(viewport={"width": width, "height": height}, color_scheme=theme))
        return contexts[-1].new_page()

    def open_page(path="/", *, anew=True, context=None, width=1400, height=900, theme="light", plots=2):
        """Load an address; or, not ``anew``, stay on a page that has it and that nobody has changed."""
        page = context.new_page() if context else somebody(width, height, theme)
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        page.set_default_timeout(PATIENCE_MS)
        for event, tell in told.items():
            page.on(event, tell)
        wanted = (path, width, height)
        if anew or tab.opened != (*wanted, page.url) or not unchanged(page):
            if page is tab.page:
                forget(profile, server)
            page.mouse.move(0, 0)
            page.goto(server.address + path)
            page.wait_for_selector("#run-status[data-state]", state="attached")
            drawn = "document.querySelectorAll('.glassbox-plot[data-updates]').length"
            page.wait_for_function(f"{drawn} >= {plots}")
            if page is tab.page:
                tab.opened = (*wanted, page.url)
        page.wait_for_function(f"{GROUND} === '{THEMES[theme]}'")
        return page

    yield open_page
    for page in pages:
        pause(page)
        for event, tell in told.items():
            page.remove_listener(event, tell)
        if page is not tab.page:
            page.close()
    for context in contexts:
        context.close()
    assert faults == []


GROUND = "getComputedStyle(document.documentElement).getPropertyValue('--glassbox-ground').trim()"
THEMES = {"light": LIGHT.ground, "dark": DARK.ground}
LEFT_OPEN = "[role=dialog], .st-key-network .panel, .palette, .stMain details[open]"


def unchanged(page):
    """Close what is open on a page at an unchanged address; whether its run is at its start, too."""
    page.mouse.move(0, 0)
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur(); document.querySelector('.stMain')?.scrollTo(0, 0)")
    try:
        page.wait_for_selector("[role=dialog], [data-testid=stPopoverBody]", state="detached", timeout=2_000)
    except TookTooLong:
        return False
    now = status(page)
    return (now["state"], now["step"]) == ("idle", "0") and page.locator(LEFT_OPEN).count() == 0


def is_fault(said):
    """Whether an error was said that is ours: below a page's address Streamlit looks for itself in vain."""
    looked_for = re.search(r"//[^/]+/[a-z_]+/_stcore/", said.location.get("url", ""))
    return said.type == "error" and not looked_for


def ours(url, server):
    return url.startswith((server.address, server.address.replace("http", "ws"), "data:", "blob:"))


def status(page):
    return page.evaluate("({...document.querySelector('#run-status').dataset})")


def until(page, condition):
    """Wait for a condition on ``s``, the data of the status strip."""
    strip = "document.querySelector('#run-status')?.dataset"
    page.wait_for_function(f"(() => {{ const s = {strip}; return s ? {condition} : false }})()")


def press(page, key):
    page.click(f".st-key-{key} button")


def pause(page):
    """Pause a page's run; where it has just ended by itself there is nothing to press."""
    if page.is_closed() or not page.locator("#run-status").count():
        return
    playing = "document.querySelector('#run-status')?.dataset.state === 'playing'"
    page.evaluate(f"{playing} && document.querySelector('.st-key-play button:not(:disabled)')?.click()")
    until(page, "s.state !== 'playing'")
