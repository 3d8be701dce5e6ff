"""Two ways to get a worker: forked from a server that has torch ready, or a fresh process kept warm."""

from __future__ import annotations

import json
import os
import queue
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import IO, Protocol

from dlcore.engine.protocol import send_at_once

ROOT = Path(__file__).parents[2]
READY_S = 60.0
FAREWELL_S = 3.0
"""What workers have for writing down where they are, once nobody is there any more."""


class Launcher(Protocol):
    """Something that hands out connections to new workers."""

    def launch(self) -> Connection:
        """Get a worker.  Raises ``OSError`` when none can be had."""

    def close(self) -> None:
        """End every process that this launcher started."""


def environment() -> dict[str, str]:
    """The environment of our programs: they find dlcore wherever the app was started from."""
    found = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{found}" if found else str(ROOT)}


class ForkLauncher:
    """Ask a fork server for workers; start another one should it have died.

    ``held`` are descriptors that every process here keeps open until it ends: locks.
    """

    def __init__(self, folder: Path, log: IO[bytes], held: Sequence[int] = ()) -> None:
        self._folder = folder
        self._log = log
        self._held = list(held)
        self._lock = threading.Lock()
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.settimeout(READY_S)
        # descriptors of its own: one that inherits its starter's output keeps test runners and pipes waiting
        self._server = subprocess.Popen(
            [sys.executable, "-m", "dlcore.engine.forkserver", str(theirs.fileno()), str(self._folder)],
            pass_fds=[theirs.fileno(), *self._held],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,
            env=environment(),
        )
        theirs.close()
        self._ready = False

    def launch(self) -> Connection:
        with self._lock:
            try:
                if self._server.poll() is not None:  # what is asked of the dead may be reset only later
                    raise ConnectionError("the fork server has died")
                return self._ask()
            except OSError:
                self._end()
                self._folder.mkdir(mode=0o700, exist_ok=True)
                self._start()
                return self._ask()

    def _ask(self) -> Connection:
        if not self._ready and self._control.recv(16) != b"ready":
            raise ConnectionError("the fork server did not get ready; its log says why")
        self._ready = True
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(self._control, [b"run"], [theirs.fileno()])
            return Connection(ours.detach())

    def _end(self) -> None:
        self._control.close()
        try:
            self._server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def close(self) -> None:
        with self._lock:
            self._end()


class FreshLauncher:
    """Start a process for every worker, and one more that waits warm, so that the next start is quick.

    ``held`` as of :class:`ForkLauncher`, where processes can be given descriptors.
    """

    def __init__(self, log: IO[bytes], held: Sequence[int] = ()) -> None:
        self._log = log
        self._held = list(held) if os.name == "posix" else []
        self._key = secrets.token_bytes(32)
        self._listener = Listener(("127.0.0.1", 0), backlog=16, authkey=self._key)
        self._arrivals: queue.Queue[Connection] = queue.Queue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._lock = threading.Lock()
        self._closed = False
        threading.Thread(target=self._accept, name="glassbox-workers", daemon=True).start()
        self._spare()

    def _accept(self) -> None:
        while not self._closed:
            try:
                self._arrivals.put(send_at_once(self._listener.accept()))
            except (AuthenticationError, EOFError, ConnectionError):
                continue  # somebody else knocked: they do not have the key
            except OSError:
                return  # closed

    def _spare(self) -> None:
        self._processes = [process for process in self._processes if process.poll() is None]
        process = subprocess.Popen(
            [sys.executable, "-m", "dlcore.engine.fresh"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            pass_fds=self._held,
            env=environment(),
        )
        assert process.stdin is not None
        host, port = self._listener.address
        process.stdin.write(json.dumps({"host": host, "port": port, "key": self._key.hex()}).encode() + b"\n")
        process.stdin.close()
        self._processes.append(process)

    def launch(self) -> Connection:
        with self._lock:
            try:
                connection = self._arrivals.get(timeout=READY_S)
            except queue.Empty:
                raise ConnectionError("no worker got ready; the engine's log says why") from None
            finally:
                self._spare()
            return connection

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._listener.close()
            until = time.monotonic() + FAREWELL_S
            for process in self._processes[:-1]:  # the last is the one that waits, and has nothing to write
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, until - time.monotonic()))
            for process in self._processes:
                process.kill()
                process.wait()
