"""What visitors bring is stored under names of ours, within limits, and does not outlive us."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from dashboard.uploads import Uploads
from profiles.errors import InputError
from tests.dashboard.conftest import awaited

HOSTILE = [
    "../../etc/passwd.csv", "..\\..\\windows.csv", "/etc/x.csv", "C:\\x.csv", "a\0b.csv",
    "~root/x.csv", "\u202ecsv.csv", "x" * 5000 + ".csv", "%2e%2e%2fx.csv", ".csv", "con.csv",
    "<img src=x onerror=alert(1)>.csv", "a\r\nb.csv", "x.exe.CSV",
]  # fmt: skip


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    with Uploads(bytes_max=100, files_max=3) as opened:
        yield opened


async def _parts(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


def _receive(uploads: Uploads, name: str, *parts: bytes) -> str:
    return awaited(uploads.receive(name, _parts(*parts)))


def _stored(uploads: Uploads) -> list[Path]:
    assert uploads._folder is not None
    return sorted(uploads._folder.iterdir())


def test_a_file_is_found_by_its_token_and_keeps_what_it_held(uploads: Uploads) -> None:
    token = _receive(uploads, "load.csv", b"home,", b"load_kwh\n")
    assert uploads.path(token).read_bytes() == b"home,load_kwh\n"
    assert uploads.path(token).suffix == ".csv"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_decides_where_a_file_lies(uploads: Uploads, name: str) -> None:
    path = uploads.path(_receive(uploads, name, b"x"))
    assert path.parent == uploads._folder
    assert path.name.removesuffix(".csv").isalnum()


@pytest.mark.parametrize("name", ["", "load", "load.exe", "load.csv.gz", "load.pkl", "csv", "a/b"])
def test_other_kinds_of_files_are_refused(uploads: Uploads, name: str) -> None:
    with pytest.raises(InputError, match=r"^file: must end in \.csv, \.parquet"):
        _receive(uploads, name, b"x")
    assert _stored(uploads) == []


def test_a_file_that_is_too_long_leaves_nothing_behind(uploads: Uploads) -> None:
    with pytest.raises(InputError, match="file: must have at most 0 MB"):
        _receive(uploads, "a.csv", b"x" * 60, b"x" * 60)
    assert _stored(uploads) == []
    assert _receive(uploads, "a.csv", b"x" * 100)


def test_a_visitor_who_goes_half_way_leaves_nothing_behind(uploads: Uploads) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        awaited(uploads.receive("a.csv", broken()))
    assert _stored(uploads) == []


def test_the_oldest_file_goes_when_there_are_too_many(uploads: Uploads) -> None:
    tokens = [_receive(uploads, "a.csv", b"x") for _ in range(4)]
    with pytest.raises(InputError, match="is not here any more"):
        uploads.path(tokens[0])
    assert [uploads.path(token) for token in tokens[1:]]
    assert len(_stored(uploads)) == 3


@pytest.mark.parametrize("token", ["", "..", "../x", "0" * 32, "0" * 31 + "g", "a\0"])
def test_a_token_that_was_never_given_finds_nothing(uploads: Uploads, token: str) -> None:
    with pytest.raises(InputError, match="is not here any more"):
        uploads.path(token)


def test_nothing_outlives_the_server() -> None:
    with Uploads() as uploads:
        folder = uploads.path(_receive(uploads, "a.csv", b"x")).parent
    assert not folder.exists()


def test_nothing_is_taken_before_the_folder_is_there() -> None:
    with pytest.raises(LookupError):
        _receive(Uploads(), "a.csv", b"x")


def test_a_file_that_was_made_is_found_as_one_that_was_brought(uploads: Uploads) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"a,b\n")

    path = uploads.path(uploads.make(".csv", write))
    assert (path.suffix, path.read_bytes()) == (".csv", b"a,b\n")


def test_nothing_stays_of_a_file_that_could_not_be_made(uploads: Uploads) -> None:
    def broken(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        uploads.make(".csv", broken)
    assert _stored(uploads) == []
    with pytest.raises(LookupError):
        Uploads().make(".csv", broken)
