"""Packs are held once, compressed, and never beyond their bound."""

import gzip
import secrets
from threading import Lock

from dashboard.packs import Packs


def test_a_pack_comes_back_as_it_was() -> None:
    packs = Packs()
    token = packs.put(b'{"a":1}')
    assert gzip.decompress(packs.get(token) or b"") == b'{"a":1}'


def test_the_same_pack_is_held_once_whoever_shows_it() -> None:
    packs = Packs()
    tokens = {packs.put(b"the same") for _ in range(20)}
    assert len(tokens) == 1
    assert packs.bytes_count == len(gzip.compress(b"the same", mtime=0))


def test_a_token_that_was_never_told_finds_nothing() -> None:
    packs = Packs()
    packs.put(b"x")
    assert packs.get("") is None
    assert packs.get("0" * 64) is None


def test_the_pack_that_was_asked_for_longest_ago_goes_first() -> None:
    packs = Packs(bytes_max=3_000)
    first, second = packs.put(secrets.token_bytes(1_200)), packs.put(secrets.token_bytes(1_200))
    assert packs.get(first) is not None
    third = packs.put(secrets.token_bytes(1_200))
    assert packs.get(second) is None
    assert packs.get(first) is not None
    assert packs.get(third) is not None
    assert packs.bytes_count <= packs.bytes_max


def test_a_pack_beyond_the_bound_is_held_alone() -> None:
    packs = Packs(bytes_max=100)
    packs.put(b"small")
    token = packs.put(secrets.token_bytes(1_000))
    assert packs.get(token) is not None
    assert packs.bytes_count < 1_100


def test_a_pack_that_goes_while_it_is_put_again_is_held_whole() -> None:
    packs = Packs()
    token = packs.put(b"the same")

    class Between:
        """A lock; before the next is taken, another session's pack takes the place."""

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            packs._held.clear()
            packs._lock = Lock()

    packs._lock = Between()  # type: ignore[assignment]
    packs.put(b"the same")
    assert gzip.decompress(packs.get(token) or b"") == b"the same"
