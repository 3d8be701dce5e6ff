"""A worker as a fresh process, for systems without a safe fork; standard input says where to call."""

from __future__ import annotations

import json
import sys
from multiprocessing.connection import Client

from dlcore.engine.protocol import send_at_once
from dlcore.engine.warm import warm_up
from dlcore.engine.worker import serve


def main() -> None:
    """Get ready, call the engine, prove to know its key, and serve one run."""
    address = json.loads(sys.stdin.readline())
    warm_up()
    engine = address["host"], address["port"]
    serve(send_at_once(Client(engine, authkey=bytes.fromhex(address["key"]))))


if __name__ == "__main__":
    main()
