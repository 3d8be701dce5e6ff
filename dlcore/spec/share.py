"""The codec of links: JSON as a short, versioned, URL-safe token, and back with suspicion."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any

VERSION = "1"
MAX_TOKEN = 8_000
MAX_JSON = 64_000


class TokenError(ValueError):
    """Refuse a token, in words."""


def pack(value: Any) -> str:
    """Turn a JSON value into a token of letters, digits, ``-`` and ``_``."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (
        VERSION + base64.urlsafe_b64encode(squeezer.compress(text) + squeezer.flush()).rstrip(b"=").decode()
    )


def unpack(token: str) -> Any:
    """Turn a token back into the JSON value.

    Raises ``TokenError`` when it is too long, of another version, cut short, or unpacks to more
    than 64 kB: a token comes from strangers.
    """
    if len(token) > MAX_TOKEN:
        raise TokenError(f"the link is longer than {MAX_TOKEN} characters")
    if not token.startswith(VERSION):
        raise TokenError("the link was made by another version")
    try:
        squeezed = base64.b64decode(token[1:] + "=" * (-len(token[1:]) % 4), altchars=b"-_", validate=True)
        opener = zlib.decompressobj(-15)
        text = opener.decompress(squeezed, MAX_JSON)
        if not opener.eof:
            raise TokenError("the link is cut short or too large")
        return json.loads(text)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise error if isinstance(error, TokenError) else TokenError("the link is damaged") from error
