"""The bound of a stored run, solved anew by SciPy from what its Parquet files and knobs say.

`docs/bound.md` has the program; nothing of the package is used. What is typed of homes, cables and
trade is read from the scenario in `manifest.json`.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

UNSERVED_CENTS = 1000.0
KINDS = ("g", "e", "c", "d", "s", "q", "r", "w", "u")
"""Import, export, charge, discharge, stored, delivered, injected, curtailed, unserved [kWh]."""


class BoundByHand:
    """The cheapest run of all homes together."""

    def __init__(
        self, scenario: dict[str, Any], meters: pd.DataFrame, prices: pd.DataFrame,
        peak: np.ndarray, outage: range = range(0),
    ) -> None:  # fmt: skip
        self.scenario, self.peak = scenario, peak
        table = meters.pivot_table(index="step", columns="household_id", observed=True)
        self.load, self.pv = table["load_kwh"].to_numpy(), table["pv_kwh"].to_numpy()
        self.buy = prices["tariff_cents_per_kwh"].to_numpy()
        self.sell = prices["export_cents_per_kwh"].to_numpy()
        self.steps, self.homes = self.load.shape
        self.outage = outage
        self.away = np.isin(np.arange(self.steps), outage)[:, None] | np.zeros(self.homes, np.bool_)
        count = self.steps * self.homes
        self.column = {
            kind: np.arange(place * count, (place + 1) * count).reshape(self.steps, self.homes)
            for place, kind in enumerate(KINDS)
        }
        self.count = len(KINDS) * count
        self.cents, self.constant = self._cents()
        self.rules = self._rules()
        self.bounds = self._bounds()
        found = milp(self.cents, constraints=self.rules, bounds=self.bounds)
        assert found.success, found.message
        self.optimum_cents, self.plan = found.fun, found.x
        dark = UNSERVED_CENTS * float(self.sum_of("u") @ found.x)
        self.cost_usd = (found.fun - dark + self.constant) / 100.0

    def sum_of(
        self, kind: str, steps: slice | range | np.ndarray | int = slice(None)
    ) -> np.ndarray:
        """Return the row that adds up one kind of energy over homes and some steps."""
        row = np.zeros(self.count)
        row[self.column[kind][steps].ravel()] = 1.0
        return row

    def _cents(self) -> tuple[np.ndarray, float]:
        """Return the price of each column, and what is paid for nothing that is decided."""
        battery, cents = self.scenario["battery"], np.zeros(self.count)
        cents[self.column["g"]] = self.buy[:, None]
        cents[self.column["e"]] = -self.sell[:, None]
        cents[self.column["q"]] = self.scenario["market"]["fee_cents_per_kwh"]
        cents[self.column["u"]] = UNSERVED_CENTS
        # A stored kWh saves what it costs to have it again, at the lowest price.
        worth = self.buy.min() * battery["discharge_efficiency_fraction"]
        cents[self.column["s"][-1]] -= worth
        initial = battery["capacity_kwh"] * battery["soc_initial_fraction"]
        return cents, worth * initial * self.homes

    def _rules(self) -> list[LinearConstraint]:
        battery, market = self.scenario["battery"], self.scenario["market"]
        grid, at = self.scenario["grid"], self.column
        initial = battery["capacity_kwh"] * battery["soc_initial_fraction"]
        rows: list[tuple[dict[int, float], float, float]] = []
        for t in range(self.steps):
            for home in range(self.homes):
                signs = dict(zip("gqduercw", (1, 1, 1, 1, -1, -1, -1, -1), strict=True))
                need = self.load[t, home] - self.pv[t, home]
                rows.append(({at[k][t, home]: sign for k, sign in signs.items()}, need, need))
                kept = {
                    at["s"][t, home]: 1.0,
                    at["c"][t, home]: -battery["charge_efficiency_fraction"],
                    at["d"][t, home]: 1.0 / battery["discharge_efficiency_fraction"],
                }
                before = initial if t == 0 else 0.0
                if t > 0:
                    kept[at["s"][t - 1, home]] = -1.0
                rows.append((kept, before, before))
                for pair, knob in (("gq", "import_kw_max"), ("er", "export_kw_max")):
                    cable = {at[kind][t, home]: 1.0 for kind in pair}
                    rows.append((cable, -np.inf, 0.5 * grid[knob]))
            shared = dict.fromkeys(at["q"][t], 1.0)
            shared |= dict.fromkeys(at["r"][t], market["loss_fraction"] - 1.0)
            rows.append((shared, 0.0, 0.0))
        if market["sold_per_day_max_kwh"] is not None:
            for day in range(self.steps // 48):
                for home in range(self.homes):
                    sold = at["r"][48 * day : 48 * day + 48, home]
                    free = self.away[48 * day : 48 * day + 48, home]
                    limited = dict.fromkeys(sold[~free], 1.0)
                    rows.append((limited, -np.inf, market["sold_per_day_max_kwh"]))
        matrix = sparse.lil_matrix((len(rows), self.count))
        for place, (row, _, _) in enumerate(rows):
            matrix[place, [*row]] = [*row.values()]
        low, high = zip(*((low, high) for _, low, high in rows), strict=True)
        return [LinearConstraint(matrix.tocsr(), low, high)]

    def _bounds(self) -> Bounds:
        battery, at = self.scenario["battery"], self.column
        low, high = np.zeros(self.count), np.full(self.count, np.inf)
        capacity, reserve = battery["capacity_kwh"], battery["reserve_fraction"]
        initial = capacity * battery["soc_initial_fraction"]
        least = capacity * battery["soc_min_fraction"]
        ahead = np.maximum.accumulate(self.away)
        low[at["s"]] = np.where(ahead, least, min(least + capacity * reserve, initial))
        high[at["s"]] = capacity * battery["soc_max_fraction"]
        for kind in "cd":
            high[at[kind]] = 0.5 * battery["power_kw_max"]
        order_max = self.scenario["market"]["order_max_kwh"]
        for kind in "qr":
            high[at[kind]] = np.inf if order_max is None else np.where(self.away, np.inf, order_max)
        for kind in "ge":
            high[at[kind]] = np.where(self.away, 0.0, np.inf)
        high[at["w"]] = self.pv
        high[at["u"]] = np.where(self.away, self.load, 0.0)
        return Bounds(low, high)

    def has(self, told: dict[str, Any]) -> bool:
        """Whether one run that is no dearer has all of these figures at once."""
        slack, extra = 1e-6, self.steps
        wide = [
            LinearConstraint(
                sparse.hstack([rule.A, sparse.csr_matrix((rule.A.shape[0], extra))]),
                rule.lb,
                rule.ub,
            )
            for rule in self.rules
        ]
        sums = {
            "import_kwh": self.sum_of("g"),
            "export_kwh": self.sum_of("e"),
            "p2p_kwh": self.sum_of("q"),
            "curtailed_kwh": self.sum_of("w"),
            "unserved_kwh": self.sum_of("u"),
            "peak_window_import_kwh": self.sum_of("g", self.peak),
        }
        if self.outage:
            sums["unserved_then"] = self.sum_of("u", self.outage)
            sums["shared_then"] = self.sum_of("q", self.outage)
            lived = told["outage"]
            then = {"unserved_then": lived["unserved_kwh"], "shared_then": lived["shared_kwh"]}
            load_kwh = self.load[self.outage].sum()
            dark = 1.0 - lived["unserved_kwh"] / load_kwh
            assert np.allclose([lived["load_kwh"], lived["served_fraction"]], [load_kwh, dark])
            told = told | then
        padding = np.zeros(extra)
        rows = [np.append(sums[name], padding) for name in told if name in sums]
        values = np.array([told[name] for name in told if name in sums])
        wide.append(LinearConstraint(np.array(rows), values - slack, values + slack))
        cents = np.append(self.cents, padding)
        wide.append(LinearConstraint(cents[None], -np.inf, self.optimum_cents + 1e-4))
        highest = 0.5 * told["peak_import_kw"]
        imports = np.array([np.append(self.sum_of("g", t), padding) for t in range(self.steps)])
        wide.append(LinearConstraint(imports, -np.inf, highest + slack))
        # Where a step is marked, the highest import is reached in it; one is marked at least.
        reached = np.append(np.zeros(self.count), np.ones(extra))
        reach = np.array([np.append(self.sum_of("g", t), padding) for t in range(self.steps)])
        reach[np.arange(self.steps), self.count + np.arange(self.steps)] = -highest
        wide.append(LinearConstraint(reach, -slack, np.inf))
        wide.append(LinearConstraint(reached[None], 1.0, np.inf))
        bounds = Bounds(
            np.append(self.bounds.lb, np.zeros(extra)), np.append(self.bounds.ub, np.ones(extra))
        )
        whole = np.append(np.zeros(self.count), np.ones(extra))
        found = milp(
            np.zeros(self.count + extra), constraints=wide, bounds=bounds, integrality=whole,
            options={"time_limit": 60.0},
        )  # fmt: skip
        return bool(found.success)
