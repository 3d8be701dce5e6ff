"""The keeper: files what workers write down into the store, again and again until it is there."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from glob import escape
from pathlib import Path

from dlcore.owner import hashed
from dlcore.record import Record, RecordError
from dlcore.store.claim import Claim
from dlcore.store.database import damaged
from dlcore.store.filing import SAVED
from dlcore.store.saved import StoreError
from dlcore.store.store import Store

LOOK_EVERY_S = 1.0
RETRY_EVERY_S = (1.0, 2.0, 5.0, 10.0)
TIDY_EVERY_S = 600.0
SETTLED_S = 10.0
"""How long a file of a run that is over is left alone: its worker may be writing still."""
DYING_S = 5.0
"""How long the workers of a server that was killed may take to end."""
LONGEST_WAIT_S = 5.0
"""How long a page waits for what is being filed."""
TELL_S = 120.0
"""How long a damage that was mended is told of."""
FAULT = "Some runs are not being saved: the server's log says why.  Training goes on."
SUFFIX = ".record"
SERVER, WORKERS = "server.lock", "workers.lock"
DRAFT = "."

log = logging.getLogger(__name__)


class Keeper:
    """Watches a folder of its own in which workers write, and files what is new there.

    A file stays until it is in the store, so that whatever happens to the store loses nothing.  The folders
    of servers that have ended are emptied the same way, when the keeper starts and later.
    """

    def __init__(self, store: Store, root: Path) -> None:
        self.store = store
        self._root = root
        self._alive: Callable[[str], bool] = lambda line: False
        self._filed: dict[Path, tuple[int, ...]] = {}
        self._failures = 0
        self._tidied = 0.0
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._wanted = threading.Event()
        self._away = False
        self._told_until = 0.0
        self.trouble = ""
        """Why nothing is filed just now, in a sentence; "" while all is well."""
        self.elsewhere: set[str] = set()
        """The saved runs that another server's worker has gone on with: what is learnt here is not filed."""
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(8)
        draft = root / f"{DRAFT}{name}"  # not to be taken for one that was left, before it is locked
        draft.mkdir(mode=0o700)
        self._server = Claim.take(draft / SERVER)
        self.workers = Claim.take(draft / WORKERS)
        """Held by every process that may write here, so that another server waits for the last of them."""
        self.folder = draft.rename(root / name)
        self._thread = threading.Thread(target=self._keep, name="glassbox-keeper", daemon=True)

    def start(self, alive: Callable[[str], bool]) -> None:
        """Take over what servers before this one have left, and go on in the background.

        ``alive`` says whether a run of the engine may still be written.
        """
        self._alive = alive
        self._adopt(DYING_S)
        self._thread.start()

    def saved(self, run: str, owner: str) -> Record | None:
        """The last checkpoint of a saved run that can be read; None where its owner has none.

        Raises ``StoreError`` where that cannot be known now: what is not filed yet may be newer.
        """
        self.look()
        if self._failures:
            raise StoreError(self.trouble)
        mine = self.store.of(owner)
        for moment in reversed(mine.moments(run)):
            try:
                return mine.checkpoint(run, moment.step)
            except RecordError as error:
                log.warning("a checkpoint of %s at step %d: %s", run, moment.step, error)
        return None

    def last_of(self, line: str, owner: str) -> Record | None:
        """The last checkpoint that a run of the engine has left; None where its owner has none.

        Raises as :meth:`saved`.
        """
        for file in self._root.glob(f"*/{escape(line)}{SUFFIX}"):  # what the store did not take yet
            try:
                record = Record.from_bytes(file.read_bytes())
            except (OSError, RecordError):
                continue
            if record.facts.get(SAVED, {}).get("owner") == hashed(owner):
                return record
        newest = self.store.of(owner).newest_of(line)
        return None if newest is None else self.saved(newest.id, owner)

    def look(self) -> None:
        """File what is new, now.  Raises ``StoreError`` where the store does not answer in time."""
        if not self._lock.acquire(timeout=LONGEST_WAIT_S):
            raise StoreError("The database of saved runs does not answer.  Try again in a moment.")
        try:
            self._look()
        finally:
            self._lock.release()

    def soon(self) -> None:
        """Look before the next second is over."""
        self._wanted.set()

    def stop(self) -> None:
        """File what is there a last time; what the store does not take stays for the next start."""
        self._stopped.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            self.look()
        except StoreError as error:
            log.warning("runs stay in files until the next start: %s", error)
        emptied = all(path in self._filed for path in self.folder.glob(f"*{SUFFIX}"))
        for claim in (self.workers, self._server):
            if claim is not None:
                claim.release()
        if emptied:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _keep(self) -> None:
        while not self._stopped.is_set():
            try:
                self.look()
                self._adopt(0.0)
                if not self._failures and time.monotonic() - self._tidied > TIDY_EVERY_S:
                    self._tidy()
            except Exception:  # whatever it is, it must not end the filing
                log.exception("runs could not be filed")
                self._failed(FAULT)
            self._wanted.clear()
            pause_s = RETRY_EVERY_S[min(self._failures, len(RETRY_EVERY_S)) - 1] if self._failures else 0.0
            self._wanted.wait(max(pause_s, LOOK_EVERY_S))

    def _look(self) -> None:
        files = sorted(self.folder.glob(f"*{SUFFIX}"))
        self._filed = {path: stamp for path, stamp in self._filed.items() if path in files}
        failures = self._failures
        for path in files:
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue
            # two files within a tick of the clock differ in their place on the disk
            stamp = facts.st_mtime_ns, facts.st_size, facts.st_ino
            if self._filed.get(path) != stamp:
                if self._file(path):
                    self._filed[path] = stamp
                elif self._away:
                    return
            elif not self._alive(path.stem) and time.time() - facts.st_mtime > SETTLED_S:
                path.unlink(missing_ok=True)
        if self._failures == failures:
            self._succeeded()

    def _failed(self, why: str, away: bool = False) -> None:
        self._failures += 1
        self._away, self.trouble = away, why

    def _succeeded(self) -> None:
        self._failures, self._away = 0, False
        if time.monotonic() > self._told_until:
            self.trouble = ""

    def _file(self, path: Path) -> bool:
        """Enter one file; False where it stays to be tried again."""
        try:
            record = Record.from_bytes(path.read_bytes())
            mine = self.store.file(record)
            (self.elsewhere.discard if mine else self.elsewhere.add)(str(record.facts[SAVED]["id"]))
        except FileNotFoundError:
            pass
        except RecordError as error:
            self._lay_by(path, error)
        except StoreError as error:
            if not damaged(error):
                self._failed(str(error), away=True)
            elif place := self.store.database.set_aside():
                log.warning("the saved runs were damaged; the file is kept as %s", place)
                self._filed.clear()  # what still runs is entered into the new one
                self._failed(
                    f"The file of saved runs was damaged.  It is kept as {place.name}, and a new one is "
                    "begun; the runs of now go on and are in it.",
                    away=True,
                )
                self._told_until = time.monotonic() + TELL_S
            else:  # another server has mended it
                self._failed(str(error), away=True)
            return False
        except Exception:  # a fault of ours in one file must not keep the others from being filed
            log.exception("%s could not be filed", path.name)
            self._failed(FAULT)
            return False
        return True

    def _lay_by(self, path: Path, error: RecordError) -> None:
        """Keep a damaged file where nobody looks for runs; what was filed of the run before stays."""
        log.warning("%s is damaged: %s", path.name, error)
        path.replace(self._root / f"{path.stem}.damaged")

    def _adopt(self, patience_s: float) -> None:
        """File what other servers have left that have ended; wait for the workers of one that just did."""
        until = time.monotonic() + patience_s
        for folder in sorted(self._root.iterdir()):
            if folder == self.folder or not folder.is_dir() or folder.name.startswith(DRAFT):
                continue
            server = Claim.take(folder / SERVER)
            if server is None:
                continue  # it lives
            workers = Claim.take(folder / WORKERS)
            while workers is None and time.monotonic() < until:
                time.sleep(0.05)
                workers = Claim.take(folder / WORKERS)
            if workers is not None:
                with self._lock:
                    filed = all(self._file(path) for path in sorted(folder.glob(f"*{SUFFIX}")))
                workers.release()
                if filed:
                    shutil.rmtree(folder, ignore_errors=True)
            server.release()

    def _tidy(self) -> None:
        self._tidied = time.monotonic()
        try:
            self.store.tidy()
        except StoreError as error:
            log.info("tidying has to wait: %s", error)
