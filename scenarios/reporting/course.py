"""How a run went, step by step and day by day, read from its tables or from memory.

The figures of a summary are sums over the whole run; what is paired by day or drawn over hours
is taken from the steps. T steps, n homes, D days, c steps of a chunk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import Protocol

import numpy as np

from model import intervals
from model.intervals import Paid
from model.metrics import CASH_SIGNS, MICROCENTS_PER_USD
from model.results import Chunk, Columns
from profiles.arrays import Floats, Integers
from profiles.errors import InputError
from profiles.local_time import LocalTime, local_time
from scenarios import summary
from scenarios.compare import Comparison, leading
from scenarios.equipment import has_batteries
from scenarios.stored import StoredRun
from scenarios.summary import Summary

_COST_TOLERANCE = 1e-6
"""Of a cost, or of a dollar if that is more: sums in another order differ by far less."""


class Lived(Protocol):
    """One arm as it was lived, in memory or in the tables of a folder."""

    @property
    def prices(self) -> Columns:
        """Prices, (T,) each."""

    def chunks(self) -> Iterable[Chunk]:
        """Read the steps part by part, in order of time."""


@dataclass(frozen=True, slots=True, eq=False)
class ArmCourse:
    """One arm over time."""

    day_costs_usd: Floats  # (D,) they add up to the cost of the arm
    home_costs_usd: Floats  # (n,) likewise
    net_import_kw: Floats  # (T,) of the community: imports less exports, mean of a step
    charge_fraction: Floats | None  # (T,) of what all batteries can hold; None without any
    tariff_cents_per_kwh: Floats  # (T,) the grid sells at this
    clearing_cents_per_kwh: Floats  # (T,) homes trade at this, NaN where they do not


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A run: its figures, and its arms over time."""

    figures: Summary
    local: LocalTime  # of the start of each step
    arms: dict[str, ArmCourse]

    @property
    def leading(self) -> str:
        """Name of the arm whose figures lead."""
        return leading(self.arms)

    @property
    def days_count(self) -> int:
        """Number of days, D; the last may be cut off."""
        return int(self.arms[self.leading].day_costs_usd.size)


def of_folder(run: StoredRun) -> Course:
    """Read the tables of a result folder.

    Raises
    ------
    InputError
        If they were not written by a run, or tell other costs than its summary.
    """
    return _course(run.figures, run.arms)


def of_comparison(comparison: Comparison) -> Course:
    """Take a comparison that is in memory."""
    return _course(summary.summary(comparison), comparison.arms)


def _course(figures: Summary, lived: Mapping[str, Lived]) -> Course:
    start_utc = np.datetime64(figures.start_utc.removesuffix("Z"), "s")
    local = local_time(start_utc, figures.step_minutes, figures.steps_count, figures.zone)
    day = intervals.days_of(local)
    return Course(figures, local, {name: _arm(figures, name, lived[name], day) for name in lived})


def _arm(figures: Summary, name: str, lived: Lived, day: Integers) -> ArmCourse:
    """Add up an arm over its homes and over its steps."""
    equipped = [home.equipment for home in figures.homes]
    worth = np.array([each.stored_value_cents_per_kwh for each in equipped])
    has = has_batteries(name)
    capacity_kwh = np.array([each.battery_capacity_kwh * has for each in equipped])
    initial_kwh = np.array([each.stored_kwh_initial * has for each in equipped])
    home_microcents, final_kwh = np.zeros(worth.size, np.int64), initial_kwh
    paid, stored, net = [], [], []
    for chunk in lived.chunks():
        columns = chunk.steps
        due = sum(sign * columns[entry] for entry, sign in CASH_SIGNS.items())
        home_microcents += np.sum(due, axis=0)
        paid.append(np.sum(due, axis=1))
        stored.append(columns["stored_kwh"].sum(axis=1))
        net.append((columns["import_kwh"] - columns["export_kwh"]).sum(axis=1))
        final_kwh = columns["stored_kwh"][-1]
    stored_change_usd = (final_kwh - initial_kwh) * worth / 100.0
    home_costs_usd = home_microcents / MICROCENTS_PER_USD - stored_change_usd
    cost_usd = fsum(home_costs_usd)
    _check(figures, name, cost_usd)
    stored_kwh, most_kwh = np.concatenate(stored), float(capacity_kwh.sum())
    mean_worth = intervals.mean_worth_cents_per_kwh(capacity_kwh, worth)
    known = Paid(np.concatenate(paid), stored_kwh, float(initial_kwh.sum()), mean_worth, cost_usd)
    return ArmCourse(
        day_costs_usd=intervals.split_into_days(known, day),
        home_costs_usd=home_costs_usd,
        net_import_kw=np.concatenate(net) * (60.0 / figures.step_minutes),
        charge_fraction=stored_kwh / most_kwh if most_kwh > 0.0 else None,
        tariff_cents_per_kwh=lived.prices["tariff_cents_per_kwh"],
        clearing_cents_per_kwh=lived.prices["clearing_cents_per_kwh"],
    )


def _check(figures: Summary, name: str, cost_usd: float) -> None:
    """Refuse a summary that tells another cost than the steps."""
    told = figures.arms[name].cost_usd
    if abs(told - cost_usd) > _COST_TOLERANCE * max(1.0, abs(cost_usd)):
        limit = f"must be what steps.parquet adds up to, {cost_usd:.6f}"
        raise InputError(f"summary.json: arms.{name}.cost_usd: {limit} (got {told:.6f})")
