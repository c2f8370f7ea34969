"""The results of a run, written down by hand."""

from dataclasses import fields
from typing import cast

import numpy as np

from model.results import (
    PRICE_COLUMNS,
    STEP_COLUMNS,
    TRADE_COLUMNS,
    Chunk,
    Columns,
    Results,
    Totals,
)
from model.rounds import rounds_of
from model.tape import Held


def results_of(steps_count: int, homes_count: int, **given: object) -> Results:
    """Columns of `steps`, `trades` and fields of `Results` may be given; all else is 0.

    Ids are 1, 2, ... and steps 30 minutes from 2017-07-03 07:00 UTC. There is no trade, no peak,
    no price; a stored kWh is worth nothing.
    """
    shape = (steps_count, homes_count)
    steps: Columns = {column.name: np.zeros(shape, column.dtype) for column in STEP_COLUMNS}
    steps |= {name: np.asarray(given.pop(name)) for name in list(given) if name in steps}
    trades: Columns = {column.name: np.zeros(0, column.dtype) for column in TRADE_COLUMNS}
    trades |= cast("Columns", given.pop("trades", {}))
    chunk = Chunk(0, steps, trades)
    totals = Totals.of_nothing(steps_count, homes_count)
    totals.add(chunk)
    results: dict[str, object] = {
        "home_ids": np.arange(1, homes_count + 1),
        "start_utc": np.datetime64("2017-07-03T07:00:00", "s"),
        "step_minutes": 30,
        "zone": "America/Los_Angeles",
        "tape": Held(kept=[chunk]),
        "totals": totals,
        "prices": {column.name: np.zeros(steps_count) for column in PRICE_COLUMNS}
        | {"carbon_kg_per_kwh": np.full(steps_count, np.nan)},
        "rounds": rounds_of([]),
        "peak": np.zeros(steps_count, np.bool_),
        "energy_residual_kwh_max": 0.0,
        "money_sum_microcents": 0,
        "ledger_head": "",
        "outage": range(0),
    }
    by_home = {"charge_efficiency_fraction": 0.9, "health_fraction": 1.0}
    for field in fields(Results):
        if field.name not in results:
            results[field.name] = np.full(homes_count, by_home.get(field.name, 0.0))
    return Results(**(results | given))  # type: ignore[arg-type]
