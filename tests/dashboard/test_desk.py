"""A desk names uploads as their visitor does, and keeps sheet and scenario together."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.desk import BUNDLED, Desk, plain_name
from dashboard.place import Place
from dashboard.sheet import Sheet
from dashboard.uploads import Uploads
from model.checks import LawError
from profiles.errors import FitError, InputError
from scenarios.schema import Scenario


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Set a desk up on an empty folder."""
    with Uploads() as uploads:
        yield Desk(Place(tmp_path, uploads))


def _upload(desk: Desk, name: str) -> Path:
    token = desk.place.uploads.make(".csv", lambda path: path.write_text("") and None)
    return desk.brought(name, token)


def test_files_of_one_name_are_told_apart(desk: Desk) -> None:
    paths = [_upload(desk, "homes.csv") for _ in range(3)]
    shown = [desk.names.value[str(path)] for path in paths]
    assert shown == ["homes.csv", "homes (2).csv", "homes (3).csv"]
    assert desk.without_paths(f"{paths[1]}:3: load_kwh: no") == "homes (2).csv:3: load_kwh: no"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\me\\homes.csv", "homes.csv"),
        ("a\0b\n.csv", "ab.csv"),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
        ("x" * 300 + ".csv", "x" * 60 + ".csv"),
        ("", "file.csv"),
        ("/", "file.csv"),
    ],
)
def test_a_name_is_a_plain_line(name: str, shown: str) -> None:
    assert plain_name(name) == shown


def test_an_unknown_token_is_no_file(desk: Desk) -> None:
    with pytest.raises(InputError, match="is not here any more"):
        desk.brought("homes.csv", "../../etc/passwd")
    assert desk.names.value == {}


def test_what_is_typed_is_what_the_next_run_lives(desk: Desk) -> None:
    typed = Sheet(Scenario()).with_typed("run.days", "2", {})
    desk.put(typed.with_typed("battery.capacity_kwh", "-1", {}))
    assert desk.scenario.value.run.days == 2
    assert desk.sheet.value.typed == {"battery.capacity_kwh": "-1"}


def test_what_the_data_refuses_is_shown_at_its_knob(desk: Desk) -> None:
    desk.tell(FitError("run.days", "must be at most 3 (got 7)"))
    assert desk.sheet.value.faults == {"run.days": "must be at most 3 (got 7)"}
    assert desk.trouble.value == "run.days: must be at most 3 (got 7)"


def test_only_whole_paths_are_taken_out_of_what_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folders with the shortest names, and a file that is named like the folder."""
    (tmp_path / "results").mkdir()
    monkeypatch.chdir(tmp_path)
    for folder, text in (
        (Path(), "load.csv:3: load_kwh: must be a number (got 'n.a.')"),
        (Path("results"), "results.csv:3: ts: results must rise"),
        (Path("results"), "saved 3 USD/day in results"),
    ):
        with Uploads() as uploads:
            assert Desk(Place(folder, uploads)).without_paths(text) == text


def test_no_folder_above_is_told(desk: Desk, tmp_path: Path) -> None:
    told = {
        f"--out {tmp_path}: must be writable ({tmp_path.parent}: Permission denied)": (
            "--out the folder of runs: must be writable (a folder above it: Permission denied)"
        ),
        f"{tmp_path}/sim_1/DONE: is missing": "sim_1/DONE: is missing",
        f"{tmp_path}: no such folder.": "the folder of runs: no such folder.",
        f"'{tmp_path.parent}/other/a.csv' is none": "'other/a.csv' is none",
        f"{tmp_path}-2: kept": f"{tmp_path.name}-2: kept",
    }
    for text, shown in told.items():
        assert desk.without_paths(text) == shown


def test_a_folder_of_runs_is_known_in_full_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Uploads() as uploads:
        assert Desk(Place(Path("later"), uploads)).folder.value == tmp_path.resolve() / "later"


def test_a_broken_law_and_a_refusal_are_told_and_nothing_else(desk: Desk, tmp_path: Path) -> None:
    for error, told in (
        (InputError(f"{tmp_path}/a: no"), "a: no"),
        (LawError("energy: 3 kWh"), "a law was broken: energy: 3 kWh"),
        (OSError(2, "No such file", "/machine/x"), "Something went wrong here."),
        (KeyError("/machine/x"), "Something went wrong here."),
    ):
        desk.tell(error)
        assert str(desk.trouble.value).startswith(told)
        assert "machine" not in str(desk.trouble.value)


def test_a_run_that_was_saved_elsewhere_is_not_the_last_one_here(
    desk: Desk, tmp_path: Path
) -> None:
    desk.go_to(tmp_path / "other")
    desk.finished(tmp_path / "sim_1")
    assert (desk.last.value, desk.saved.value) == (None, 1)
    desk.go_to(tmp_path)
    desk.finished(tmp_path / "sim_2")
    assert desk.last.value == "sim_2"
    desk.go_to(tmp_path)  # as it is already
    assert desk.last.value == "sim_2"


def test_a_pack_is_the_bundled_run_or_a_saved_one(desk: Desk, tmp_path: Path) -> None:
    token = desk.pack(tmp_path, None)
    assert gzip.decompress(desk.place.packs.get(token) or b"") == BUNDLED.read_bytes()
    with pytest.raises(InputError, match="run: must be one of those that are listed"):
        desk.pack(tmp_path, "sim_1")


def test_the_summary_of_a_run_is_turned_to(desk: Desk) -> None:
    desk.sum_up("sim_1")
    assert (desk.last.value, desk.tab.value) == ("sim_1", "summary")
