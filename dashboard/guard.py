"""Who may speak to the dashboard: pages that this server sent, opened under its own address.

A page of another origin can open a WebSocket to a server on the same machine, and a name that
an attacker's DNS points to 127.0.0.1 makes it the same origin. So every request must name an
address of ours as its host; one that says where it comes from must come from there; and whatever
reads or changes something must bring the secret that our page was sent with, in a cookie that no
script can read. What a proxy would add is taken off: there is none, and Solara writes it into its
page.
"""

import logging
import re
import secrets
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.messages import passes

BODY_BYTES_MAX = 4096  # of a request that is no upload
_OPEN = ("/static/", "/player/", "/_solara/cdn/", "/jupyter/nbextensions/")  # the same for all
_FULL = "Every seat is taken. Close another page of this dashboard, then load this one again."
_OF_A_PROXY = re.compile(rb"(x-)?(script-name|forwarded)", re.IGNORECASE)
_KNOWN = (*_OPEN, "/packs/", "/uploads", "/jupyter/api/kernels/", "/_solara/api/close/")

# Solara's templates are compiled in the browser, and its page holds scripts of its own.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' {sockets}; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

logger = logging.getLogger(__name__)


class Guard:
    """Refuses what does not come from our own page, before the application sees it.

    Parameters
    ----------
    app : ASGI application
        What is guarded.
    port : int
        Port of the server.
    full : callable
        Tells whether what lies at a path would be one session too many.
    """

    def __init__(self, app: ASGIApp, port: int, full: Callable[[str], bool]) -> None:
        self.app, self.full = app, full
        self.secret = secrets.token_urlsafe(32)
        self.cookie = f"commonwatt-{port}"
        ends = (f":{port}", "") if port == 80 else (f":{port}",)  # browsers leave :80 out
        self.hosts = frozenset(
            f"{name}{end}" for name in ("127.0.0.1", "localhost") for end in ends
        )
        sockets = " ".join(f"ws://{host}" for host in sorted(self.hosts))
        self.policy = _POLICY.format(sockets=sockets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a refusal."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        if refused is None:
            kept = [(key, value) for key, value in scope["headers"] if not _OF_A_PROXY.match(key)]
            heard = _hearing(receive) if scope["type"] == "websocket" else receive
            sent = self._marking(scope, headers, send)
            await self.app({**scope, "headers": kept}, heard, sent)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await refused(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Say why a request is refused; None if it is not."""
        path, socket = scope["path"], scope["type"] == "websocket"
        host, origin = headers.get("host", ""), headers.get("origin")
        if len(headers.getlist("host")) != 1 or host not in self.hosts:
            return PlainTextResponse("unknown host", 421)
        if origin != f"http://{host}" and (origin is not None or socket):
            return PlainTextResponse("another origin", 403)
        page = self._is_page(scope)
        if not (page or path.startswith(_KNOWN)):  # Solara answers any path with its page
            return PlainTextResponse("not here", 404)
        if not (page or path.startswith(_OPEN) or self._knows(headers)):
            return PlainTextResponse("open the page first", 403)
        if (page or socket) and self.full(path):
            return PlainTextResponse(_FULL, 503)
        return None if socket else _too_long(path, headers)

    def _is_page(self, scope: Scope) -> bool:
        """Whether a request asks for the page itself, which brings the secret."""
        return (
            scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"] == "/"
        )

    def _knows(self, headers: Headers) -> bool:
        """Whether a request brings the secret."""
        for line in headers.getlist("cookie"):
            try:
                found = SimpleCookie(line).get(self.cookie)
            except CookieError:
                continue
            if found is not None and secrets.compare_digest(
                found.value.encode(), self.secret.encode()
            ):
                return True
        return False

    def _marking(self, scope: Scope, headers: Headers, send: Send) -> Send:
        """Send on, with headers that keep a page to itself, and the secret with a page."""
        if scope["type"] != "http":
            return send
        marks = not self._knows(headers) and self._is_page(scope)

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                answer["content-security-policy"] = self.policy
                answer["x-content-type-options"] = "nosniff"
                answer["referrer-policy"] = "no-referrer"
                answer["cross-origin-opener-policy"] = "same-origin"
                answer["cross-origin-resource-policy"] = "same-origin"
                if marks:
                    answer.append(
                        "set-cookie",
                        f"{self.cookie}={self.secret}; Path=/; HttpOnly; SameSite=Strict",
                    )
            await send(message)

        return marked


def _hearing(receive: Receive) -> Receive:
    """Receive from a socket what pages of ours send, and pass over all else."""

    async def heard() -> Message:
        while True:
            message = await receive()
            text = message.get("text")
            if message["type"] != "websocket.receive" or (text is not None and passes(text)):
                return message
            logger.info("a message that no page of ours sends was passed over")

    return heard


def _too_long(path: str, headers: Headers) -> Response | None:
    """Refuse a body that no path of ours but that of uploads has a use for."""
    length = headers.get("content-length", "0")
    fits = length.isdecimal() and int(length) <= BODY_BYTES_MAX
    if path == "/uploads" or (fits and "transfer-encoding" not in headers):
        return None
    return PlainTextResponse("too long", 413)
