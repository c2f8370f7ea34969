"""Saved runs: every one is listed, nothing else is found."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import runs, store, stored
from scenarios.compare import Comparison
from scenarios.summary import Summary, summary

NOON = datetime(2017, 7, 1, 12, 30, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, comparison: Comparison) -> Path:
    """Save the small comparison, and two of its arms."""
    out = tmp_path_factory.mktemp("results")
    whole = store.save(comparison, out, now=NOON)
    two = {name: comparison.arms[name] for name in ("grid_only", "self_use")}
    part = store.save(replace(comparison, arms=two, bounds={}), out, now=NOON)
    for seconds, folder in ((1_000, whole), (2_000, part)):
        os.utime(folder / "DONE", (seconds, seconds))
    return out


@pytest.fixture
def out(saved: Path, tmp_path: Path) -> Path:
    """Copy them, to be damaged."""
    return Path(shutil.copytree(saved, tmp_path / "results"))


def test_saved_runs_are_listed_the_newest_first(saved: Path, comparison: Comparison) -> None:
    part, whole = runs.saved_runs(saved)
    figures = summary(comparison)
    assert [part.name, whole.name] == ["sim_20170701_123005-2", "sim_20170701_123005"]
    assert (whole.finished, whole.problem) == (True, "")
    assert whole.title == "fontana_mixed: 4 homes, 1 day from 2017-07-01 00:00"
    assert whole.written_utc == datetime.fromtimestamp(1_000, UTC)
    assert whole.cost_usd == {name: arm.cost_usd for name, arm in figures.arms.items()}
    assert figures.savings is not None
    assert whole.saved_fraction == figures.savings.market_vs_grid_only_fraction
    assert whole.captured_fraction == figures.savings.captured_of_bound_fraction
    assert (whole.scenario, whole.seed, whole.days, whole.homes_count) == ("fontana_mixed", 0, 1, 4)
    assert (list(part.cost_usd), part.saved_fraction) == (["grid_only", "self_use"], None)


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda folder: (folder / "DONE").unlink(), "DONE: is missing: no run, or one that was"),
        (lambda folder: (folder / "manifest.json").unlink(), "manifest.json: cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("{}"), "manifest.json: differs from"),
        (lambda folder: (folder / "summary.json").write_text("[]"), "summary.json: is not that of"),
        (lambda folder: (folder / "summary.json").unlink(), "summary.json: cannot be read"),
        (lambda folder: (folder / "DONE").write_bytes(bytes(9)), "manifest.json: differs from"),
        (lambda folder: os.truncate(folder / "summary.json", runs.JSON_BYTES_MAX + 1),
         "summary.json: must have at most 16777216 bytes"),
    ],
)  # fmt: skip
def test_a_run_that_is_not_whole_is_listed_last_with_what_is_wrong(
    out: Path, spoil: Callable[[Path], object], problem: str
) -> None:
    spoil(out / "sim_20170701_123005-2")
    whole, other = runs.saved_runs(out)
    assert whole.finished
    assert not other.finished
    assert other.problem.startswith(problem)
    assert (other.title, other.written_utc) == ("sim_20170701_123005-2", None)


def test_a_run_that_goes_away_while_it_is_listed_is_listed_as_such(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = stored.summary

    def take_away(folder: Path, bytes_max: int) -> Summary:
        figures = read(folder, bytes_max)
        shutil.rmtree(folder)
        return figures

    monkeypatch.setattr(stored, "summary", take_away)
    assert {run.problem for run in runs.saved_runs(out)} == {"cannot be read (FileNotFoundError)"}


def test_what_is_no_run_is_not_listed(out: Path) -> None:
    listed = runs.saved_runs(out)
    for name in ("notes", ".sim_20170701_123005.99", "sim_empty"):
        (out / name).mkdir()
    (out / ".sim_20170701_123005.99" / "summary.json").touch()  # a run that lives, or was killed
    (out / "sim_file").touch()
    elsewhere = out.parent / "elsewhere"
    shutil.copytree(out / listed[0].name, elsewhere)
    (out / "sim_link").symlink_to(elsewhere, target_is_directory=True)
    (out / "sim_loop").symlink_to(out, target_is_directory=True)
    shutil.copytree(elsewhere, out / "sim\n<b>")
    assert runs.saved_runs(out) == listed
    for name in ("sim_link", "sim_loop", "sim\n<b>", "notes", ".sim_20170701_123005.99"):
        with pytest.raises(InputError):
            runs.resolve(out, name)


def test_names_are_those_of_all_runs_and_nothing_of_them_is_read(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (out / "sim_20170701_123005" / "DONE").unlink()
    listed = {run.name for run in runs.saved_runs(out)}
    monkeypatch.setattr(stored, "manifest", lambda *_: pytest.fail("was read"))
    assert set(runs.names(out)) == listed == {"sim_20170701_123005", "sim_20170701_123005-2"}


def test_a_folder_that_is_not_there_holds_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert runs.saved_runs(tmp_path / "none") == runs.saved_runs(tmp_path / "file") == []


def test_a_run_is_found_by_its_name(saved: Path) -> None:
    for run in runs.saved_runs(saved):
        assert runs.resolve(saved, run.name) == saved / run.name
    assert runs.figures(saved, "sim_20170701_123005").homes_count == 4


RUN = "sim_20170701_123005"
UPS = (
    ".. ../ ..\\ ....// ..;/ %2e%2e/ %2e%2e%2f ..%2f ..%5c ..%00/ %252e%252e%252f ..%c0%af "
    "..%ef%bc%8f .../ \u2025/ \uff0e\uff0e/ ..\u2215 ..\u2044 ..\uff0f ..\uff3c .\u200b./ \u202e../"
)
BEFORE = ["./", "//", "\0", " ", "C:", "<b>", "$(", "`", "'", '"']
BEHIND = (
    "/ /. // \0 \0.txt \n \r\n \t . ::$DATA :stream * ? # %00 |ls ;ls \u0301 0 </b> ) ` ' "
    "/summary.json \\summary.json"
)
ODD = (
    ". ./ ~ ~root / // \\ C: C:\\ C:/Windows \\\\host\\share //host/share file:///etc/passwd data: "
    "http://host/ * ? sim_* $HOME %USERPROFILE% \U0001f600 etc passwd summary.json None /etc "
    "/etc/passwd /dev/zero /dev/stdin /proc/self /proc/self/cwd con CON prn aux nul NUL.txt com1 "
    "COM9 lpt1 conin$"
)
HOSTILE = sorted(
    {
        *(
            f"{before}{up}{path}"
            for up in UPS.split()
            for before in ("", RUN + "/")
            for path in ("", "up")
        ),
        *(f"{up * 3}elsewhere" for up in UPS.split()),
        *(f"{before}{RUN}" for before in BEFORE),
        *(f"{RUN}{behind}" for behind in BEHIND.split(" ")),
        *ODD.split(),
        *("", f"{RUN} ", "\ud800", RUN.upper(), RUN[:-1], "x" * 100_000),
    }
)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_other_name_finds_anything(out: Path, name: str) -> None:
    """Some of these are there, beside the folder or in it, and would be a whole run."""
    shutil.copytree(out / "sim_20170701_123005", out.parent / "elsewhere")
    if "/" not in name and "\0" not in name and 0 < len(name) < 100:
        try:
            shutil.copytree(out / "sim_20170701_123005", out / name)
        except OSError:  # there already, or no name here
            assert not (out / name).is_dir() or name in (".", "..")
        except UnicodeEncodeError:
            assert name == "\ud800"
    found = {run.name for run in runs.saved_runs(out)}
    if name in found:  # plain enough: what is listed is found, and lies in the folder
        assert runs.resolve(out, name).resolve().parent == out.resolve()
        return
    with pytest.raises(InputError) as refusal:
        runs.resolve(out, name)
    told = str(refusal.value)
    assert told.isprintable()
    assert len(told) < 120
    assert str(out) not in told


def test_hostile_names_are_many() -> None:
    assert len(HOSTILE) > 150


@pytest.mark.parametrize("name", ["o'neil", "CON", ".hidden", "x" * 101, "<b>"])
def test_a_name_that_is_not_listed_is_told_and_what_it_may_be(out: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"a run is listed by a name of letters, digits, spaces"):
        runs.check_listed(out / name)
    runs.check_listed(out / "two words (copy)")


def test_two_runs_are_laid_side_by_side(saved: Path, comparison: Comparison) -> None:
    one, other = (runs.figures(saved, f"sim_20170701_123005{more}") for more in ("", "-2"))
    rows = {row.name: row for row in runs.compare_runs(one, other)}
    cost = {name: arm.cost_usd for name, arm in summary(comparison).arms.items()}
    same = rows["cost of self_use"]
    assert (same.unit, same.first, same.second, same.difference) == (
        "USD", cost["self_use"], cost["self_use"], 0.0,
    )  # fmt: skip
    missing = rows["cost of market"]
    assert (missing.first, missing.second, missing.difference) == (cost["market"], None, None)
    assert rows["captured of the bound"].second is None
    assert rows["worst home's gain"].unit == "USD/day"
    turned = runs.compare_runs(other, one)
    assert {(row.name, row.second, row.first) for row in turned} == {
        (row.name, row.first, row.second) for row in rows.values()
    }


def test_figures_of_a_damaged_run_are_refused(out: Path) -> None:
    (out / "sim_20170701_123005" / "summary.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(InputError, match=r"summary\.json: is not that of a run"):
        runs.figures(out, "sim_20170701_123005")
