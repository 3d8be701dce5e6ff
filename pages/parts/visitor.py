"""Who a visitor is: a random token that one browser has and sends along, and no script in it can read.

The web server hands it out with the page itself, so that the page's first websocket brings it already.  What
the rest of the program calls the *owner* is the token's hash: it tells one visitor from another, and whoever
sees it, in memory, a log or a database, cannot come back as that visitor.

A page framed by another site gets no cookie there (``SameSite=Lax``), nor does a browser that keeps none:
such a tab is a visitor of its own, for as long as it is open.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "glassbox_owner"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""The name over https: a browser takes it from this very host alone, not from a neighbour in its domain."""
TOKEN_BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
KEPT_S = 31_536_000
"""A year, counted from the last visit."""


def owner(cookies: Mapping[str, str]) -> str:
    """Whose a tab is: the hash of its browser's token, or of one for this tab alone.  64 hex digits."""
    token = _token(cookies, SECURE_COOKIE) or _token(cookies, COOKIE) or _new()
    return hashlib.sha256(token.encode()).hexdigest()


class Visitors:
    """Give every browser its token with the page, and once more a year to keep it.

    An ASGI middleware.  Only what a person opens is answered with a cookie; scripts, pictures and websockets
    pass through as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in HTTPConnection(scope).headers.get("accept", ""):
            await self.app(scope, receive, send)
            return
        cookie = _cookie(HTTPConnection(scope))

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("set-cookie", cookie)
                headers["cache-control"] = "private, no-cache"  # no proxy may give it to somebody else
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _cookie(asked: HTTPConnection) -> str:
    """The ``Set-Cookie`` of an answer: the token that the browser has, or a new one."""
    # whoever forges this header makes only their own cookie useless
    forwarded = asked.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    secure = "https" in (asked["scheme"], forwarded)
    name = SECURE_COOKIE if secure else COOKIE
    token = _token(asked.cookies, name) or _new()
    return f"{name}={token}; Path=/; Max-Age={KEPT_S}; HttpOnly; SameSite=Lax{'; Secure' * secure}"


def _token(cookies: Mapping[str, str], name: str) -> str:
    """A browser's token; empty where it has none, or none that was given here."""
    token = str(cookies.get(name, ""))  # where a page is tested by itself, its cookies are no strings
    return token if TOKEN.fullmatch(token) else ""


def _new() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)
