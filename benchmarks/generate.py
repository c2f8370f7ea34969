"""Time and memory to generate homes.

Run with ``python -m benchmarks.generate [homes] [days]``, by default 10,000 homes for a week. The
process measures itself from its start, imports included.
"""

import resource
import sys
import time

from profiles.config import SyntheticConfig
from profiles.synthetic.generator import generate


def main() -> None:
    """Print seconds, memory and what was generated."""
    homes_count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    days = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    started = time.monotonic()
    profiles = generate(SyntheticConfig(homes_count=homes_count, days=days), 30, 0)
    wall_s = time.monotonic() - started
    memory_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    values = profiles.load_kwh.size
    print(
        f"{homes_count} homes x {days} days: {time.process_time():.1f} CPU s, {wall_s:.1f} s by "
        f"the clock, peak memory {memory_mib:.0f} MiB, {values / wall_s:,.0f} home-steps/s, "
        f"{profiles.load_kwh.sum() / homes_count / days:.1f} kWh per home and day"
    )


if __name__ == "__main__":
    main()
