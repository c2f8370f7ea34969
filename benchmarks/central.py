"""How far one will could get that decides for all homes, and knows no more than they do.

Run with ``python -m benchmarks.central [scenario start days key=value ...]``, by default
``fontana`` for 30 days from 2017-07-01. At every step one linear program plans all batteries and
trades for all futures at once, the very futures that the arm ``market`` draws, under the rules of
the bound; what it does in this step must be the same in each. The step is lived, and the next one
planned anew. What ``market`` falls short of it is for want of a better market; what it falls short
of the bound itself, for want of better forecasts. (After this step it takes every future as known,
as nobody does; so ``market``, which learns bit by bit, can do better.)
"""

import sys
import time
from dataclasses import dataclass, replace

import numpy as np

from agents.decisions import Situation
from agents.fleet import Fleet
from agents.linear_program import LinearProgram
from agents.memory import Memory
from forecasting.forecast import Samples
from market.config import MarketConfig
from model import metrics
from model.bound import bound, captured_fractions
from model.community import Community, Setup, stored_value_cents_per_kwh
from profiles.arrays import Floats, Integers
from scenarios import build, compare, load
from scenarios.arms import ARMS

DEFAULTS = ("fontana", "2017-07-01", "30")
SEGMENTS = 8  # of what energy is worth at the end of a horizon
TIME_LIMIT_S = 600.0
LATE_CENTS_PER_KWH = 0.01  # of equal times to charge the latest is best, when more is known


@dataclass(slots=True)
class Plan:
    """What n homes do in the step being lived, AC [kWh]."""

    charge_kwh: Floats
    discharge_kwh: Floats
    import_kwh: Floats
    export_kwh: Floats
    p2p_out_kwh: Floats


def plan(situation: Situation, rules: MarketConfig, room_kwh: Floats) -> Plan:
    """Solve one step's program: M futures, H steps, n homes, as columns (M, H, n)."""
    samples, memory, fleet = situation.samples, situation.memory, situation.fleet
    if samples is None or memory is None:
        raise ValueError("samples: a plan needs them")
    tariff, export = (
        np.einsum("m,h->mh", samples.weights, each)[..., None]
        for each in (situation.prices.tariff_cents_per_kwh, situation.prices.export_cents_per_kwh)
    )
    pv_kwh = samples.pv_kwh.transpose(1, 2, 0)
    net_kwh = samples.load_kwh.transpose(1, 2, 0) - pv_kwh
    nothing, usable_kwh = np.zeros_like(net_kwh), fleet.stored_kwh_max - fleet.stored_kwh_min
    depth_kwh = np.inf if rules.order_max_kwh is None else rules.order_max_kwh
    early = samples.weights[:, None] * np.linspace(LATE_CENTS_PER_KWH, 0.0, net_kwh.shape[1])

    program = LinearProgram()
    stored = program.columns(nothing, 0.0, usable_kwh)
    charge = program.columns(early[..., None], nothing, fleet.power_kwh_max)
    discharge = program.columns(nothing, 0.0, fleet.power_kwh_max)
    bought = program.columns(tariff, nothing, fleet.import_kwh_max)
    sold = program.columns(-export, nothing, fleet.export_kwh_max)
    p2p_in = program.columns(nothing, 0.0, np.minimum(depth_kwh, fleet.import_kwh_max))
    p2p_out = program.columns(nothing, 0.0, np.minimum(depth_kwh, fleet.export_kwh_max))
    curtailed = program.columns(nothing, 0.0, pv_kwh)

    held_kwh = nothing.copy()
    held_kwh[:, 0] = situation.held_kwh
    _balance_cells(program, fleet, held_kwh, (stored, charge, discharge))
    home = program.rows(net_kwh, net_kwh)
    for columns, factor in (
        *((each, 1.0) for each in (bought, p2p_in, discharge)),
        *((each, -1.0) for each in (sold, p2p_out, charge, curtailed)),
    ):
        program.put(home, columns, factor)
    shared = program.rows(np.zeros(net_kwh.shape[:2]), 0.0)[..., None]
    program.put(shared, p2p_in, 1.0)
    program.put(shared, p2p_out, rules.loss_fraction - 1.0)
    _limit_connections(program, fleet, (bought, p2p_in), (sold, p2p_out))
    now = program.rows(np.zeros((3, samples.weights.size - 1, fleet.homes_count)), 0.0)
    for row, columns in zip(now, (charge, discharge, p2p_out), strict=True):
        program.put(row, columns[1:, 0], 1.0)
        program.put(row, columns[0, 0], -1.0)
    _limit_sales(program, p2p_out, memory, rules, room_kwh)
    _value_end(program, stored[:, -1], samples, memory, usable_kwh)
    outcome = program.solve(TIME_LIMIT_S, lambda: None)
    if outcome.status != "optimal":
        raise RuntimeError(f"no plan: {outcome.reason}")
    lived = (charge, discharge, bought, sold, p2p_out)
    return Plan(*(np.maximum(outcome.values[each[0, 0]], 0.0) for each in lived))


def _balance_cells(
    program: LinearProgram,
    fleet: Fleet,
    held_kwh: Floats,
    columns: tuple[Integers, Integers, Integers],
) -> None:
    """Hold that what is stored follows what flows."""
    stored, charge, discharge = columns
    cell = program.rows(held_kwh, held_kwh)
    program.put(cell, stored, 1.0)
    program.put(cell[:, 1:], stored[:, :-1], -1.0)
    program.put(cell, charge, -fleet.charge_efficiency_fraction)
    program.put(cell, discharge, 1.0 / fleet.discharge_efficiency_fraction)


def _limit_connections(
    program: LinearProgram,
    fleet: Fleet,
    into: tuple[Integers, Integers],
    out: tuple[Integers, Integers],
) -> None:
    """Hold each home to its cable, for what it exchanges with the grid and with other homes."""
    for limit_kwh, both in ((fleet.import_kwh_max, into), (fleet.export_kwh_max, out)):
        cable = program.rows(-np.inf, np.broadcast_to(limit_kwh, both[0].shape))
        for columns in both:
            program.put(cable, columns, 1.0)


def _limit_sales(
    program: LinearProgram, p2p_out: Floats, memory: Memory, rules: MarketConfig, room_kwh: Floats
) -> None:
    """Hold each home to what it may sell today, and to a day's sales in the rest of the horizon."""
    if rules.sold_per_day_max_kwh is None:
        return
    today, later_kwh = memory.today_steps, np.full_like(room_kwh, rules.sold_per_day_max_kwh)
    for steps, most_kwh in ((slice(today), room_kwh), (slice(today, None), later_kwh)):
        rows = program.rows(-np.inf, np.broadcast_to(most_kwh, p2p_out[:, 0].shape))
        program.put(rows[:, None], p2p_out[:, steps], 1.0)


def _value_end(
    program: LinearProgram, last: Floats, samples: Samples, memory: Memory, usable_kwh: Floats
) -> None:
    """Value what is left at the end as ``market`` does, in falling segments."""
    benefit_cents = memory.end_benefit_cents
    cells_count = benefit_cents.shape[1] - 2
    points = np.linspace(0, cells_count, SEGMENTS + 1).astype(int)
    width_kwh = usable_kwh[:, None] * np.diff(points) / cells_count
    slope = np.diff(benefit_cents[:, points], axis=1) / np.maximum(width_kwh, 1e-9)
    slope = np.minimum.accumulate(slope, axis=1)
    worth = samples.weights[:, None, None] * slope
    end = program.columns(-worth, 0.0, width_kwh)
    rows = program.rows(-np.inf, np.zeros(last.shape))
    program.put(rows[..., None], end, 1.0)
    program.put(rows, last, -1.0)


def lived_usd(setup: Setup) -> float:
    """Live a run by such plans; return what it cost, as ``metrics.cost_usd`` counts it."""
    community, fleet, rules = Community(setup), setup.fleet, setup.rules
    if community.horizon_steps > setup.profiles.steps_per_day or setup.capacity is not None:
        raise ValueError("a plan looks a day ahead at most, and knows no cap")
    if community.clock.grid_prices.fixed_cents.any() or rules.fee_cents_per_kwh > 0.0:
        raise ValueError("standing charges and fees are not counted")
    state, cents, room_kwh, today = setup.state, 0.0, np.empty(0), None
    while not community.finished:
        day = int(community.clock.day[community.index])
        if day != today:
            most_kwh = np.inf if rules.sold_per_day_max_kwh is None else rules.sold_per_day_max_kwh
            today, room_kwh = day, np.full(fleet.homes_count, most_kwh)
        # It looks ahead from where the plan has got to; what it then does itself is put aside.
        community.state = state
        community.step()
        situation = community.situation
        now = plan(situation, rules, room_kwh)
        room_kwh = np.maximum(room_kwh - now.p2p_out_kwh, 0.0)
        into, out = fleet.charge_efficiency_fraction, fleet.discharge_efficiency_fraction
        moved_kwh = now.charge_kwh * into - now.discharge_kwh / out
        held_kwh = np.clip(state.stored_kwh + moved_kwh, fleet.stored_kwh_min, fleet.stored_kwh_max)
        state = replace(state, stored_kwh=held_kwh)
        prices = situation.prices
        cents += float(now.import_kwh.sum() * prices.tariff_cents_per_kwh[0])
        cents -= float(now.export_kwh.sum() * prices.export_cents_per_kwh[0])
    left_kwh = state.stored_kwh - setup.state.stored_kwh
    cents -= float(stored_value_cents_per_kwh(setup, community.clock) @ left_kwh)
    community.leave()
    return cents / 100.0


def main() -> None:
    """Print what the arms cost, what such plans cost, and what of the bound each captures."""
    name, start, days = (*sys.argv[1:4], *DEFAULTS[len(sys.argv[1:4]) :])
    scenario = load.load(name, sys.argv[4:], {"--start": start, "--days": int(days)})
    found = compare.compare(scenario, ("grid_only", "plan_alone", "market"))
    costs_usd = {each: metrics.cost_usd(results) for each, results in found.arms.items()}
    setup = build.setup(scenario, ARMS["market"], build.ground(scenario))
    best = bound(setup, scenario.bound, asked=True)
    cpu_s = time.process_time()
    central_usd = lived_usd(setup)
    cpu_s = time.process_time() - cpu_s
    for arm, usd in (("market", costs_usd["market"]), ("central", central_usd)):
        captured = captured_fractions(costs_usd | {"market": usd}, {"bound": best})
        shares = " / ".join(f"{100.0 * share:.1f} %" for share in captured.values())
        print(f"{name} from {start}, {days} days  {arm}: {usd:.2f} USD  {shares}")
    print(f"{cpu_s:.0f} CPU s")


if __name__ == "__main__":
    main()
