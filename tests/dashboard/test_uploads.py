"""What visitors bring is stored under names of ours, within limits, and does not outlive us."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from dashboard import uploads as module
from dashboard.uploads import KEPT_SECONDS, MIB, Uploads
from profiles.errors import InputError
from tests.dashboard.conftest import awaited

HOSTILE = [
    "../../etc/passwd.csv", "..\\..\\windows.csv", "/etc/x.csv", "C:\\x.csv", "a\0b.csv",
    "~root/x.csv", "\u202ecsv.csv", "x" * 5000 + ".csv", "%2e%2e%2fx.csv", ".csv", "con.csv",
    "<img src=x onerror=alert(1)>.csv", "a\r\nb.csv", "x.exe.CSV",
]  # fmt: skip


class Clock:
    """Stands still until it is set."""

    seconds = 0.0

    def __call__(self) -> float:
        """Tell the seconds."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def uploads(clock: Clock) -> Iterator[Uploads]:
    with Uploads(bytes_max=100, all_bytes_max=350, files_max=3, clock=clock) as opened:
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
    with pytest.raises(InputError, match="file: must have at most 0 MiB"):
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


def test_no_file_goes_for_another_within_an_hour(uploads: Uploads, clock: Clock) -> None:
    tokens = [_receive(uploads, "a.csv", b"x") for _ in range(3)]
    clock.seconds = KEPT_SECONDS - 90
    with pytest.raises(InputError, match=r"^file: every place is taken; try again in 2 minutes$"):
        _receive(uploads, "a.csv", b"x")
    with pytest.raises(InputError, match="every place is taken"):
        uploads.make(".csv", Path.touch)
    assert all(uploads.path(token).exists() for token in tokens)
    assert len(_stored(uploads)) == 3


def test_then_the_oldest_goes(uploads: Uploads, clock: Clock) -> None:
    tokens = [_receive(uploads, "a.csv", b"x") for _ in range(3)]
    clock.seconds = KEPT_SECONDS
    tokens.append(_receive(uploads, "a.csv", b"x"))
    with pytest.raises(InputError, match="is not here any more"):
        uploads.path(tokens[0])
    assert [uploads.path(token) for token in tokens[1:]]
    assert len(_stored(uploads)) == 3


def test_all_files_together_are_bounded(clock: Clock) -> None:
    with Uploads(bytes_max=100, all_bytes_max=350, files_max=9, clock=clock) as uploads:
        for _ in range(3):
            _receive(uploads, "a.csv", b"x" * 90)
        with pytest.raises(InputError, match="every place is taken; try again in 60 minutes"):
            _receive(uploads, "a.csv", b"x")  # 270 are here, and this may become 100
        clock.seconds = KEPT_SECONDS
        _receive(uploads, "a.csv", b"x" * 90)
        assert sum(path.stat().st_size for path in _stored(uploads)) == 270


def test_files_that_are_on_their_way_hold_their_places(uploads: Uploads) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"x")
        uploads.make(".csv", write)

    with pytest.raises(InputError, match="every place is taken; try again in a minute"):
        uploads.make(".csv", write)
    assert _stored(uploads) == []
    assert [_receive(uploads, "a.csv", b"x" * 80) for _ in range(3)]


def test_a_file_that_never_comes_gives_its_place_back(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    monkeypatch.setattr(module, "COMING_SECONDS", 0.01)
    with pytest.raises(InputError, match="file: must be here within"):
        awaited(uploads.receive("a.csv", stalled()))
    assert _stored(uploads) == []
    assert uploads._coming == 0


def test_a_file_that_was_made_is_as_bounded_as_one_that_was_brought(uploads: Uploads) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"x" * 101)

    with pytest.raises(InputError, match="file: must have at most"):
        uploads.make(".csv", write)
    assert _stored(uploads) == []
    assert module.BYTES_MAX == 64 * MIB


def test_who_reads_a_file_reads_it_to_its_end(uploads: Uploads, clock: Clock) -> None:
    token = _receive(uploads, "a.csv", b"kept")
    with uploads.open(token) as file:
        clock.seconds = KEPT_SECONDS
        for _ in range(3):
            _receive(uploads, "a.csv", b"x")
        assert file.read() == b"kept"
    with pytest.raises(InputError, match="is not here any more"):
        uploads.open(token)


def test_a_file_that_goes_while_it_is_opened_is_not_here_any_more(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = uploads.path(_receive(uploads, "a.csv", b"x"))
    path.unlink()
    monkeypatch.setattr(uploads, "path", lambda _: path)
    with pytest.raises(InputError, match="is not here any more"):
        uploads.open("0" * 32)


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
