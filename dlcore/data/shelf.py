"""The shelf: what visitors have uploaded, each upload one file under a name that nobody can guess.

A table or a set of images is too large for a link.  It is written once, and an experiment's data set carries
its name alone; whoever has the link has the name, and nobody else finds the file.  The page and the worker
are on one machine and read the same folder.

**To put something there** (on the page, which knows the visitor)::

    name = shelf().put({"x": x, "y": y}, {"holds": "series", "steps": 240}, here.owner)

``arrays`` are of numbers or of text (nothing is pickled), ``about`` is whatever JSON the data set needs to
know of its shapes without reading the arrays; ``holds`` says which kind of data set may read the file.

**To read it** (anywhere): ``about(name)`` gives the facts, kept in memory once read, and ``arrays(name)``
the arrays, read-only.  Both raise ``ShelfError``, in words, where the name is unknown or malformed, or the
file damaged.

**A data set of an upload** derives from :class:`Shelved`: it has the field ``upload``, which is refused
unless the file is there, and shows the data set's own example while it is empty.  The exported script reads
``NAME.npz`` lying beside it; :meth:`Shelf.file` gives its bytes for a download.

It is ``uploads`` in the data folder (:mod:`dlcore.folders`); what it may hold is set by environment
variables, see :class:`ShelfSettings`.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import secrets
import time
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dlcore.data.base import Dataset
from dlcore.folders import data_folder

NAME = re.compile(r"[0-9a-f]{32}")
ABOUT = "about"
MAX_ABOUT = 200_000
STALE_DRAFT_S = 3600.0
DAMAGES = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)
"""What reading a damaged file raises."""

Arrays = Mapping[str, NDArray[Any]]


class ShelfError(ValueError):
    """Refuse to keep or to give something, in one sentence and what next."""


class ShelfSettings(BaseSettings):
    """How much is kept of uploads, read from ``GLASSBOX_…``."""

    model_config = SettingsConfigDict(env_prefix="GLASSBOX_", frozen=True)

    max_upload_bytes: int = Field(200_000_000, ge=1, description="Bytes of one upload, before it is packed")
    max_uploads_per_visitor: int = Field(10, ge=1, description="Uploads of one browser; its oldest go first")
    max_uploads_bytes: int = Field(2_000_000_000, ge=1, description="Bytes of all; the oldest go first")


class Shelf:
    """A folder of uploads.  Several processes may read and write it at once."""

    def __init__(self, folder: Path, settings: ShelfSettings) -> None:
        self.folder = folder
        self.settings = settings

    def put(self, arrays: Arrays, about: Mapping[str, Any], visitor: str) -> str:
        """Keep arrays and the facts about them; the name under which they are found.

        Makes room first: the visitor's own oldest uploads go, then the oldest of all, counted from when a
        file was last opened.  Raises ``ShelfError`` where it is too large or the folder cannot be written.
        """
        size, most = sum(array.nbytes for array in arrays.values()), self.settings.max_upload_bytes
        if size > most:
            raise ShelfError(
                f"It takes {size / 1e6:,.0f} MB, and this server keeps at most {most / 1e6:,.0f} MB of one "
                "upload.  Take a part of it."
            )
        packed = _packed(arrays, about)
        name = secrets.token_hex(16)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(_token(visitor), len(packed))
            draft = self.folder / f"{name}.draft"
            draft.touch(mode=0o600)
            draft.write_bytes(packed)
            draft.replace(self.folder / f"{name}.{_token(visitor)}.npz")  # a reader never sees half of a file
        except OSError as error:
            raise ShelfError(
                f"This server cannot keep uploads just now ({error.strerror or error})."
            ) from error
        return name

    def path(self, name: str) -> Path:
        """The file of an upload.  Raises ``ShelfError`` where there is none."""
        if not NAME.fullmatch(name):
            raise ShelfError("its name is none that this server gives")
        found = next(self.folder.glob(f"{name}.*.npz"), None)
        if found is None:
            raise ShelfError("it is not on this server, or not any more")
        with suppress(OSError):
            os.utime(found)  # what is looked at stays longest
        return found

    def file(self, name: str) -> bytes:
        """The bytes of an upload, for the exported script.  Raises ``ShelfError``."""
        try:
            return self.path(name).read_bytes()
        except OSError as error:
            raise ShelfError("it is not on this server any more") from error

    def read(self, name: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """The arrays, read-only, and the facts about them.  Raises ``ShelfError``, as for a damaged file."""
        path = self.path(name)
        try:
            with zipfile.ZipFile(path) as packed:
                size = sum(member.file_size for member in packed.infolist())
            if size > self.settings.max_upload_bytes + MAX_ABOUT * 5:
                raise ShelfError("its file is damaged")
            with np.load(path, allow_pickle=False) as opened:
                arrays = {key: opened[key] for key in opened.files}
            about = json.loads(str(arrays.pop(ABOUT)))
        except ShelfError:
            raise
        except DAMAGES as error:
            raise ShelfError("its file is damaged") from error
        if not isinstance(about, dict):
            raise ShelfError("its file is damaged")
        for array in arrays.values():
            array.flags.writeable = False
        return arrays, about

    def _make_room(self, visitor: str, n_bytes: int) -> None:
        kept: list[tuple[float, int, Path]] = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another process makes room, too
                facts = path.stat()
                if path.suffix == ".draft" and time.time() - facts.st_mtime > STALE_DRAFT_S:
                    path.unlink()
                elif path.suffix == ".npz":
                    kept.append((facts.st_mtime, facts.st_size, path))
        kept.sort()
        theirs = [each for each in kept if each[2].name.split(".")[1] == visitor]
        going = theirs[: max(0, len(theirs) + 1 - self.settings.max_uploads_per_visitor)]
        staying = [each for each in kept if each not in going]
        total = n_bytes + sum(each[1] for each in staying)
        while staying and total > self.settings.max_uploads_bytes:
            going.append(staying.pop(0))
            total -= going[-1][1]
        for _, _, path in going:
            path.unlink(missing_ok=True)


def _token(visitor: str) -> str:
    # the visitor's own token opens runs, so that it is not written down
    return hashlib.sha256(visitor.encode()).hexdigest()[:16]


def _packed(arrays: Arrays, about: Mapping[str, Any]) -> bytes:
    for key, array in arrays.items():
        assert key.isidentifier(), f"{key!r} is no name for an array"
        assert key != ABOUT, "the facts have that name"
        assert array.dtype.kind in "biufU", f"{key} holds {array.dtype}, which would be pickled"
    text = json.dumps(about, ensure_ascii=False)
    assert len(text) <= MAX_ABOUT, "the facts are longer than they may be"
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **{ABOUT: np.array(text)}, **arrays)
    return file.getvalue()


@cache
def shelf() -> Shelf:
    """The shelf of this process, its settings read once."""
    return Shelf(data_folder() / "uploads", ShelfSettings())


@lru_cache(maxsize=1024)
def about(name: str) -> dict[str, Any]:
    """The facts about an upload; its whole file is checked when it is first asked for.  ``ShelfError``."""
    return shelf().read(name)[1]


@lru_cache(maxsize=2)
def arrays(name: str) -> dict[str, NDArray[Any]]:
    """The arrays of an upload, read-only.  Raises ``ShelfError``."""
    return shelf().read(name)[0]


class Shelved(Dataset):
    """A data set whose samples lie on the shelf.

    A kind of its own states what its files hold, and what :meth:`facts` are while nothing is uploaded.  Its
    ``sample(rng, file, …)`` reads the file, and without one makes the example.
    """

    holds: ClassVar[str]
    """What ``about["holds"]`` of its files says."""
    example: ClassVar[Mapping[str, Any]]
    """The facts about the samples that ``sample`` makes without a file."""

    upload: str = Field(
        "", max_length=32, description="Which upload; empty is an example", json_schema_extra={"form": False}
    )

    @field_validator("upload")
    @classmethod
    def _is_there(cls, upload: str) -> str:
        if upload:
            try:
                shelf().path(upload)  # what is remembered may have gone meanwhile
                held = about(upload).get("holds")
            except ShelfError as error:
                raise PydanticCustomError("upload", "{reason}", {"reason": str(error)}) from error
            if held != cls.holds:
                raise PydanticCustomError("upload", "{reason}", {"reason": "it is of another kind"})
        return upload

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known about the samples without reading them."""
        return about(self.upload) if self.upload else self.example

    @property
    def planar(self) -> bool:
        return False

    def arguments(self) -> dict[str, Any]:
        """The settings as ``sample`` takes them in a script that lies beside the file."""
        file = f"{self.upload}.npz" if self.upload else ""
        return {"file": file, **{k: v for k, v in super().arguments().items() if k != "upload"}}

    def _drawn(self, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        file = str(shelf().path(self.upload)) if self.upload else ""
        return type(self).sample(rng, **{**self.arguments(), "file": file})
