"""A desk names uploads as their visitor does, and keeps sheet and scenario together."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.desk import Desk, plain_name
from dashboard.place import Place
from dashboard.sheet import Sheet
from dashboard.uploads import Uploads
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


def test_the_summary_of_a_run_is_turned_to(desk: Desk) -> None:
    desk.sum_up("sim_1")
    assert (desk.last.value, desk.tab.value) == ("sim_1", "summary")
