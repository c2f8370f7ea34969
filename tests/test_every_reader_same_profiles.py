"""The same readings through every format: the same arrays bit by bit, the same results."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from profiles import fontana
from profiles.config import ProfilesConfig
from profiles.local_time import local_stamp
from profiles.profiles import Profiles
from profiles.recorded import reader
from profiles.recorded.write import write_long
from scenarios import fit, store
from scenarios.compare import compare
from scenarios.load import load

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001, names a folder
FIRST_HOUR, HOURS = 319 * 24, 17 * 24  # 2017-06-16 to 2017-07-02
SHORT = ("forecast.samples_count=2", "forecast.horizon_hours=12", "run.days=1")
ZONED, BARE = "-08:00", ""

Writer = Callable[[Profiles, Path], Path]


def _part(step_minutes: int) -> Profiles:
    """Cut some days out of the shipped year."""
    year = fontana.read(step_minutes)
    per_hour = 60 // step_minutes
    rows = slice(FIRST_HOUR * per_hour, (FIRST_HOUR + HOURS) * per_hour)
    start_utc = year.start_utc + np.timedelta64(FIRST_HOUR * 3600, "s")
    return replace(
        year, start_utc=start_utc, load_kwh=year.load_kwh[rows], pv_kwh=year.pv_kwh[rows]
    )


def _stamps(profiles: Profiles, end: str, between: str = "T") -> list[str]:
    hour = np.timedelta64(3600, "s")
    starts = [profiles.start_utc + t * hour for t in range(profiles.steps_count)]
    return [local_stamp(t, profiles.zone).replace(" ", between) + end for t in starts]


def _lines(head: str, rows: Iterable[Iterable[object]], path: Path, end: str = "\n") -> Path:
    lines = [head, *(",".join(map(str, row)) for row in rows)]
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def _long_rows(profiles: Profiles, end: str) -> list[tuple[object, ...]]:
    return [
        (stamp, home, repr(load), repr(pv))
        for stamp, loads, pvs in zip(
            _stamps(profiles, end),
            profiles.load_kwh.tolist(),
            profiles.pv_kwh.tolist(),
            strict=True,
        )
        for home, load, pv in zip(profiles.home_ids.tolist(), loads, pvs, strict=True)
    ]


def _long_csv(end: str, *, shuffled: bool = False, line_end: str = "\n") -> Writer:
    def write(profiles: Profiles, folder: Path) -> Path:
        rows = _long_rows(profiles, end)
        if shuffled:
            random.Random(5).shuffle(rows)  # noqa: S311, any order will do
        head = "ts,home,load_kwh,pv_kwh"
        return _lines(head, rows, folder / "long.csv", line_end)

    return write


def _written(suffix: str) -> Writer:
    def write(profiles: Profiles, folder: Path) -> Path:
        write_long(profiles, folder / f"written.{suffix}")
        return folder / f"written.{suffix}"

    return write


def _wide_csv(end: str, *, shuffled: bool = False) -> Writer:
    def write(profiles: Profiles, folder: Path) -> Path:
        columns = [("ts", _stamps(profiles, end, " "))]
        for column, home in enumerate(profiles.home_ids.tolist()):
            columns.append((f"load_kwh_{home}", profiles.load_kwh[:, column].tolist()))
            columns.append((f"pv_kwh_{home}", profiles.pv_kwh[:, column].tolist()))
        if shuffled:
            random.Random(6).shuffle(columns)  # noqa: S311, any order will do
        names, values = zip(*columns, strict=True)
        rows = list(zip(*values, strict=True))
        if shuffled:
            random.Random(7).shuffle(rows)  # noqa: S311, any order will do
        return _lines(",".join(names), rows, folder / "wide.csv")

    return write


def _folder_csv(end: str, name: str) -> Writer:
    def write(profiles: Profiles, folder: Path) -> Path:
        (folder / "homes").mkdir()
        stamps = _stamps(profiles, end)
        for column, home in enumerate(profiles.home_ids.tolist()):
            load, pv = profiles.load_kwh[:, column].tolist(), profiles.pv_kwh[:, column].tolist()
            path = folder / "homes" / name.format(home)
            _lines("pv_kwh,ts,load_kwh", zip(pv, stamps, load, strict=True), path)
        return folder / "homes"

    return write


def _times(profiles: Profiles, zone: str | None) -> pa.Array:
    hours = np.arange(profiles.steps_count) * np.timedelta64(3600, "s")
    starts = profiles.start_utc + hours - np.timedelta64(0 if zone else 8 * 3600, "s")
    return pa.array(starts).cast(pa.timestamp("us", zone))


def _wide_parquet(zone: str | None) -> Writer:
    def write(profiles: Profiles, folder: Path) -> Path:
        table = {"ts": _times(profiles, zone)}
        for column, home in enumerate(profiles.home_ids.tolist()):
            table[f"pv_kwh_{home}"] = pa.array(profiles.pv_kwh[:, column].copy())
            table[f"load_kwh_{home}"] = pa.array(profiles.load_kwh[:, column].copy())
        parquet.write_table(pa.table(table), folder / "wide.parquet")
        return folder / "wide.parquet"

    return write


def _long_parquet(profiles: Profiles, folder: Path) -> Path:
    """Text stamps without a zone, small ids, homes one after the other."""
    count = profiles.homes_count
    table = {
        "ts": pa.array(_stamps(profiles, BARE) * count),
        "home": pa.array(np.repeat(profiles.home_ids, profiles.steps_count), pa.int8()),
        "load_kwh": pa.array(profiles.load_kwh.T.ravel()),
        "pv_kwh": pa.array(profiles.pv_kwh.T.ravel()),
    }
    parquet.write_table(pa.table(table), folder / "long.parquet", row_group_size=1000)
    return folder / "long.parquet"


def _folder_parquet(profiles: Profiles, folder: Path) -> Path:
    (folder / "homes").mkdir()
    for column, home in enumerate(profiles.home_ids.tolist()):
        table = {
            "ts": _times(profiles, "UTC"),
            "load_kwh": pa.array(profiles.load_kwh[:, column].copy()),
            "pv_kwh": pa.array(profiles.pv_kwh[:, column].copy()),
        }
        parquet.write_table(pa.table(table), folder / "homes" / f"home_{home}.parquet")
    return folder / "homes"


# Every format, and the clock where the stamps do not tell it.
FORMATS: dict[str, tuple[Writer, str | None]] = {
    "written long csv": (_written("csv"), None),
    "written long parquet": (_written("parquet"), None),
    "long csv, zoned": (_long_csv(ZONED), None),
    "long csv, no zone": (_long_csv(BARE), ZONED),
    "long csv, shuffled": (_long_csv(ZONED, shuffled=True), None),
    "long csv, no zone, shuffled": (_long_csv(BARE, shuffled=True), ZONED),
    "long csv of another system": (_long_csv(":00-0800", line_end="\r\n"), None),
    "wide csv, zoned": (_wide_csv(ZONED), None),
    "wide csv, no zone": (_wide_csv(BARE), ZONED),
    "wide csv, shuffled": (_wide_csv(ZONED, shuffled=True), None),
    "long parquet, no zone": (_long_parquet, ZONED),
    "wide parquet, zoned": (_wide_parquet(ZONED), None),
    "wide parquet, UTC": (_wide_parquet("UTC"), ZONED),
    "wide parquet, no zone": (_wide_parquet(None), ZONED),
    "folder of csv": (_folder_csv(ZONED, "{}.csv"), None),
    "folder of csv, no zone": (_folder_csv(BARE, "home_{}.csv"), ZONED),
    "folder of parquet": (_folder_parquet, ZONED),
}


def _through(name: str, folder: Path, step_minutes: int) -> Profiles:
    write, zone = FORMATS[name]
    path = write(_part(60), folder)
    return reader.read(ProfilesConfig(source="file", path=str(path), zone=zone), step_minutes)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("step_minutes", [15, 30, 60])
def test_the_readings_of_fontana_come_through_every_format_bit_by_bit(
    tmp_path: Path, name: str, step_minutes: int
) -> None:
    found, expected = _through(name, tmp_path, step_minutes), _part(step_minutes)
    assert found.load_kwh.tobytes() == np.ascontiguousarray(expected.load_kwh).tobytes()
    assert found.pv_kwh.tobytes() == np.ascontiguousarray(expected.pv_kwh).tobytes()
    assert found.home_ids.tolist() == expected.home_ids.tolist()
    assert (found.start_utc, found.zone) == (expected.start_utc, expected.zone)
    assert found.origin.resampling == expected.origin.resampling


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_whole_year_comes_back(tmp_path: Path, suffix: str) -> None:
    path = _written(suffix)(fontana.read(60), tmp_path)
    found = reader.read(ProfilesConfig(source="file", path=str(path)), 30)
    expected = fontana.read(30)
    assert found.load_kwh.tobytes() == expected.load_kwh.tobytes()
    assert found.pv_kwh.tobytes() == expected.pv_kwh.tobytes()
    assert found.start_utc == expected.start_utc


def _results(profiles: Profiles, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Run the same scenario on profiles that were read in some way."""
    scenario = load("fontana_mixed", SHORT)
    monkeypatch.setattr(fit, "read_profiles", lambda *_: profiles)
    saved = store.save(compare(scenario, ["self_use", "market"]), folder, now=NOON)
    return {path.name: path.read_bytes() for path in saved.iterdir()}


@pytest.fixture(scope="module")
def expected_results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Run on what the reader of the shipped file gives."""
    with pytest.MonkeyPatch.context() as patch:
        return _results(_part(30), tmp_path_factory.mktemp("expected"), patch)


@pytest.mark.parametrize(
    "name", ["long csv, shuffled", "wide csv, no zone", "wide parquet, UTC", "folder of csv"]
)
def test_results_are_the_same_bytes_whatever_the_format(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expected_results: dict[str, bytes],
    name: str,
) -> None:
    found = _results(_through(name, tmp_path, 30), tmp_path / "out", monkeypatch)
    assert found.keys() == expected_results.keys()
    differing = {each for each in found if found[each] != expected_results[each]}
    assert differing == {"manifest.json", "DONE"}, "they name the files that were read"
    assert b"ledger.bin" in found["manifest.json"]


def test_quarter_hours_and_their_sums_give_the_same_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = _part(15)
    rng = np.random.default_rng(11)
    quarters = part.load_kwh * rng.uniform(0.5, 1.5, part.load_kwh.shape)
    sums = quarters[0::2] + quarters[1::2]
    pv_sums = part.pv_kwh[0::2] + part.pv_kwh[1::2]
    write_long(replace(part, load_kwh=quarters), tmp_path / "15.csv")
    write_long(replace(part, step_minutes=30, load_kwh=sums, pv_kwh=pv_sums), tmp_path / "30.csv")
    found = {}
    for minutes in (15, 30):
        config = ProfilesConfig(source="file", path=str(tmp_path / f"{minutes}.csv"))
        profiles = reader.read(config, 30)
        assert f"metered every {minutes} minutes" in profiles.origin.resampling
        found[minutes] = _results(profiles, tmp_path / f"out{minutes}", monkeypatch)
    for name in ("summary.json", "ledger.bin", "steps.parquet", "optimized_results.csv"):
        assert found[15][name] == found[30][name]


def test_a_scenario_of_its_own_runs_on_a_file(tmp_path: Path) -> None:
    path = _long_csv(BARE)(_part(60), tmp_path)
    text = f"base: fontana_mixed\nprofiles: {{source: file, path: {path.name}, zone: '-08:00'}}\n"
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    scenario = load(str(tmp_path / "own.yaml"), SHORT)
    own, shipped = (
        compare(scenario, ["self_use"]),
        compare(load("fontana_mixed", SHORT), ["self_use"]),
    )
    for name, column in shipped.arms["self_use"].steps.items():
        assert own.arms["self_use"].steps[name].tobytes() == column.tobytes()
    other = _long_parquet(_part(60), tmp_path).name  # the same readings under another name
    knobs = (f"profiles.path={tmp_path / other}", "name=other", *SHORT)
    again = compare(load(str(tmp_path / "own.yaml"), knobs), ["self_use"])
    assert again.arms["self_use"].ledger == own.arms["self_use"].ledger
    saved = store.save(own, tmp_path / "out", now=NOON)
    assert store.verify(saved) == []
    assert load(str(saved / "params.json")) == scenario
