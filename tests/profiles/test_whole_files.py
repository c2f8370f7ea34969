"""A file is whole or as it was, and a folder is one program's."""

import errno
import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from profiles import whole_files
from profiles.errors import InputError


@pytest.mark.parametrize("broken", ["open", "fsync", "replace"])
def test_a_write_that_fails_changes_nothing(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept"
    whole_files.write(path, b"before")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    owner = os if broken == "fsync" else Path
    monkeypatch.setattr(owner, broken, full)
    with pytest.raises(OSError, match="No space left on device"):
        whole_files.write(path, b"after")
    monkeypatch.undo()
    assert path.read_bytes() == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("told", [errno.ENOLCK, errno.EBADF])
def test_where_folders_cannot_be_locked_nothing_is(
    told: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", _failing(told))
    with whole_files.alone(tmp_path / "new"):
        assert (tmp_path / "new").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_fails_otherwise_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fcntl.flock", _failing(errno.EIO))
    with pytest.raises(InputError) as refused, whole_files.alone(tmp_path):
        pytest.fail("nobody may write")
    assert str(refused.value) == f"{tmp_path}: cannot be locked (Input/output error)"


def _failing(told: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(told, os.strerror(told))

    return fail


def test_a_folder_is_kept_from_whoever_asks_for_it_meanwhile(tmp_path: Path) -> None:
    with whole_files.alone(tmp_path):
        with pytest.raises(InputError) as refused, whole_files.alone(tmp_path):
            pytest.fail("nobody else may write")
        told = f"{tmp_path}: must not be in use, another program writes into it"
        assert str(refused.value) == told
    with whole_files.alone(tmp_path):
        pass


def test_those_who_work_beside_each_other_keep_out_who_wants_to_be_alone(tmp_path: Path) -> None:
    with whole_files.among(tmp_path), whole_files.among(tmp_path):
        _check_kept_out(whole_files.alone(tmp_path))
    with whole_files.alone(tmp_path):
        _check_kept_out(whole_files.among(tmp_path))


def _check_kept_out(entering: AbstractContextManager[None]) -> None:
    with pytest.raises(InputError), entering:
        pytest.fail("somebody else is there")


def test_whoever_has_patience_waits_for_the_others(tmp_path: Path) -> None:
    others = whole_files.among(tmp_path)
    others.__enter__()
    leaving = threading.Timer(0.2, others.__exit__, (None, None, None))
    leaving.start()
    with whole_files.alone(tmp_path, patience_s=60.0):
        leaving.join()
