"""Only pages that the server sent, opened under its own address, get through the guard."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from dashboard.guard import BODY_BYTES_MAX, Guard
from tests.dashboard.conftest import awaited

PORT = 8765
HOST = f"127.0.0.1:{PORT}"
HOME = f"http://{HOST}"
SOCKET = "/jupyter/api/kernels/7b1f/channels"


class Reached:
    """Stands behind the guard and notes what gets through."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.headers: list[bytes] = []
        self.heard: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the path and what is heard, and say yes."""
        self.paths.append(scope["path"])
        self.headers = [key for key, _ in scope["headers"]]
        if scope["type"] == "websocket":
            self.heard.append(await receive())
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})


async def _nothing() -> Message:
    return {"type": "http.request", "body": b""}


async def _nowhere(_: Message) -> None:
    pass


def _guard(*, full: bool = False) -> Guard:
    return Guard(Reached(), PORT, full=lambda _: full)


def _ask(
    guard: Guard, path: str, headers: Mapping[str, str], kind: str = "http", method: str = "GET"
) -> dict[str, Any]:
    """Send a request through the guard; the first message that comes back."""
    answers: list[dict[str, Any]] = []
    raw = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
    scope = {"type": kind, "path": path, "method": method, "headers": raw, "query_string": b""}

    async def send(message: Message) -> None:
        answers.append(message)

    awaited(guard(scope, _nothing, send))
    return answers[0] if answers else {}


def _passed(guard: Guard) -> list[str]:
    assert isinstance(guard.app, Reached)
    return guard.app.paths


def _known(guard: Guard, **more: str) -> dict[str, str]:
    return {"host": HOST, "cookie": f"{guard.cookie}={guard.secret}", **more}


def _headers(answer: Mapping[str, Any]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in answer["headers"]}


def test_the_page_is_sent_with_a_secret_that_no_script_can_read() -> None:
    guard = _guard()
    answer = _ask(guard, "/", {"host": HOST})
    cookie = _headers(answer)["set-cookie"]
    assert answer["status"] == 200
    assert cookie == f"commonwatt-{PORT}={guard.secret}; Path=/; HttpOnly; SameSite=Strict"
    assert len(guard.secret) >= 43  # 256 bits
    assert guard.secret != _guard().secret


def test_who_has_the_secret_is_not_sent_it_again() -> None:
    guard = _guard()
    assert "set-cookie" not in _headers(_ask(guard, "/", _known(guard)))


def test_a_page_may_load_nothing_from_elsewhere_and_stand_in_no_frame() -> None:
    policy = _headers(_ask(_guard(), "/", {"host": HOST}))["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert f"connect-src 'self' ws://127.0.0.1:{PORT} ws://localhost:{PORT};" in policy


@given(host=st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=40))
def test_no_other_host_is_answered(host: str) -> None:
    guard = _guard()
    if host not in guard.hosts:
        assert _ask(guard, "/", {"host": host})["status"] == 421
        assert _ask(guard, "/static/a.js", _known(guard, host=host))["status"] == 421
        assert _passed(guard) == []


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:80", f"127.0.0.1.evil.example:{PORT}", f"{HOST}.", ""],
)
def test_a_name_that_points_here_is_no_host_of_ours(host: str) -> None:
    assert _ask(_guard(), "/", {"host": host})["status"] == 421


def test_port_80_is_left_out_by_browsers() -> None:
    guard = Guard(Reached(), 80, full=lambda _: False)
    assert _ask(guard, "/", {"host": "127.0.0.1"})["status"] == 200
    assert _ask(guard, "/", {"host": "localhost:80"})["status"] == 200
    assert "connect-src 'self' ws://127.0.0.1 ws://127.0.0.1:80 ws://localhost" in guard.policy
    assert _ask(guard, "/", {"host": "127.0.0.1:8765"})["status"] == 421
    known = {"cookie": f"{guard.cookie}={guard.secret}", "origin": "http://localhost"}
    assert _ask(guard, SOCKET, known | {"host": "localhost"}, "websocket") == {}
    assert _ask(guard, SOCKET, known | {"host": "127.0.0.1"}, "websocket") != {}


@pytest.mark.parametrize(
    "name",
    [
        "script-name", "x-script-name", "X-Script-Name", "forwarded", "x-forwarded-host",
        "x-forwarded-proto", "x-forwarded-for", "X-FORWARDED-PREFIX",
    ],
)  # fmt: skip
def test_what_a_proxy_would_add_is_taken_off(name: str) -> None:
    guard = _guard()
    assert isinstance(guard.app, Reached)
    assert _ask(guard, "/", {"host": HOST, name: "/evil", "accept": "*/*"})["status"] == 200
    assert guard.app.headers == [b"host", b"accept"]
    _ask(guard, SOCKET, _known(guard, origin=HOME, **{name: "/evil"}), "websocket")
    assert guard.app.headers == [b"host", b"cookie", b"origin"]


def test_a_socket_hears_what_our_pages_say_and_passes_over_the_rest() -> None:
    guard = _guard()
    assert isinstance(guard.app, Reached)
    ours = {
        "type": "websocket.receive",
        "text": '{"header": {"msg_type": "kernel_info_request"}, "content": {}, "buffers": []}',
    }
    told: list[Message] = [
        {"type": "websocket.receive", "text": '{"create_widget": ["os", "system"]}'},
        {"type": "websocket.receive", "bytes": b"\0\0\0\1"},
        {"type": "websocket.receive", "text": None, "bytes": b"x"},
        ours,
        {"type": "websocket.disconnect"},
    ]

    async def receive() -> Message:
        return told.pop(0)

    known = _known(guard, origin=HOME).items()
    raw = [(key.encode(), value.encode()) for key, value in known]
    for _ in range(2):
        awaited(guard({"type": "websocket", "path": SOCKET, "headers": raw}, receive, _nowhere))
    assert guard.app.heard == [ours, {"type": "websocket.disconnect"}]


def test_two_hosts_are_none() -> None:
    guard = _guard()
    answers: list[Any] = []
    raw = [(b"host", HOST.encode()), (b"host", b"evil.example")]
    scope = {"type": "http", "path": "/", "method": "GET", "headers": raw}

    async def send(message: Message) -> None:
        answers.append(message)

    awaited(guard(scope, _nothing, send))
    assert answers[0]["status"] == 421


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "null", "file://", f"https://{HOST}", "http://127.0.0.1:8766",
        f"http://localhost:{PORT}", f"{HOME}/", f"{HOME}.evil.example", "",
    ],
)  # fmt: skip
def test_another_origin_is_refused_even_with_the_secret(origin: str) -> None:
    guard = _guard()
    known = _known(guard, origin=origin)
    assert _ask(guard, SOCKET, known, "websocket") == {
        "type": "websocket.close", "code": 1008, "reason": "",
    }  # fmt: skip
    for method, path in (("POST", "/uploads"), ("GET", "/packs/ab"), ("GET", "/")):
        assert _ask(guard, path, known, method=method)["status"] == 403
    assert _passed(guard) == []


def test_a_socket_has_to_say_where_it_comes_from() -> None:
    guard = _guard()
    assert _ask(guard, SOCKET, _known(guard), "websocket")["type"] == "websocket.close"
    assert _ask(guard, SOCKET, _known(guard, origin=HOME), "websocket") == {}
    assert _passed(guard) == [SOCKET]


@pytest.mark.parametrize(
    "cookie", ["", "a=b", "commonwatt-8765=", "commonwatt-8765=guess", "\xff;="]
)
def test_nothing_is_told_without_the_secret(cookie: str) -> None:
    guard = _guard()
    stranger = {"host": HOST, "cookie": cookie, "origin": HOME}
    assert _ask(guard, SOCKET, stranger, "websocket")["type"] == "websocket.close"
    for method, path in (("GET", "/packs/ab"), ("POST", "/uploads"), ("POST", "/uploads?x")):
        assert _ask(guard, path, stranger, method=method)["status"] == 403
    assert _passed(guard) == []


@pytest.mark.parametrize("path", ["/resourcez", "/readyz", "/_solara/api/evict/7b1f", "/x", "//"])
def test_what_no_page_of_ours_asks_for_is_not_here(path: str) -> None:
    guard = _guard()
    assert _ask(guard, path, _known(guard))["status"] == 404
    assert _passed(guard) == []


@pytest.mark.parametrize("length", [str(BODY_BYTES_MAX + 1), "-1", "1e9", "9" * 30, ""])
def test_only_uploads_may_be_long(length: str) -> None:
    guard = _guard()
    known = _known(guard, **{"content-length": length})
    assert _ask(guard, SOCKET, known, method="POST")["status"] == 413
    assert _ask(guard, "/uploads", known, method="POST")["status"] == 200
    parts = _known(guard, **{"transfer-encoding": "chunked"})
    assert _ask(guard, SOCKET, parts, method="POST")["status"] == 413


def test_a_full_server_takes_no_further_session_but_serves_those_it_has() -> None:
    guard = _guard(full=True)
    assert _ask(guard, "/", _known(guard))["status"] == 503
    assert _ask(guard, SOCKET, _known(guard, origin=HOME), "websocket")["code"] == 1008
    assert _ask(guard, "/packs/ab", _known(guard))["status"] == 200


def test_starting_and_ending_pass_through() -> None:
    guard = _guard()
    seen: list[str] = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope["type"])

    guard.app = app
    awaited(guard({"type": "lifespan"}, _nothing, _nowhere))
    assert seen == ["lifespan"]
