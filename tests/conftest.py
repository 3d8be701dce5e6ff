"""What every test stands on: one thread, because small networks lose time on more; and patience."""

import os
import tempfile

import pytest
import torch

from dlcore.engine import run

torch.set_num_threads(1)
# before anything asks for the shelf: no test writes into the home of who runs it, workers included
UPLOADS = tempfile.TemporaryDirectory(prefix="glassbox-tests-", ignore_cleanup_errors=True)
os.environ["GLASSBOX_DATA_DIR"] = UPLOADS.name
# two busy test processes would leave those that make way nothing
os.environ["GLASSBOX_BACKGROUND_NICE"] = "0"


@pytest.fixture(autouse=True)
def fresh_pictures_are_waited_for(monkeypatch):
    """A page shows the last picture where a fresh one takes long; a test is about the fresh one."""
    monkeypatch.setattr(run, "FRESH_PATIENCE_S", 20.0)


SLOW = ("browser", "engine", "export", "pages", "bench")
"""Folders whose tests take seconds each."""


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that no process is left with a long file when the others are done."""
    items.sort(
        key=lambda item: next((i for i, name in enumerate(SLOW) if name in item.path.parts), len(SLOW))
    )
