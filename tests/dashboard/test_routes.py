"""A file is sent back by its token alone, to who opened the page, under a plain name."""

from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.requests import Request

from dashboard import place, routes
from dashboard.place import Place
from dashboard.uploads import Uploads
from tests.dashboard.strangers import ask, cookies_of

NAMES = ["", "../x", "a/b", 'a"; filename="x', "a\r\nset-cookie: x=1", ".bashrc", "a" * 90, "a b"]


@pytest.fixture
def known(address: str) -> dict[str, str]:
    """Open the page and keep its cookies."""
    return {"Cookie": cookies_of(address)}


@pytest.fixture
def token(address: str, known: dict[str, str]) -> str:
    """Bring a file."""
    _, body = ask(address, "/uploads?name=x.csv", "POST", b"a,b\n", **known)
    return body.decode().partition(':"')[2].partition('"')[0]


def test_a_file_comes_back_to_be_saved(address: str, known: dict[str, str], token: str) -> None:
    answer, body = ask(address, f"/uploads/{token}?name=homes.csv", **known)
    assert (answer.status, body) == (200, b"a,b\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="homes.csv"'
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_has_not_opened_the_page_gets_nothing(address: str, token: str) -> None:
    assert ask(address, f"/uploads/{token}?name=homes.csv")[0].status == 403


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_is_refused(
    address: str, known: dict[str, str], token: str, name: str
) -> None:
    answer, _ = ask(address, f"/uploads/{token}?name={quote(name)}", **known)
    assert answer.status == 400
    assert answer.headers["content-disposition"] is None


@pytest.mark.parametrize(
    "path", ["0" * 32, "..%2f..%2fetc%2fpasswd", "%2e%2e", "%00", "x.csv", "..%5cx", "~"]
)
def test_no_path_is_a_token(address: str, known: dict[str, str], path: str) -> None:
    answer, body = ask(address, f"/uploads/{path}?name=x.csv", **known)
    assert answer.status == 404
    assert b"root:" not in body


def test_a_file_that_had_to_go_meanwhile_is_not_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Uploads() as uploads:
        monkeypatch.setattr(place, "_stands", [Place(tmp_path, uploads)])
        token = uploads.make(".csv", Path.touch)
        uploads.path(token).unlink()
        scope = {"type": "http", "path_params": {"token": token}, "query_string": b"name=a.csv"}
        answer = routes._download(Request(scope | {"headers": []}))
    assert (answer.status_code, answer.body) == (
        404,
        b"file: is not here any more; choose it again",
    )
