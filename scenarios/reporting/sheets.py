"""The tables of a report: every figure once, with its unit, whatever shows it.

The page, the files beside it and a notebook take their numbers from here.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from model.metrics import fraction_saved
from scenarios.reporting.course import Course
from scenarios.reporting.folders import Collection, Reported
from scenarios.reporting.paired import Between, Repeated, Saved, between, repeated
from scenarios.reporting.points import SEED, differing, points

Value = str | float | int | None
Row = tuple[Value, ...]

BASELINE, ALONE = "grid_only", "plan_alone"


@dataclass(frozen=True, slots=True)
class Field:
    """One column."""

    name: str
    unit: str  # "" for counts and names
    meaning: str
    decimals: int | None = 2  # where it is shown, a share as per cent; None: as short as it goes
    text: bool = False
    whole: bool = False  # a whole number, and not one that happens to be


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; a value that does not exist is None."""

    name: str
    fields: tuple[Field, ...]
    rows: list[Row]

    def column(self, name: str) -> list[Value]:
        """Return the values of a column."""
        place = [field.name for field in self.fields].index(name)
        return [row[place] for row in self.rows]


_RUN = Field("run", "", "run", text=True)
_ARM = Field("arm", "", "arm", text=True)
_COST = Field("cost_usd", "USD", "cost")
_AGAINST = Field("baseline", "", "held against", text=True)
_SAVED = (
    Field("saved_usd_per_day", "USD/day", "saved"),
    Field("saved_usd_per_day_low", "USD/day", "95 % interval from"),
    Field("saved_usd_per_day_high", "USD/day", "to"),
)
_PAIRED = (
    *_SAVED,
    Field("over", "", "paired over", text=True),
    Field("pairs_count", "", "pairs", decimals=0, whole=True),
)

RUNS = (
    Field("scenario", "", "scenario", text=True),
    Field("start_local", "", "from", text=True),
    Field("days", "days", "length", decimals=0),
    Field("homes_count", "", "homes", decimals=0, whole=True),
    Field("seed", "", "seed", decimals=0, whole=True),
    _ARM,
    _COST,
    Field("saved_usd", "USD", "saved against grid_only"),
    Field("saved_fraction", "1", "saved against grid_only", decimals=1),
    Field("captured_of_bound_fraction", "1", "captured of the bound", decimals=1),
    Field("carbon_kg", "kg", "CO2", decimals=1),
    Field("result_sha256", "", "hash of the results", text=True),
)
_MEASURES = (
    Field("load_kwh", "kWh", "load", decimals=1),
    Field("pv_kwh", "kWh", "solar", decimals=1),
    Field("import_kwh", "kWh", "import", decimals=1),
    Field("export_kwh", "kWh", "export", decimals=1),
    Field("p2p_kwh", "kWh", "traded", decimals=1),
    Field("trades_count", "", "trades", decimals=0, whole=True),
    Field("peak_import_kw", "kW", "highest import"),
    Field("peak_window_import_kwh", "kWh", "import at peak hours", decimals=1),
    Field("unserved_kwh", "kWh", "load unserved", decimals=1),
    Field("curtailed_kwh", "kWh", "solar turned down", decimals=1),
)
ARMS = (_RUN, _ARM, _COST, *_MEASURES)
OUTAGE = (
    *(_RUN, _ARM),
    Field("outage_hours", "h", "without the main grid", decimals=1),
    Field("load_kwh", "kWh", "load", decimals=1),
    Field("unserved_kwh", "kWh", "load unserved", decimals=1),
    Field("shared_kwh", "kWh", "shared between homes", decimals=1),
    Field("served_fraction", "1", "load served", decimals=1),
)
AGAINST = (
    *(_RUN, _ARM, _AGAINST),
    Field("saved_usd", "USD", "saved"),
    Field("saved_fraction", "1", "saved", decimals=1),
    *_SAVED,
    Field("mean_home_gain_usd_per_day", "USD/day", "gain of a home, mean"),
    Field("worst_home_gain_usd_per_day", "USD/day", "worst"),
    Field("homes_worse_off_count", "", "homes worse off", decimals=0, whole=True),
    Field("jain_fairness", "1", "fairness of gains", decimals=1),
)
ADDED = (
    _RUN,
    Field("solar_usd", "USD", "solar: gross less grid_only"),
    Field("battery_usd", "USD", "battery: grid_only less self_use"),
    Field("planning_usd", "USD", "planning: self_use less plan_alone"),
    Field("trading_usd", "USD", "trading: plan_alone less market"),
)
DIFFERENCES = (
    *(_ARM, Field("baseline", "", "run held against", text=True), _RUN),
    Field("baseline_usd_per_day", "USD/day", "its cost"),
    Field("run_usd_per_day", "USD/day", "cost of the run"),
    *_PAIRED,
)
REPEATED = (_RUN, _ARM, _AGAINST, *_PAIRED)
CARBON = (
    *(_RUN, _ARM),
    Field("carbon_kg", "kg", "CO2 of imports less exports", decimals=1),
    Field("saved_carbon_kg", "kg", "saved against grid_only", decimals=1),
    Field("saved_carbon_fraction", "1", "saved against grid_only", decimals=1),
)
HOMES = (
    _RUN,
    Field("household_id", "", "home", decimals=0, whole=True),
    _ARM,
    _COST,
    Field("gain_usd_per_day", "USD/day", "gain against plan_alone"),
)
DAYS = (_RUN, _ARM, Field("day", "", "day of the run", decimals=0, whole=True), _COST)


def sheets(found: Collection) -> dict[str, Sheet]:
    """Lay out all tables of a report, by name; a table may be empty."""
    runs, grouped = found.runs, points(found.runs)
    every = [
        _runs(runs),
        Sheet("differences", DIFFERENCES, difference_rows(between(grouped))),
        Sheet("repeated", REPEATED, _repeated_rows(repeated(grouped))),
        *(Sheet(name, OF_RUN[name][0], _each(runs, OF_RUN[name][1])) for name in OF_RUN),
    ]
    return {sheet.name: sheet for sheet in every}


def sheet(course: Course, name: str) -> Sheet:
    """Lay out one of the tables of `OF_RUN` for a single run, without the column of its label."""
    fields, rows_of = OF_RUN[name]
    return Sheet(name, fields[1:], rows_of(course))


def _each(runs: Sequence[Reported], rows_of: Callable[[Course], list[Row]]) -> list[Row]:
    return [(run.label, *row) for run in runs for row in rows_of(run.course)]


def _runs(runs: Sequence[Reported]) -> Sheet:
    """Lay out a row per run; the knobs by which runs differ have columns of their own."""
    varied = differing([run.manifest.scenario for run in runs])
    varied.pop(SEED, None)
    values = {path: _values(each) for path, each in varied.items()}
    knobs = [
        Field(path, "", path, decimals=None, text=isinstance(each[0], str))
        for path, each in values.items()
    ]
    rows = [
        (run.label, *(each[place] for each in values.values()), *run_row(run.course), run.sha256)
        for place, run in enumerate(runs)
    ]
    return Sheet("runs", (_RUN, *knobs, *RUNS), rows)


def _values(values: Sequence[Any]) -> list[Value]:
    """Take the values of a knob as numbers, if all of them are, and else as text."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return [float(value) for value in values]
    return [value if isinstance(value, str) else json.dumps(value) for value in values]


def run_row(course: Course) -> Row:
    """Tell a run by its leading arm, as the fields of `RUNS` but the last say."""
    told, arm = course.figures, course.leading
    leads = told.arms[arm]
    against = leads.against.get(BASELINE)
    captured = told.savings.captured_of_bound_fraction if told.savings else None
    saved = (None, None) if against is None else (against.saved_usd, against.saved_fraction)
    what = (told.scenario, told.start_local, told.days, told.homes_count, told.seed)
    return (*what, arm, leads.cost_usd, *saved, captured, leads.carbon_kg)


def arms_rows(course: Course) -> list[Row]:
    """List what every arm cost and did, then what is known of the bounds."""
    told = course.figures
    known = {name: found for name, found in told.bounds.items() if found.cost_usd is not None}
    names = [field.name for field in ARMS[2:]]
    return [
        (name, *(getattr(one, each, None) for each in names))
        for name, one in (*told.arms.items(), *known.items())
    ]


def outage_rows(course: Course) -> list[Row]:
    """List what every arm, and each bound, lived on while the main grid was away."""
    told = course.figures
    lived = {name: one.outage for name, one in told.arms.items()}
    lived |= {name: one.outage for name, one in told.bounds.items()}
    return [(name, *one.model_dump().values()) for name, one in lived.items() if one is not None]


def against_rows(course: Course) -> list[Row]:
    """Hold every arm against each baseline, over paired days."""
    names = [field.name for field in AGAINST[3:]]
    return [
        (name, baseline, *(getattr(one, each) for each in names))
        for name, arm in course.figures.arms.items()
        for baseline, one in arm.against.items()
    ]


def added_rows(course: Course) -> list[Row]:
    """Tell what each step from a bare meter to the market saves."""
    added = tuple(course.figures.added.model_dump().values())
    return [added] if any(value is not None for value in added) else []


def carbon_rows(course: Course) -> list[Row]:
    """Tell what carbon dioxide every arm causes, and less of it than the baseline."""
    arms = course.figures.arms
    baseline_kg = arms[BASELINE].carbon_kg if BASELINE in arms else None
    rows: list[Row] = []
    for name, arm in arms.items():
        if arm.carbon_kg is None:
            continue
        if baseline_kg is None or name == BASELINE:
            rows.append((name, arm.carbon_kg, None, None))
        else:
            share = fraction_saved(baseline_kg, arm.carbon_kg)
            rows.append((name, arm.carbon_kg, baseline_kg - arm.carbon_kg, share))
    return rows


def homes_rows(course: Course) -> list[Row]:
    """List what every home pays in every arm, and gains against planning alone."""
    days = course.figures.days
    rows: list[Row] = []
    for place, home in enumerate(course.figures.homes):
        for name, arm in course.arms.items():
            cost_usd = float(arm.home_costs_usd[place])
            alone = course.arms.get(ALONE)
            gain = None
            if alone is not None and name != ALONE:
                gain = (float(alone.home_costs_usd[place]) - cost_usd) / days
            rows.append((home.household_id, name, cost_usd, gain))
    return rows


def days_rows(course: Course) -> list[Row]:
    """List what every day of an arm cost, from the first."""
    return [
        (name, day, cost_usd)
        for name, arm in course.arms.items()
        for day, cost_usd in enumerate(arm.day_costs_usd.tolist())
    ]


def difference_rows(found: Sequence[Between]) -> list[Row]:
    """List what runs save against the first."""
    rows: list[Row] = []
    for one in found:
        costs_usd = (one.baseline_usd_per_day, one.run_usd_per_day)
        rows.append((one.arm, one.baseline, one.run, *costs_usd, *_saved(one.saved)))
    return rows


def _repeated_rows(found: Sequence[Repeated]) -> list[Row]:
    return [(one.run, one.arm, one.baseline, *_saved(one.saved)) for one in found]


def _saved(saved: Saved) -> Row:
    interval = (saved.low_usd_per_day, saved.high_usd_per_day)
    return (saved.usd_per_day, *interval, saved.over, saved.pairs_count)


OF_RUN: Mapping[str, tuple[tuple[Field, ...], Callable[[Course], list[Row]]]] = MappingProxyType(
    {
        "arms": (ARMS, arms_rows),
        "outage": (OUTAGE, outage_rows),
        "against": (AGAINST, against_rows),
        "added": (ADDED, added_rows),
        "carbon": (CARBON, carbon_rows),
        "homes": (HOMES, homes_rows),
        "days": (DAYS, days_rows),
    }
)
"""What is told of each run: the columns, the first of them its label, and the rows without it."""
