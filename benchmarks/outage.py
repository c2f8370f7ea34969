"""What is served without the main grid, beside the most that could be: `docs/outages.md`.

``python -m benchmarks.outage`` lives `outage_4h` and `outage_24h` with several reserves. The most
is found by a linear program that knows load and sun of the whole outage, from what the batteries
hold when it begins.
"""

from dataclasses import replace

import numpy as np

from benchmarks.served import most_served_kwh
from model import metrics
from model.community import Community
from scenarios import build, load
from scenarios.arms import ARMS
from scenarios.schema import Scenario

NAMES = ("grid_only", "self_use", "time_of_use", "plan_alone", "market")
RESERVES = (0.0, 0.15, 0.35, 0.6)


def lived(scenario: Scenario, name: str) -> tuple[float, float]:
    """Live an arm; say what it serves in the outage, of the load and of the most [1]."""
    shared = build.ground(scenario)
    setup = build.setup(scenario, ARMS[name], shared)
    community = Community(setup)
    stored_kwh = setup.state.stored_kwh
    while not community.finished:
        if community.index == setup.outage.start:
            stored_kwh = community.state.stored_kwh
        community.step()
    told = metrics.outage(community.results())
    if told is None:
        raise ValueError("the scenario has no outage")
    first, fleet = setup.first_step, setup.fleet
    if community.strategy.idle:
        fleet = replace(fleet, power_kwh_max=np.zeros(fleet.homes_count))
    steps = slice(first + setup.outage.start, first + setup.outage.stop)
    known = setup.profiles
    loss_fraction = scenario.market.loss_fraction
    best_kwh = most_served_kwh(
        fleet, stored_kwh, known.load_kwh[steps], known.pv_kwh[steps], loss_fraction
    )
    served_kwh = told["load_kwh"] - told["unserved_kwh"]
    return told["served_fraction"], served_kwh / best_kwh


def main() -> None:
    """Print the tables."""
    for name in ("outage_4h", "outage_24h"):
        print(f"\n| {name} | " + " | ".join(f"reserve {share:g}" for share in RESERVES) + " |")
        print("|---|" + "---:|" * len(RESERVES))
        for arm in NAMES:
            cells = []
            for share in RESERVES:
                scenario = load.load(name, [f"battery.reserve_fraction={share}"])
                served, reached = lived(scenario, arm)
                cells.append(f"{100 * served:.1f} ({100 * reached:.1f})")
            print(f"| `{arm}` | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
