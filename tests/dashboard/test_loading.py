"""Files of a visitor are read as a run reads them, and refused while they are still packed."""

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from dashboard import loading, sheet
from dashboard.live_driver import LiveDriver
from profiles.errors import FitError, InputError
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles
from profiles.recorded import write
from scenarios import fit
from scenarios.schema import Scenario

CLOCK = "America/Los_Angeles"


@pytest.fixture
def own(tmp_path: Path, three_homes: Profiles) -> Path:
    """Write the three homes to somebody's file."""
    path = tmp_path / "own.parquet"
    write.write_long(three_homes, path)
    return path


def test_homes_are_read_as_a_run_reads_them(own: Path, three_homes: Profiles) -> None:
    config, found = loading.homes(own, "", "none", 30)
    assert (config.source, config.path, config.zone) == ("file", str(own), None)
    assert np.array_equal(found.load_kwh, three_homes.load_kwh)


def test_a_glance_tells_homes_span_step_zone_and_first_rows(own: Path) -> None:
    config, found = loading.homes(own, "", "none", 30)
    seen = loading.glance_at_homes(found)
    assert seen.said[0] == "3 homes: 2, 5, 9; 2 with panels"
    assert seen.said[1] == f"2017-06-05 00:00 to 2017-06-25 00:00, {CLOCK}"
    assert seen.said[2].startswith("960 steps of 30 minutes; ")
    assert len(seen.rows) == 8
    load = found.load_kwh
    assert seen.rows[0] == ("2017-06-05 00:00", "2", f"{load[0, 0]:.3f}", "0.000")
    assert seen.rows[4][:3] == ("2017-06-05 00:30", "5", f"{load[1, 1]:.3f}")
    assert config.fill == "none"


def test_stamps_without_a_clock_need_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"2017-07-{d:02} {h:02}:00,1,0.5" for d in range(1, 4) for h in range(24)]
    path.write_text("\n".join(["ts,home,load_kwh", *rows]), encoding="utf-8")
    with pytest.raises(FitError, match="have no zone"):
        loading.homes(path, "", "none", 60)
    assert loading.homes(path, CLOCK, "none", 60)[1].zone == CLOCK
    with pytest.raises(InputError, match="must be an IANA name"):
        loading.homes(path, "Mars/Crater", "none", 60)


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("a.parquet", b"PAR1 this is none", "is not a whole Parquet file"),
        ("a.parquet", b"PK\3\4", "is not a whole Parquet file"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"ts,home,load_kwh\n2017-07-01 00:00,<b>1</b>,0.5\n", "a.csv:2: home"),
        ("a.csv", b"ts,home,load_kwh\n2017-07-01 00:00,1,n/a\n", "a.csv:2: load_kwh"),
        ("a.csv", b"ts,home,load_kwh\n\0", "is not text (a zero byte)"),
        ("a.csv", b"ts,<script>alert(1)</script>\n1,2\n", "is not a known column"),
    ],
)
def test_what_is_no_meter_data_is_refused_with_its_place(
    tmp_path: Path, name: str, content: bytes, refusal: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as error:
        loading.homes(path, CLOCK, "none", 30)
    assert refusal in str(error.value)
    assert "\n" not in str(error.value)


def _packed(path: Path, rows_count: int, **columns: pa.Array) -> None:
    parquet.write_table(pa.table(columns), path, compression="zstd")
    assert path.stat().st_size < 2_000_000, rows_count


def test_too_many_rows_are_refused_before_any_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = loading.HOME_STEPS_MAX + 1
    zeros = pa.array(np.zeros(count))
    long, wide = tmp_path / "long.parquet", tmp_path / "wide.parquet"
    whole = pa.array(np.zeros(count, np.int64))
    _packed(long, count, ts=whole.cast(pa.timestamp("s")), home=whole, load_kwh=zeros)
    some = pa.array(np.zeros(count // 2 + 1))
    stamps = pa.array(np.zeros(count // 2 + 1, np.int64)).cast(pa.timestamp("s"))
    _packed(wide, count, ts=stamps, load_kwh_1=some, load_kwh_2=some, pv_kwh_1=some)
    monkeypatch.setattr(parquet.ParquetFile, "read", lambda *_, **__: pytest.fail("was unpacked"))
    for path in (long, wide):
        with pytest.raises(InputError, match="must hold at most 5000000 home-steps"):
            loading.homes(path, CLOCK, "none", 30)


@pytest.mark.parametrize("knob", ["profiles.path", "grid.capacity_path", "carbon.path"])
def test_files_that_knobs_name_are_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knob: str
) -> None:
    path, (section, name) = tmp_path / "many.csv", knob.split(".")
    path.write_text("timestep\n" + "0\n" * 10, encoding="utf-8")
    named = {name: str(path)} | ({"source": "file"} if section == "profiles" else {})
    part = getattr(Scenario(), section).model_copy(update=named)
    scenario = Scenario().model_copy(update={section: part})
    loading.check_sizes(scenario)
    monkeypatch.setattr(loading, "HOME_STEPS_MAX", 9)
    for check in (loading.check_sizes, sheet.check, _live):
        with pytest.raises(InputError, match=r"many\.csv: must hold at most 9 home-steps"):
            check(scenario)


def _live(scenario: Scenario) -> None:
    driver = LiveDriver(lambda *_: None, lambda _: None, lambda _: None)
    with ExitStack() as stack:
        driver._live(scenario, Path("never"), stack)


def test_a_small_file_that_unpacks_to_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.parquet"
    text = pa.array(["x" * 1_000_000] * 4)
    parquet.write_table(
        pa.table({"ts": text, "home": pa.array([1] * 4), "load_kwh": pa.array([1.0] * 4)}),
        path,
        compression="zstd",
        use_dictionary=False,
    )
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(loading, "UNPACKED_BYTES_MAX", 1_000_000)
    with pytest.raises(InputError, match=r"must unpack to at most 1 MB \(got 4\)"):
        loading.homes(path, CLOCK, "none", 30)


def test_capacity_is_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "grid.csv"
    GridCapacity.constant(50.0, 40.0, 96).save(path)
    seen = loading.glance_at_capacity(loading.capacity(path), 30)
    assert seen.said == (
        "96 steps, 2.0 days of 30 minutes each",
        "import 50.0 to 50.0 kW, export 40.0 to 40.0 kW",
    )
    assert seen.rows[1] == ("1", "50.0", "40.0")


def test_capacity_takes_the_place_of_constants() -> None:
    grid = Scenario().grid.model_copy(update={"community_import_kw_max": 30.0})
    limited = Scenario().model_copy(update={"grid": grid})
    changed = loading.with_capacity(limited, "/there/grid.csv")
    assert changed.grid.capacity_path == "/there/grid.csv"
    assert changed.grid.community_import_kw_max is None
    assert Scenario.model_validate(changed.model_dump(mode="json"), strict=False) == changed


def test_a_scenario_takes_other_homes_with_what_has_to_change(own: Path) -> None:
    mixed = Scenario.load("fontana_mixed")
    changed, said = loading.with_homes(mixed, *loading.homes(own, "", "none", 30))
    assert changed.profiles.path == str(own)
    assert (changed.homes.without_pv, changed.run.days) == ((), 5)
    assert changed.run.start == "2017-06-20 00:00"  # 15 days of history come first
    assert said == ["all its homes take part", "it runs 5 days from 2017-06-20 00:00"]
    fit.check(changed, fit.read_profiles(changed))


def test_a_scenario_that_fits_keeps_its_homes_and_days(own: Path) -> None:
    config, profiles = loading.homes(own, "", "none", 30)
    run = Scenario().run.model_copy(update={"start": "2017-06-21", "days": 2})
    homes = Scenario().homes.model_copy(update={"without_pv": (5,)})
    changed, said = loading.with_homes(
        Scenario().model_copy(update={"run": run, "homes": homes}), config, profiles
    )
    assert (changed.run, changed.homes, said) == (run, homes, [])
