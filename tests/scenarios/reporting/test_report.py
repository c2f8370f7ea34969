"""A report is written beside the runs, whole, or refused before anything is written."""

from collections.abc import Callable
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import store
from scenarios.reporting import report

TABLES = (
    "added", "against", "arms", "carbon", "days", "differences", "homes", "outage",
    "repeated", "runs",
)  # fmt: skip


def test_the_page_stands_beside_its_tables(batch: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "sweep.html"
    assert report.run([batch], out) == out
    names = sorted(path.relative_to(out.parent).as_posix() for path in out.parent.rglob("*.*"))
    files = [f"sweep_tables/{name}.{end}" for name in TABLES for end in ("csv", "parquet")]
    assert names == ["sweep.html", *files]


def test_the_folders_stay_as_they_were_and_a_report_may_be_made_again(
    two_runs: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    first = report.run(two_runs[:1], out).read_bytes()
    report.run(two_runs, out)
    report.run(two_runs[:1], out)
    assert out.read_bytes() == first
    assert [store.verify(folder) for folder in two_runs] == [[], []]


def test_places_where_no_report_can_be_are_refused(
    two_runs: tuple[Path, Path], tmp_path: Path
) -> None:
    one = two_runs[0]
    (tmp_path / "is.html").mkdir()
    (tmp_path / "file").touch()
    for out, told in (
        (tmp_path / "report.pdf", r"must end in \.html \(got '\.pdf'\)"),
        (tmp_path / "is.html", r"must be a file \(it is a folder\)"),
        (one / "report.html", r"must lie outside of .*, which holds what was written"),
        (tmp_path / "file" / "report.html", "must be a folder"),
    ):
        with pytest.raises(InputError, match=f"--out .*: {told}"):
            report.run([one], out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "is.html"]


def test_a_damaged_folder_is_refused_and_nothing_is_written(
    two_runs: tuple[Path, Path], copied: Callable[[str], Path], tmp_path: Path
) -> None:
    damaged = copied("damaged")
    (damaged / "summary.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"damaged/summary\.json: differs"):
        report.run([two_runs[0], damaged], tmp_path / "out" / "report.html")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_one_line(
    batch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report.files, "replaced", full)
    with pytest.raises(InputError, match=r"--out .*: cannot be written \(No space left on device"):
        report.run([batch], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()
