"""Any write of a run may fail: what is not whole is never marked done, and goes on."""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from model.community import Community
from scenarios import build, charts, failures, job, manifest, store
from scenarios.job import Job
from scenarios.load import load
from scenarios.manifest import versions
from scenarios.states import States


def _contents(folder: Path) -> dict[str, bytes]:
    assert store.verify(folder) == []
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class _Faults:
    """Lets one operation on files below a folder fail, by its number."""

    def __init__(self, folder: Path, at: int, number: int) -> None:
        self.folder, self.at, self.number, self.count = folder, at, number, 0

    def reached(self, path: object) -> None:
        if str(path).startswith(str(self.folder)):
            self.count += 1
            if self.count == self.at:
                raise OSError(self.number, os.strerror(self.number), str(path))

    def patch(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("mkdir", "rename", "replace", "open"):
            patch.setattr(os, name, self._failing(getattr(os, name)))
        opened = self._opening(io.open)
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)

    def _failing(self, called: Callable[..., Any]) -> Callable[..., Any]:
        def fail(path: object, *rest: object, **more: object) -> Any:  # noqa: ANN401, as it was
            self.reached(path)
            return called(path, *rest, **more)

        return fail

    def _opening(self, called: Callable[..., Any]) -> Callable[..., Any]:
        def fail(path: object, mode: str = "r", *rest: Any, **more: Any) -> Any:  # noqa: ANN401
            if mode[0] == "r" and "+" not in mode:
                return called(path, mode, *rest, **more)
            self.reached(path)
            return _Written(called(path, mode, *rest, **more), path, self)

        return fail


class _Written:
    """A file whose writing may fail."""

    def __init__(self, file: Any, path: object, faults: _Faults) -> None:  # noqa: ANN401, of any kind
        self._file, self._path, self._faults = file, path, faults

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401, whatever files have
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: Any) -> int:  # noqa: ANN401, text or bytes
        self._faults.reached(self._path)
        written: int = self._file.write(content)
        return written

    def writelines(self, parts: Iterator[Any]) -> None:
        for part in parts:
            self.write(part)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Job:
    """Ask for a day of hours, whose state is kept once on the way; nothing is worked out twice."""
    asked = Job(
        scenario=load("fontana", ("homes.count=2", "run.days=1", "run.step_minutes=60")),
        arms=("self_use",),
    )
    shared, known, keep = build.ground(asked.scenario), versions(), States.keep

    def once(self: States, community: Community) -> None:
        if community.index == 10:
            keep(self, community)

    monkeypatch.setattr(build, "ground", lambda *_: shared)
    monkeypatch.setattr(States, "after_step", once)
    monkeypatch.setattr(charts, "picture", lambda _: "<svg/>")
    for module in (job, manifest):
        monkeypatch.setattr(module, "versions", lambda: known)
    return asked


def _executed(asked: Job, folder: Path, faults: _Faults) -> None:
    """Run it under a fault, which is told in a line if it is told at all."""
    with pytest.MonkeyPatch.context() as patch:
        faults.patch(patch)
        try:
            job.execute(asked, folder)
        except OSError as error:
            if "\n" in failures.told(error)[1]:
                raise


def test_whichever_write_fails_no_folder_is_marked_done_that_is_not_whole(
    quick: Job, tmp_path: Path
) -> None:
    """One fault after the other, until a run comes through; each is gone on with."""
    wanted, gone_on_count = _contents(job.execute(quick, tmp_path / "alone")), 0
    for at in range(1, 1000):
        out = tmp_path / str(at)
        folder = out / "run"
        faults = _Faults(out, at, errno.ENOSPC if at % 2 else errno.EACCES)
        _executed(quick, folder, faults)
        if folder.exists():
            assert _contents(folder) == wanted
        left = job.unfinished(out) if out.exists() else []
        assert [job.proceed(draft, workers=1) for draft in left] in ([], [folder])
        gone_on_count += len(left)
        assert _contents(job.execute(quick, folder)) == wanted
        assert list(out.iterdir()) == [folder]
        if faults.count < at:
            break
    assert at > 100
    assert gone_on_count > 50
