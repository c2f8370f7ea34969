"""Tariffs by name: the shipped tables by hand, and those that read or draw prices."""

from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from profiles.errors import InputError
from profiles.local_time import utc_from_local
from profiles.tariffs import catalogue
from profiles.tariffs.config import TariffConfig
from profiles.tariffs.grid_prices import GridPrices

CALIFORNIA = "America/Los_Angeles"
SUMMER, WINTER = [6, 7, 8, 9], [1, 2, 3, 4, 5, 10, 11, 12]

HOURS = 24 * 3
CSV = "ts,import_cents_per_kwh,export_cents_per_kwh\n" + "".join(
    f"2026-03-{7 + hour // 24:02}T{hour % 24:02}:00Z,{30 + hour / 10},{hour / 10}\n"
    for hour in range(HOURS)
)


def priced(config: TariffConfig, start: str, steps: int, zone: str = CALIFORNIA) -> GridPrices:
    return catalogue.load(config).grid_prices(utc_from_local(start, zone), 30, steps, zone)


def hours_of(month: int, name: str) -> list[float]:
    day = priced(TariffConfig(name=name), f"2017-{month:02}-15", 48, "-08:00")
    return list(map(float, day.import_cents_per_kwh[::2]))


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], str]:
    """Write a file and stand beside it."""
    monkeypatch.chdir(tmp_path)

    def put(name: str, content: str) -> str:
        Path(name).write_text(content, encoding="utf-8")
        return name

    return put


def refused(**knobs: object) -> str:
    with pytest.raises(InputError) as refusal:
        catalogue.load(TariffConfig.model_validate(knobs))
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


@pytest.mark.parametrize("month", SUMMER)
def test_pge_tou_c_in_summer(month: int) -> None:
    expected = [28.0] * 6 + [35.0] * 10 + [51.0] * 4 + [35.0] * 4
    assert hours_of(month, "pge_tou_c") == expected


@pytest.mark.parametrize("month", WINTER)
def test_pge_tou_c_in_winter(month: int) -> None:
    expected = [28.0] * 6 + [33.0] * 10 + [40.0] * 4 + [33.0] * 4
    assert hours_of(month, "pge_tou_c") == expected


@pytest.mark.parametrize("month", [1, 7])
def test_two_level_is_the_same_all_year(month: int) -> None:
    assert hours_of(month, "two_level") == [28.0] * 16 + [51.0] * 4 + [28.0] * 4


@pytest.mark.parametrize(
    ("name", "cheap"),
    [("pge_tou_c", [*range(12)]), ("two_level", [*range(32), *range(40, 48)])],
)
def test_the_peak_is_from_four_to_eight_and_the_cheap_hours_cost_28(
    name: str, cheap: list[int]
) -> None:
    day = priced(TariffConfig(name=name), "2017-01-15", 48, "-08:00")
    assert np.flatnonzero(day.peak).tolist() == list(range(32, 40))
    assert np.flatnonzero(day.cheap).tolist() == cheap
    assert (day.import_cents_per_kwh[day.cheap] == 28.0).all()
    assert (day.export_cents_per_kwh == 5.0).all()
    assert not day.fixed_cents.any()
    assert not day.baseline_kwh.any()


def test_the_clock_change_moves_the_peak_with_the_people() -> None:
    day = priced(TariffConfig(), "2017-03-12", 46)
    assert np.flatnonzero(day.peak).tolist() == list(range(30, 38))


def test_the_shipped_files_are_found_and_bear_their_names() -> None:
    assert catalogue.shipped() == (
        "pge_e_elec_2026",
        "pge_e_tou_c_2026",
        "pge_e_tou_d_2026",
        "pge_ev2_a_2026",
        "pge_tou_c",
        "sce_tou_d_4_9pm_2026",
        "sce_tou_d_prime_2026",
        "two_level",
    )
    assert catalogue.names() == (*catalogue.shipped(), "band", "file", "lmp")
    for name in catalogue.shipped():
        tariff = catalogue.load(TariffConfig(name=name))
        assert tariff.name == name
        assert tariff.description.endswith(".")
        content = files("profiles").joinpath("data", f"tariff_{name}.yaml").read_bytes()
        (source,) = tariff.inputs
        assert source.name == f"profiles/data/tariff_{name}.yaml"
        assert (source.bytes_count, source.sha256) == (len(content), sha256(content).hexdigest())


@pytest.mark.parametrize("name", ["pge", "", "../pge_tou_c", "PGE_TOU_C"])
def test_an_unknown_name_is_refused_and_the_known_ones_are_named(name: str) -> None:
    message = refused(name=name)
    assert message.startswith("tariff.name: must be one of pge_e_elec_2026, pge_e_tou_c_2026, ")
    assert message.endswith(f"two_level, band, file, lmp (got {name!r})")


def test_a_file_of_prices_is_a_tariff(write: Callable[[str, str], str]) -> None:
    config = TariffConfig(name="file", path=write("x.csv", CSV), fixed_cents_per_day=60)
    found = priced(config, "2026-03-08", 46)
    # Local midnight of March 8 is 08:00 UTC, the 33rd row; each hour is two steps of a day of 46.
    rows = [32 + step // 2 for step in range(46)]
    assert found.import_cents_per_kwh == pytest.approx([30 + row / 10 for row in rows])
    assert found.export_cents_per_kwh == pytest.approx([row / 10 for row in rows])
    assert found.fixed_cents == pytest.approx([60 / 46] * 46)
    (source,) = catalogue.load(config).inputs
    assert source.name == "tariff.path: x.csv"
    assert source.sha256 == sha256(CSV.encode()).hexdigest()


def test_parquet_and_csv_of_the_same_prices_are_the_same_tariff(
    write: Callable[[str, str], str],
) -> None:
    lines = [line.split(",") for line in CSV.splitlines()]
    stamps = [np.datetime64(line[0].removesuffix("Z"), "us") for line in lines[1:]]
    columns = {
        "ts_utc": pa.array(stamps, pa.timestamp("us")),
        "import_cents_per_kwh": [float(line[1]) for line in lines[1:]],
        "export_cents_per_kwh": [float(line[2]) for line in lines[1:]],
    }
    write("x.csv", CSV)
    parquet.write_table(pa.table(columns), "x.parquet")
    one, other = (
        priced(TariffConfig(name="file", path=path), "2026-03-07T12:00", 48)
        for path in ("x.csv", "x.parquet")
    )
    assert one.import_cents_per_kwh.tolist() == other.import_cents_per_kwh.tolist()
    assert one.export_cents_per_kwh.tolist() == other.export_cents_per_kwh.tolist()


def test_a_tariff_of_ones_own_has_the_form_of_the_shipped_ones(
    write: Callable[[str, str], str],
) -> None:
    data = files("profiles").joinpath("data")
    text = data.joinpath("tariff_pge_e_tou_c_2026.yaml").read_text(encoding="utf-8")
    more = text.replace("    P: {", "    X: {summer: 9.8, winter: 9.7}\n    P: {")
    path = write("mine.yaml", more.replace("name: pge_e_tou_c_2026", "name: mine"))
    shipped = priced(TariffConfig(name="pge_e_tou_c_2026"), "2026-07-01", 48)
    config = TariffConfig(name="file", path=path, baseline_territory="X", fixed_cents_per_day=10)
    mine = priced(config, "2026-07-01", 48)
    assert mine.import_cents_per_kwh.tolist() == shipped.import_cents_per_kwh.tolist()
    assert shipped.baseline_kwh.sum() == pytest.approx(13.5)
    assert mine.baseline_kwh.sum() == pytest.approx(9.8)
    assert mine.fixed_cents.sum() == pytest.approx(10.0)
    assert catalogue.load(config).name == "mine"


def test_wholesale_prices_get_an_adder(write: Callable[[str, str], str]) -> None:
    text = "ts,lmp_usd_per_mwh\n" + "".join(
        f"2026-03-08T{hour:02}:00Z,{cents}\n" for hour, cents in enumerate([-10, 20, 40, 90])
    )
    config = TariffConfig(name="lmp", path=write("x.csv", text))
    found = priced(config, "2026-03-08", 8, "UTC")
    assert found.import_cents_per_kwh[::2] == pytest.approx([22.5, 25.5, 27.5, 32.5])
    assert found.import_cents_per_kwh.mean() == pytest.approx(27.0)
    assert found.cheap[::2].tolist() == [True, False, False, False]
    assert found.peak[::2].tolist() == [False, False, False, True]


def test_exports_may_be_paid_by_the_hour(write: Callable[[str, str], str]) -> None:
    series = "ts,export_cents_per_kwh\n" + "".join(
        f"2026-03-07T{hour:02}:00-08:00,{hour * 10}\n" for hour in range(24)
    )
    config = TariffConfig(name="pge_e_elec_2026", export_path=write("x.csv", series))
    day = priced(config, "2026-03-07", 48)
    assert day.export_cents_per_kwh[::2].tolist() == [10.0 * hour for hour in range(24)]
    assert (day.export_cents_per_kwh > day.import_cents_per_kwh).any()
    names = [source.name for source in catalogue.load(config).inputs]
    assert names == ["profiles/data/tariff_pge_e_elec_2026.yaml", "tariff.export_path: x.csv"]


def test_a_table_of_export_credits_keeps_the_holidays_of_its_tariff(
    write: Callable[[str, str], str],
) -> None:
    table = "month,day_kind,hour,export_cents_per_kwh\n" + "".join(
        f"{month},{kind},{hour},{cents}\n"
        for month in range(1, 13)
        for kind, cents in (("weekdays", 4), ("weekends_and_holidays", 8))
        for hour in range(24)
    )
    write("x.csv", table)
    for name, cents in (("pge_e_elec_2026", 8.0), ("pge_tou_c", 4.0)):
        # Friday, July 3: Independence Day is observed by PG&E, and unknown to pge_tou_c.
        day = priced(TariffConfig(name=name, export_path="x.csv"), "2026-07-03", 48)
        assert (day.export_cents_per_kwh == cents).all()


def test_a_band_refuses_a_file_outside_it_or_clips_it(write: Callable[[str, str], str]) -> None:
    path = write("x.csv", CSV)
    assert refused(name="band", path=path, buy_min_cents_per_kwh=31) == (
        "x.csv:2: import_cents_per_kwh: must be from 31 to 51 (got 30.0, 10 such in all)"
    )
    assert "x.csv:2: export_cents_per_kwh: must be from 3 to 7" in refused(name="band", path=path)
    config = TariffConfig(name="band", path=path, outside_band="clip", buy_min_cents_per_kwh=31)
    found = priced(config, "2026-03-07T00:00", 2 * HOURS, "UTC")
    assert (found.import_cents_per_kwh.min(), found.export_cents_per_kwh.max()) == (31.0, 7.0)


def test_a_band_without_a_file_draws_by_the_seed() -> None:
    one, same, other = (
        catalogue.load(TariffConfig(name="band"), seed)
        .grid_prices(utc_from_local("2026-03-08", CALIFORNIA), 30, 46, CALIFORNIA)
        .import_cents_per_kwh.tolist()
        for seed in (1, 1, 2)
    )
    assert one == same != other


@pytest.mark.parametrize(
    ("knobs", "message"),
    [
        ({"path": "x.csv"}, "tariff.path: must be null for pge_tou_c (got 'x.csv')"),
        ({"node": "sp15"}, "tariff.node: must be null for pge_tou_c (got 'sp15')"),
        (
            {"name": "file"},
            "tariff.path: must be a file with prices, see docs/tariffs.md (got null)",
        ),
        (
            {"name": "lmp"},
            "tariff.path: must be a file with prices, see docs/tariffs.md (got null)",
        ),
        ({"name": "lmp", "path": "no.csv"}, "tariff.path: must be a file (got 'no.csv')"),
        ({"name": "file", "path": "a" * 999 + ".csv"}, "tariff.path: must be a file (got"),
        (
            {"name": "lmp", "path": "x.yaml"},
            "tariff.path: must end in .csv or .parquet (got 'x.yaml')",
        ),
        (
            {"name": "file", "path": "x.xls"},
            "tariff.path: must end in .csv or .parquet or .yaml or",
        ),
        ({"export_path": "no.csv"}, "tariff.export_path: must be a file (got 'no.csv')"),
        (
            {"name": "band", "export_path": "x.csv"},
            "tariff.export_path: must be null, band brings its own export prices (got 'x.csv')",
        ),
        (
            {"name": "file", "path": "x.csv", "export_path": "x.csv"},
            "tariff.export_path: must be null, file brings its own export prices (got 'x.csv')",
        ),
        (
            {"name": "pge_ev2_a_2026", "baseline_territory": "P"},
            "tariff.baseline_territory: must be null, the tariff has no baseline (got 'P')",
        ),
        (
            {"name": "pge_e_tou_c_2026", "baseline_territory": "Q"},
            "tariff.baseline_territory: must be one of P (got 'Q')",
        ),
        ({"name": "band", "baseline_territory": "P"}, "the tariff has no baseline (got 'P')"),
        ({"name": "lmp", "path": "x.csv"}, "x.csv:1: must have the column lmp_usd_per_mwh or pri"),
        ({"export_path": "x.csv"}, "x.csv:1: import_cents_per_kwh: is not a known column"),
    ],
)
def test_a_knob_that_does_not_fit_is_refused_by_its_name(
    write: Callable[[str, str], str], knobs: dict[str, object], message: str
) -> None:
    write("x.csv", CSV)
    assert message in refused(**knobs)
