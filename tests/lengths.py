"""No file over 400 lines, no page over 120: a longer one has a seam."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE, ANY = 120, 400


def too_long() -> list[str]:
    """One line for every file that is over its limit."""
    found = []
    for folder in (".", "pages", "dlcore", "assets", "tests"):
        for file in (ROOT / folder).glob("*" if folder == "." else "**/*"):
            if file.suffix not in {".py", ".js", ".css"}:
                continue
            limit = PAGE if file.parent == ROOT / "pages" else ANY
            lines = len(file.read_text().splitlines())
            if lines > limit:
                found.append(f"{file.relative_to(ROOT)} has {lines} lines, {limit} are allowed")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(too_long()) or None)
