"""The fork server: a program that has torch ready and becomes a worker for every run.

Started as its own program, because ``multiprocessing`` would run the page's script again in every child.
Each message on the control socket carries one socket: the new run's.  When the control socket closes, the app
has ended, and so does everything here.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from dlcore.engine.warm import settle, warm_up
from dlcore.engine.worker import report_crash, serve

PR_SET_PDEATHSIG = 1
FAREWELL_S = 3.0


def main(control: socket.socket, folder: str) -> None:
    """Fork a worker for every socket that arrives, until the app hangs up."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for workers: let the system bury them
    warm_up(rounds=4)
    kept = settle()
    control.send(b"ready")
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            break
        for handle in sockets:
            if os.fork() == 0:
                control.close()
                _work(handle)
            os.close(handle)
    del kept
    _wait_for_workers()
    shutil.rmtree(folder, ignore_errors=True)  # an app that was killed cannot tidy up itself
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)


def _wait_for_workers() -> None:
    """They have noticed, too, and write down what they have come to."""
    until = time.monotonic() + FAREWELL_S
    with suppress(ChildProcessError):  # none is left
        while time.monotonic() < until:
            os.waitpid(-1, os.WNOHANG)
            time.sleep(0.01)


def _work(handle: int) -> None:
    status = 1
    try:
        if sys.platform == "linux":
            # a fork server that is killed takes its workers with it
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        serve(Connection(handle))
        status = 0
    except BaseException:
        report_crash()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
