"""What large communities cost: processor and clock time, and peak memory.

``python -m benchmarks.scale growth`` compares communities of several sizes, step by step.
``python -m benchmarks.scale HOMES DAYS`` measures the program itself from start to end: ``simulate
synthetic`` with the forecaster `slot_mean`, generating the homes and storing the results included.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.step import community, many_homes
from scenarios.tables import Parts

ROOT = Path(__file__).parents[1]
GROWTH = ((100, 8), (1_000, 2), (10_000, 1))  # homes, days
REPEATS = 3
RECORD_START, START, HISTORY_DAYS = "2017-01-01", "2017-01-17", 16


def growth() -> None:
    """Print what a home-step costs in communities of several sizes, tables written included."""
    for homes_count, days in GROWTH:
        profiles = many_homes(homes_count, days)
        community(profiles, days, "market").step()  # compiles
        seconds = []
        for _ in range(REPEATS):
            with (
                TemporaryDirectory() as folder,
                Parts(Path(folder), "market", profiles.home_ids, keeps_ledger=True) as tape,
            ):
                lived = community(profiles, days, "market", tape=tape)
                start = time.process_time()
                while not lived.finished:
                    lived.step()
                lived.results()
                seconds.append(time.process_time() - start)
                lived.leave()
        home_steps = homes_count * days * profiles.steps_per_day
        print(f"{homes_count} homes: {1e6 * min(seconds) / home_steps:.1f} us per home-step")


def simulated(homes_count: int, days: int) -> None:
    """Print what a run of the program takes."""
    with TemporaryDirectory() as out:
        arguments = [
            "simulate", "synthetic", "--homes", str(homes_count), "--start", START,
            "--days", str(days), "--out", out, "--set", "forecast.name=slot_mean",
            "--set", f"profiles.synthetic.start={RECORD_START}",
            "--set", f"profiles.synthetic.days={HISTORY_DAYS + days}",
        ]  # fmt: skip
        start = time.monotonic()
        process = subprocess.Popen(  # noqa: S603, our own program
            [sys.executable, str(ROOT / "run.py"), *arguments], stdout=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.monotonic() - start
        written = sum(path.stat().st_size for path in Path(out).rglob("*") if path.is_file())
    if status:
        raise SystemExit(f"the run failed ({status})")
    cpu_s = used.ru_utime + used.ru_stime
    home_steps = homes_count * days * 48
    print(
        f"{homes_count} homes x {days} days: {wall_s:.0f} s by the clock, {cpu_s:.0f} CPU s, "
        f"{home_steps / cpu_s:,.0f} home-steps per CPU second, peak memory "
        f"{used.ru_maxrss / 1024:.0f} MiB, {written / 2**20:.0f} MiB written"
    )


def main() -> None:
    """Measure what was asked for."""
    if sys.argv[1:] == ["growth"]:
        growth()
    else:
        homes_count, days = map(int, sys.argv[1:])
        simulated(homes_count, days)


if __name__ == "__main__":
    main()
