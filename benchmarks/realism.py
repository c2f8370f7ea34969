"""Generated homes beside measured ones, as the tables of `docs/synthetic.md`.

Run with ``python -m benchmarks.realism FOLDER [homes]``. The folder holds the measurements:
`manyhomes` (Low Carbon London), `fontana`, and `appliances` (CoSSMic Konstanz, REFIT and UK-DALE,
UCI Sceaux, charging sessions of Norway). The generated year has the default climate.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from profiles.arrays import Floats
from profiles.config import SyntheticConfig
from profiles.profiles import Profiles
from profiles.synthetic.generator import APPLIANCES, generate

HOMES_COUNT = 300


@dataclass(frozen=True, slots=True, eq=False)
class Meters:
    """What the meters of some homes read."""

    name: str
    step_hours: float
    hour: Floats  # (T,) of the local clock, with its part of an hour
    month: Floats  # (T,)
    kwh: Floats  # (T, n) per step, NaN where nothing was read


def _meters(name: str, step_hours: float, table: pd.DataFrame) -> Meters:
    """Take a table of homes by local time."""
    clock = pd.DatetimeIndex(table.index)
    hour = np.asarray(clock.hour + clock.minute / 60.0)
    return Meters(name, step_hours, hour, np.asarray(clock.month), table.to_numpy(np.float64))


def london(folder: Path) -> Meters:
    """Read the homes of London with a whole year; stamps are UTC."""
    known = pd.read_csv(folder / "manyhomes" / "homes.csv")
    table = pd.read_parquet(folder / "manyhomes" / "lcl_2013_30min.parquet").set_index("ts")
    table = table[known.loc[known["quality"] == "ok", "home"]]
    table.index = pd.DatetimeIndex(table.index, tz="UTC").tz_convert("Europe/London")
    return _meters("London, 2013", 0.5, table)


def fontana(folder: Path) -> Meters:
    """Read the homes of Fontana, whose stamps are clock time."""
    table = pd.read_parquet(folder / "fontana" / "homes_hourly.parquet")
    by_home = table.pivot_table(index="ts", columns="home", values="load_kwh")
    return _meters("Fontana, 2016-17", 1.0, by_home)


def konstanz(folder: Path) -> pd.DataFrame:
    """Read the homes of Konstanz, device by device, by the local clock."""
    table = pd.read_parquet(folder / "appliances" / "cossmic_hourly.parquet")
    table["ts"] = pd.DatetimeIndex(table["ts"], tz="UTC").tz_convert("Europe/Berlin")
    return table


def british(folder: Path) -> pd.DataFrame:
    """Read the homes of REFIT and UK-DALE, device by device, by the clock of the copy."""
    return pd.read_parquet(folder / "appliances" / "refit_ukdale_30min.parquet")


def sceaux(folder: Path) -> pd.DataFrame:
    """Read the home of Sceaux, by the clock of the source."""
    return pd.read_parquet(folder / "appliances" / "uci_sceaux_2008_30min.parquet")


def ours(profiles: Profiles, step_minutes: int) -> Meters:
    """Take generated homes in steps of 30 minutes, or added up to 60."""
    parts = step_minutes // profiles.step_minutes
    local = profiles.local_time()
    kwh = profiles.load_kwh.reshape(-1, parts, profiles.homes_count).sum(axis=1)
    hour = local.minute[::parts] / 60.0
    return Meters("**ours**", step_minutes / 60.0, hour, local.month[::parts].astype(float), kwh)


def day_shape(meters: Meters) -> Floats:
    """Mean power of a home by hour of the local clock, relative to the mean, shape (24,)."""
    with np.errstate(invalid="ignore"):
        read = np.isfinite(meters.kwh)
        community_kwh = np.nansum(meters.kwh, axis=1) / read.sum(axis=1)
    by_hour = [np.nanmean(community_kwh[np.floor(meters.hour) == hour]) for hour in range(24)]
    return np.array(by_hour) / np.mean(by_hour)


def row(meters: Meters, against: Floats) -> str:
    """Write the figures of some homes as a row of the first table."""
    daily_kwh = np.nanmean(meters.kwh, axis=0) * 24.0 / meters.step_hours
    peak_kw = np.nanmax(meters.kwh, axis=0) / meters.step_hours
    factor = daily_kwh / 24.0 / peak_kw
    shape = day_shape(meters)
    evening = int(np.argmax(np.where(np.arange(24) >= 15, shape, 0.0)))
    low, high = np.percentile(daily_kwh, [10, 90])
    return (
        f"| {meters.name} | {meters.kwh.shape[1]} | {60 * meters.step_hours:.0f} | "
        f"{daily_kwh.mean():.1f} ({low:.1f}..{high:.1f}) | {np.median(peak_kw):.1f} | "
        f"{np.median(factor):.3f} | {evening}:00 | {shape[evening]:.2f} | {shape[3:5].mean():.2f} "
        f"| {np.corrcoef(shape, against)[0, 1]:.2f} |"
    )


def homes_table(measured: list[Meters], generated: list[Meters]) -> list[str]:
    """Compare daily energy, peaks and the shape of the day."""
    title = (
        "| homes | n | step, min | kWh a day, mean (p10..p90) | highest step, kW | load factor | "
        "evening peak | over the mean | 3 to 5 h over the mean | shape against ours |"
    )
    lines = [title, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for meters in measured + generated:
        against = next(each for each in generated if each.step_hours == meters.step_hours)
        lines.append(row(meters, day_shape(against)))
    return lines


def months_table(theirs: Meters, mine: Meters) -> list[str]:
    """Compare the energy of a day by month."""
    lines = ["| month | " + " | ".join(map(str, range(1, 13))) + " |", "|---|" + "---:|" * 12]
    for meters in (theirs, mine):
        cells = [
            f"{np.nanmean(meters.kwh[meters.month == month]) * 24 / meters.step_hours:.0f}"
            for month in range(1, 13)
        ]
        lines.append(f"| {meters.name} | " + " | ".join(cells) + " |")
    return lines


def _device(table: pd.DataFrame, column: str, total: str, step_hours: float) -> str:
    """Write what a device uses in each home that has it: kWh a day and share of the load."""
    cells = []
    for _, home in table.groupby("home"):
        read = home.dropna(subset=[column])
        if read[column].sum() <= 0.0:
            continue
        daily_kwh = read[column].mean() * 24.0 / step_hours
        both = home.dropna(subset=[column, total])
        used_kwh = both[total].sum()
        share = f" ({100 * both[column].sum() / used_kwh:.0f} %)" if used_kwh > 0.0 else ""
        cells.append(f"{daily_kwh:.2f}{share}")
    return ", ".join(cells) or "-"


def appliances_table(folder: Path, profiles: Profiles) -> list[str]:
    """Compare the energy of appliances, in the homes that have them."""
    german, uk, paris = konstanz(folder), british(folder), sceaux(folder).assign(home="sceaux")
    german["cold"] = german["refrigerator"].add(german["freezer"], fill_value=0.0)
    theirs = {
        "fridge": f"Konstanz, with freezer {_device(german, 'cold', 'total', 1.0)}",
        "washing_machine": f"Konstanz {_device(german, 'washing_machine', 'total', 1.0)}; "
        f"UK {_device(uk, 'washing_machine', 'total', 0.5)}",
        "dishwasher": f"Konstanz {_device(german, 'dishwasher', 'total', 1.0)}; "
        f"UK {_device(uk, 'dishwasher', 'total', 0.5)}",
        "ev_charging": f"Konstanz {_device(german, 'ev_charging', 'total', 1.0)}",
        "water_heater": "Sceaux, with a little air conditioning "
        f"{_device(paris, 'waterheater_ac_kwh', 'total_kwh', 0.5)}",
    }
    days = profiles.steps_count / profiles.steps_per_day
    load_kwh = profiles.load_kwh.sum()
    title = (
        "| appliance | ours: homes with it | kWh a day there, mean (p10..p90) | of all load | "
        "measured, kWh a day of each home (of its load) |"
    )
    lines = [title, "|---|---:|---:|---:|---|"]
    for name in APPLIANCES:
        daily_kwh = profiles.appliances_kwh[name].sum(axis=0) / days
        there = daily_kwh[daily_kwh > 0.0]
        low, high = np.percentile(there, [10, 90])
        share = profiles.appliances_kwh[name].sum() / load_kwh
        lines.append(
            f"| `{name}` | {100 * there.size / daily_kwh.size:.0f} % | {there.mean():.2f} "
            f"({low:.2f}..{high:.2f}) | {100 * share:.1f} % | {theirs.get(name, '-')} |"
        )
    return lines


def _sessions(profiles: Profiles) -> tuple[Floats, Floats, float]:
    """Find energy and hour of day at the start of our sessions, and how many a car has a week."""
    kwh = profiles.appliances_kwh["ev_charging"]
    hour = profiles.local_time().minute / 60.0
    energies, hours, cars = [], [], np.flatnonzero(kwh.sum(axis=0) > 0.0)
    for car in cars:
        on = np.flatnonzero(kwh[:, car] > 0.0)
        first = np.flatnonzero(np.diff(on, prepend=-2) > 1)
        energies += np.add.reduceat(kwh[on, car], first).tolist()
        hours += hour[on[first]].tolist()
    weeks = profiles.steps_count / profiles.steps_per_day / 7.0
    return np.array(energies), np.array(hours), len(energies) / weeks / cars.size


def cars_table(folder: Path, profiles: Profiles) -> list[str]:
    """Compare charging sessions with those of Norwegian homes."""
    theirs = pd.read_parquet(folder / "appliances" / "ev_sessions_norway.parquet")
    theirs = theirs[theirs["energy_kwh"] > 0.0]
    by_user = theirs.groupby("user_id")["plugin_time"]
    weeks = (by_user.max() - by_user.min()).dt.total_seconds() / (7 * 86400)
    often = float((by_user.size() / weeks)[weeks > 8].median())
    plugged = theirs["plugin_time"].dt
    hour = np.asarray(plugged.hour + plugged.minute / 60.0)
    rows = (
        ("Norway, plugged in", theirs["energy_kwh"].to_numpy(np.float64), hour, often),
        ("**ours**, charging", *_sessions(profiles)),
    )
    title = (
        "| sessions | kWh, mean | p10 | p50 | p90 | a week and car | begin 15 to 22 h | "
        "begin 0 to 5 h |"
    )
    lines = [title, "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for name, energy, begins, per_week in rows:
        low, half, high = np.percentile(energy, [10, 50, 90])
        evening = np.mean((begins >= 15.0) & (begins < 22.0))
        night = np.mean(begins < 5.0)
        lines.append(
            f"| {name} | {energy.mean():.1f} | {low:.1f} | {half:.1f} | {high:.1f} | "
            f"{per_week:.1f} | {100 * evening:.0f} % | {100 * night:.0f} % |"
        )
    return lines


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1])
    homes_count = int(sys.argv[2]) if len(sys.argv) > 2 else HOMES_COUNT
    profiles = generate(SyntheticConfig(homes_count=homes_count, days=365), 30, 0)
    german, uk, paris = konstanz(folder), british(folder), sceaux(folder)
    german_totals = german.dropna(subset=["total"]).pivot_table(
        index="ts", columns="home", values="total"
    )
    uk_totals = uk.dropna(subset=["total"]).pivot_table(index="ts", columns="home", values="total")
    southern = fontana(folder)
    measured = [
        london(folder),
        _meters("REFIT 2 and UK-DALE 2", 0.5, uk_totals),
        _meters("Sceaux, 2008", 0.5, paris.set_index("ts")[["total_kwh"]]),
        _meters("Konstanz, 2015-18", 1.0, german_totals),
        southern,
    ]
    hourly = ours(profiles, 60)
    tables = (
        homes_table(measured, [ours(profiles, 30), hourly]),
        months_table(southern, hourly),
        appliances_table(folder, profiles),
        cars_table(folder, profiles),
    )
    for table in tables:
        print("\n".join(table), end="\n\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python -m benchmarks.realism FOLDER [homes]")
    main()
