"""Asks a server as somebody does who is no browser: any header, any path, any body."""

from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit


def ask(
    address: str, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """Send one request; the answer and what it holds."""
    with closing(HTTPConnection(urlsplit(address).netloc, timeout=30)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read()


def cookies_of(address: str) -> str:
    """Open the page and keep its cookies, as a browser does."""
    answer, _ = ask(address, "/")
    return "; ".join(line.partition(";")[0] for line in answer.headers.get_all("set-cookie") or [])
