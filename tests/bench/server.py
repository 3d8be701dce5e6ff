"""The real app on a free port, and what its process holds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]
READY_S = 60.0


@dataclass(frozen=True)
class Server:
    """An app that answers."""

    port: int
    pid: int
    log_file: Path

    @property
    def address(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def stream(self) -> str:
        """Where its websocket is."""
        return f"ws://127.0.0.1:{self.port}/_stcore/stream"

    def rss_mb(self) -> float:
        """Resident memory of the server process alone, workers left out."""
        return float(psutil.Process(self.pid).memory_info().rss / 1e6)

    def torch_files(self) -> int:
        """How many files of torch the server process has mapped."""
        mapped = {line.split()[-1] for line in Path(f"/proc/{self.pid}/maps").read_text().splitlines()}
        return sum("libtorch" in file or "/torch/" in file for file in mapped)

    def tracebacks(self) -> int:
        """How many tracebacks the server has written down."""
        return self.log_file.read_text(errors="replace").count("(most recent call last)")


@contextmanager
def serving(port: int = 0, **settings: str) -> Iterator[Server]:
    """Start ``app.py`` from the repository's root with environment ``settings``; stop it at the end.

    ``port`` 0 is any that is free.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py",
               "--server.port", str(port), "--server.address", "127.0.0.1"]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="glassbox-bench-") as folder:
        log_file = Path(folder) / "server.log"
        with log_file.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, **settings},
            )  # fmt: skip
        try:
            wait_for_health(port, process, log_file)
            yield Server(port, process.pid, log_file)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_health(port: int, process: subprocess.Popen[bytes], log_file: Path) -> None:
    """Wait until the server says that it is well.  Raises ``RuntimeError`` with its log when it does not."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the app did not get ready:\n{log_file.read_text(errors='replace')[-2000:]}")
