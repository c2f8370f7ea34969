"""What a visitor lets be generated is what the command line generates, and is bounded."""

from collections.abc import Iterator

import numpy as np
import pytest

from dashboard import making
from dashboard.making import FieldError
from dashboard.uploads import Uploads
from profiles.errors import InputError
from profiles.grid_capacity import GridCapacity
from scenarios import generate
from scenarios.schema import Scenario

TYPED = {"homes": "2", "days": "17", "start": "2017-07-01", "seed": "3"}
SHAPE = {name: first for name, (_, _, first, _) in making.SHAPE.items()}


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    """Make a place for files."""
    with Uploads() as found:
        yield found


def test_homes_are_those_of_the_command_line(uploads: Uploads) -> None:
    options: dict[str, object] = {"--homes": 2, "--days": 17, "--start": "2017-07-01", "--seed": 3}
    typed = generate.typed("synthetic", [], options)  # type: ignore[arg-type]
    scenario = making.homes_scenario(Scenario.load("fontana_mixed"), TYPED)
    profiles, made = making.homes(scenario, "Parquet", uploads)
    assert np.array_equal(profiles.load_kwh, generate.homes(typed).load_kwh)
    assert made.name == "homes.parquet"
    assert made.said.startswith(f"2 homes, {2 * 17 * 48} rows, ")
    assert uploads.path(made.token).read_bytes()[:4] == b"PAR1"


def test_capacity_is_that_of_the_command_line(uploads: Uploads) -> None:
    found, made = making.capacity(SHAPE, 30, "CSV", uploads)
    expected = GridCapacity.generate(336, 50.0, 40.0, 0.5, 0.1, 0, step_minutes=30)
    assert np.array_equal(found.import_capacity_kw, expected.import_capacity_kw)
    written = GridCapacity.from_file(uploads.path(made.token))
    assert np.array_equal(written.export_capacity_kw, expected.export_capacity_kw)
    assert (made.name, made.said) == ("grid_capacity.csv", "336 steps")


@pytest.mark.parametrize(
    ("field", "text", "limit"),
    [
        ("homes", "0", "must be at least 1 (got 0)"),
        ("homes", "many", "must be a whole number (got 'many')"),
        ("homes", "589", "must be at most 588 for 17 days here (got 589)"),
        ("days", "4000", "must be at most 3660 (got 4000)"),
        ("days", "2.5", "must be a whole number (got 2.5)"),
        ("start", "July", "must be a date like 2017-07-18 (got 'July')"),
        ("seed", "-1", "must be at least 0 (got -1)"),
        ("seed", "007", "write a number without leading zeros, or in quotes (got 007)"),
    ],
)
def test_homes_that_cannot_be_are_refused_at_their_field(field: str, text: str, limit: str) -> None:
    with pytest.raises(FieldError) as error:
        making.homes_scenario(Scenario(), TYPED | {field: text})
    assert (error.value.field, str(error.value)) == (field, limit)


@pytest.mark.parametrize(
    ("field", "text", "limit"),
    [
        ("steps", "0", "must be from 1 to 200000 here (got 0)"),
        ("steps", "200001", "must be from 1 to 200000 here (got 200001)"),
        ("steps", "1.5", "must be a whole number (got '1.5')"),
        ("base_import_kw", "-1", "must be from 0 to 1e+09 (got -1)"),
        ("base_export_kw", "x", "must be a number (got 'x')"),
        ("peak_reduction", "2", "must be from 0 to 1 (got 2)"),
        ("noise_std", "11", "must be from 0 to 10 (got 11)"),
        ("noise_std", "true", "must be a number (got 'true')"),
        ("seed", "-1", "must be at least 0 (got -1)"),
    ],
)
def test_capacity_that_cannot_be_is_refused_at_its_field(
    field: str, text: str, limit: str, uploads: Uploads
) -> None:
    with pytest.raises(FieldError) as error:
        making.capacity(SHAPE | {field: text}, 30, "CSV", uploads)
    assert (error.value.field, str(error.value)) == (field, limit)


def test_a_disk_that_is_full_is_told_in_a_line(
    uploads: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/machine/7a.csv")

    monkeypatch.setattr(GridCapacity, "save", full)
    with pytest.raises(InputError) as refused:
        making.capacity(SHAPE, 30, "CSV", uploads)
    assert str(refused.value) == "file: cannot be written (No space left on device)"
