"""Pictures from strangers: the bytes of a ZIP of folders, one per class, as arrays, or a refusal in words.

Nothing is written to disk, and no name in the archive is used as a path.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from dlcore.data.projection import ordered_labels, shown_name
from dlcore.data.shelf import Arrays

MAX_BYTES = 50_000_000
MAX_IMAGES = 10_000
MAX_ENTRIES = 15_000
MAX_UNPACKED = 300_000_000
MAX_ONE = 20_000_000
MAX_RATIO = 200
MAX_PIXELS = 25_000_000
MAX_ALL_PIXELS = 1_500_000_000
MAX_NUMBERS = 16_000_000
"""Numbers that the images of one set may have in all: more would fill a server of a class."""
MIN_IMAGES = 20
MAX_CLASSES = 30
SIDES = (16, 24, 28, 32, 48, 64)
SHARES = {"train", "training", "test", "testing", "val", "valid", "validation"}
BROKEN = (OSError, ValueError, SyntaxError, EOFError, zlib.error, Image.DecompressionBombError,
          Image.DecompressionBombWarning, zipfile.BadZipFile, RuntimeError, NotImplementedError)  # fmt: skip
"""What reading a damaged, locked or oddly packed picture raises."""
LISTED = b"PK\x01\x02"
"""What opens each line of an archive's list."""


class PicturesError(ValueError):
    """Refuse an archive, in one sentence and what next."""


@dataclass(frozen=True)
class Found:
    """A picture in an archive, before it is opened."""

    member: zipfile.ZipInfo
    folders: tuple[str, ...]
    """The folders it lies in, the outermost first."""


@dataclass(frozen=True)
class Archive:
    """An archive that has been looked through and not yet unpacked."""

    data: bytes
    members: tuple[zipfile.ZipInfo, ...]
    labels: tuple[str, ...]
    """The class of each picture."""
    notes: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many pictures there are of each class."""
        return dict(sorted(Counter(self.labels).items()))


@dataclass(frozen=True)
class Developed:
    """What goes to the shelf, and in sentences what was done to get it."""

    arrays: Arrays
    about: dict[str, Any]
    notes: tuple[str, ...]


def look_through(data: bytes) -> Archive:
    """Find the pictures of an archive and their classes.  Raises ``PicturesError``, in words.

    A picture's class is the folder it lies in: below what all have in common, and below folders called
    train and test; folders inside a class belong to it.
    """
    members = _members(data)
    left_out: Counter[str] = Counter()
    found = []
    for member in members:
        name = member.filename
        if member.is_dir():
            continue
        if stat.S_ISLNK(member.external_attr >> 16):
            left_out["with a link in place of a picture"] += 1
        elif _is_odd(name):
            left_out["with a path that leads elsewhere"] += 1
        elif _is_clutter(name):
            continue
        elif not name.lower().endswith((".png", ".jpg", ".jpeg")):
            left_out["neither PNG nor JPEG"] += 1
        else:
            found.append(Found(member, tuple(name.split("/")[:-1])))
    notes = [f"Left out: {n:,} {_plural('file', n)} {what}." for what, n in left_out.items()]
    if not found:
        said = f"  {' '.join(notes)}" if notes else ""
        raise PicturesError(
            f"The archive holds no PNG and no JPEG.{said}  Put pictures in a folder per class."
        )
    if len(found) > MAX_IMAGES:
        raise PicturesError(
            f"The archive holds {len(found):,} pictures; up to {MAX_IMAGES:,} are read.  Take some away."
        )
    labels = _classes([each.folders for each in found])
    loose = sum(not label for label in labels)
    if loose:
        notes.append(f"Left out: {loose:,} {_plural('picture', loose)} in no folder and so in no class.")
    kept = [(each.member, label) for each, label in zip(found, labels, strict=True) if label]
    archive = Archive(data, tuple(m for m, _ in kept), tuple(label for _, label in kept), tuple(notes))
    _check_classes(archive.counts)
    return archive


def develop(
    archive: Archive, side: int, colour: bool, progress: Callable[[float], None] = lambda done: None
) -> Developed:
    """Open the pictures, cut each to its middle square, and bring that to ``side`` pixels.

    Transparent pictures lie on white.  Raises ``PicturesError`` where too few can be read; ``progress`` is
    told the share that is done.
    """
    assert side in SIDES, f"{side} is no side"
    numbers_each = side * side * (3 if colour else 1)
    chosen = _share(archive.labels, MAX_NUMBERS // numbers_each)
    notes = list(archive.notes)
    if len(chosen) < len(archive.labels):
        notes.append(
            f"{len(chosen):,} of {len(archive.labels):,} pictures are taken at this size, "
            "each class in proportion."
        )
    images, labels, broken, left = [], [], 0, MAX_ALL_PIXELS
    with zipfile.ZipFile(io.BytesIO(archive.data)) as opened:
        for done, i in enumerate(chosen):
            if done % 50 == 0:
                progress(done / len(chosen))
            image, n_pixels = _image(opened, archive.members[i], side, colour)
            left -= n_pixels
            if left < 0:
                raise PicturesError("The pictures are too large to be read here.  Make them smaller first.")
            if image is None:
                broken += 1
            else:
                images.append(image)
                labels.append(archive.labels[i])
    if broken:
        notes.append(f"Left out: {broken:,} {_plural('file', broken)} broken or too large.")
    _check_classes(Counter(labels))
    y, names = ordered_labels(np.array(labels))
    x = np.stack(images)
    return Developed(
        {"x": x, "y": y},
        {"holds": "images", "shape": list(x.shape[1:]), "classes": list(names), "images": len(x)},
        tuple(notes),
    )


def _members(data: bytes) -> list[zipfile.ZipInfo]:
    """What the archive says that it holds, if that is within bounds."""
    if len(data) > MAX_BYTES:
        raise PicturesError(f"The file is larger than {MAX_BYTES // 1_000_000} MB.  Take some pictures away.")
    if data.count(LISTED) > 2 * MAX_ENTRIES:
        # before the list is read: a million empty entries would take half a gigabyte
        raise PicturesError(f"The archive holds more than {MAX_ENTRIES:,} files.  Take some away.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            members = opened.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise PicturesError(
            "This is no ZIP archive, or it is damaged.  Pack the folders as ZIP and choose that."
        ) from error
    if len(members) > MAX_ENTRIES:
        raise PicturesError(f"The archive holds more than {MAX_ENTRIES:,} files.  Take some away.")
    unpacked = sum(member.file_size for member in members)
    largest = max((member.file_size for member in members), default=0)
    bomb = any(m.file_size > 1_000_000 and m.file_size > MAX_RATIO * max(1, m.compress_size) for m in members)
    if unpacked > MAX_UNPACKED or bomb or unpacked > MAX_RATIO * len(data):
        raise PicturesError(
            f"The archive would unpack to {unpacked / 1e6:,.0f} MB, more than pictures do.  It is not opened."
        )
    if largest > MAX_ONE:
        raise PicturesError(
            f"A file in the archive is larger than {MAX_ONE // 1_000_000} MB.  Make it smaller."
        )
    return members


def _plural(noun: str, n: int) -> str:
    return noun if n == 1 else f"{noun}s"


def _is_clutter(name: str) -> bool:
    """What file managers put into archives unasked."""
    last = name.rpartition("/")[2]
    return name.startswith("__MACOSX/") or last.startswith(".") or last in ("Thumbs.db", "desktop.ini")


def _is_odd(name: str) -> bool:
    parts = name.split("/")
    return (
        len(name) > 300
        or not name.isprintable()
        or "\\" in name
        or bool(re.match(r"[A-Za-z]:", name))
        or any(part in ("", ".", "..") for part in parts)
    )


def _classes(folders: list[tuple[str, ...]]) -> list[str]:
    """The class of each picture by the folders it lies in, "" where it lies in none."""
    inside = [each for each in folders if each]
    depth = 0
    while inside and all(len(each) > depth + 1 for each in inside) and len({e[depth] for e in inside}) == 1:
        depth += 1
    tops = {each[depth].lower() for each in inside}
    if tops and tops <= SHARES and all(len(each) > depth + 1 for each in inside):
        depth += 1
    return [each[depth] if len(each) > depth else "" for each in folders]


def _check_classes(counts: dict[str, int]) -> None:
    if len(counts) == 1:
        only = shown_name(next(iter(counts)))
        raise PicturesError(f"All pictures are of one class, “{only}”; it takes two folders to tell apart.")
    if len(counts) > MAX_CLASSES:
        raise PicturesError(
            f"There are {len(counts):,} folders with pictures; up to {MAX_CLASSES} classes can be told apart."
            "  Take some away."
        )
    if sum(counts.values()) < MIN_IMAGES:
        raise PicturesError(
            f"{sum(counts.values())} pictures can be read; it takes {MIN_IMAGES} in two folders or more."
        )


def _share(labels: tuple[str, ...], most: int) -> list[int]:
    """Choose at most so many pictures, the same ones each time, each class in proportion."""
    mixed = np.random.default_rng(0).permutation(len(labels))
    by_class = mixed[np.argsort(np.array(labels)[mixed], kind="stable")]
    chosen = by_class[np.linspace(0, len(labels) - 1, min(most, len(labels))).round().astype(int)]
    return sorted(chosen.tolist())


def _image(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, side: int, colour: bool
) -> tuple[NDArray[np.uint8] | None, int]:
    """One picture of an archive, as :func:`_read` gives it."""
    try:
        with opened.open(member) as file:
            data = file.read(MAX_ONE)
    except BROKEN:
        return None, 0
    return _read(data, side, colour)


def _read(data: bytes, side: int, colour: bool) -> tuple[NDArray[np.uint8] | None, int]:
    """One picture (C, H, W) and how many pixels it had; None where it cannot be read."""
    n_pixels = 0
    try:
        # ours is lower than the limit of Pillow's own guard, and asked before anything is unpacked
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                return None, 0
            n_pixels = image.width * image.height
            image.draft("RGB" if colour else "L", (side, side))
            upright = ImageOps.exif_transpose(image)
            return _fitted(upright, side, colour), n_pixels
    except BROKEN:
        return None, n_pixels


def _fitted(image: Image.Image, side: int, colour: bool) -> NDArray[np.uint8]:
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    fitted = ImageOps.fit(image.convert("RGB" if colour else "L"), (side, side), Image.Resampling.BOX)
    numbers = np.asarray(fitted, np.uint8).reshape(side, side, -1)
    return np.ascontiguousarray(numbers.transpose(2, 0, 1))


def one(data: bytes, side: int, colour: bool) -> NDArray[np.uint8]:
    """A single picture as PNG or JPEG, cut to its middle square and brought to ``side`` pixels: (C, H, W).

    Raises ``PicturesError``, in words.
    """
    image = _read(data, side, colour)[0] if len(data) <= MAX_ONE else None
    if image is None:
        raise PicturesError(
            f"This cannot be read: it takes a PNG or JPEG of up to {MAX_ONE // 1_000_000} MB and "
            f"{MAX_PIXELS // 1_000_000} million pixels.  Save it as one of them and choose that."
        )
    return image
