"""How long the bounds of a scenario take, and what they are.

Run with ``python -m benchmarks.bound [scenario start days key=value ...]``, by default nine homes,
``fontana_mixed``, for 30 days from 2017-07-01. A year: ``fontana_mixed 2016-08-17 348``.
"""

import resource
import sys
import time

from agents.config import BoundConfig
from model.bound import bound
from scenarios import build, load
from scenarios.arms import BOUNDS

DEFAULTS = ("fontana_mixed", "2017-07-01", "30")
UNLIMITED = BoundConfig(time_limit_s=1e6)


def main() -> None:
    """Print cost, flows and the time that each bound took."""
    name, start, days = (*sys.argv[1:4], *DEFAULTS[len(sys.argv[1:4]) :])
    scenario = load.load(name, sys.argv[4:], {"--start": start, "--days": int(days)})
    ground = build.ground(scenario)
    for arm in BOUNDS.values():
        setup = build.setup(scenario, arm, ground)
        cpu_s, clock_s = time.process_time(), time.perf_counter()
        found = bound(setup, UNLIMITED, asked=True)
        cpu_s, clock_s = time.process_time() - cpu_s, time.perf_counter() - clock_s
        memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{arm.name:9}  {found.status} {found.reason}  {found.cost_usd:.4f} USD  import "
            f"{found.import_kwh:.1f}, export {found.export_kwh:.1f}, P2P {found.p2p_kwh:.1f}, "
            f"curtailed {found.curtailed_kwh:.2f}, unserved {found.unserved_kwh:.2f} kWh  "
            f"peak {found.peak_import_kw:.1f} kW  {cpu_s:.1f} CPU s, {clock_s:.1f} s, "
            f"{memory_mib:.0f} MiB so far",
            flush=True,
        )


if __name__ == "__main__":
    main()
