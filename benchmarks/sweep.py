"""A sweep made by one process, by two and by a local Dask cluster: runs per minute, memory, hashes.

Run with ``python -m benchmarks.sweep [RUNS]``; 200 if left out. Ten generated homes and a day, with
batteries, losses and fees of a Latin hypercube. What ``--dry-run`` expects stands beside.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from os import getpid
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from distributed import LocalCluster

ROOT = Path(__file__).parents[1]
SWEEP = """
scenario: synthetic
arms: [grid_only, self_use, plan_alone, market]
set: {{run.start: "2018-07-18", run.days: 1}}
latin_hypercube:
  runs_count: {count}
  knobs:
    battery.capacity_kwh: [5.0, 20.0]
    market.loss_fraction: [0.0, 0.15]
    market.fee_cents_per_kwh: {{low: 0.1, high: 5.0, log: true}}
"""
_EVERY_S = 0.2


def descendants() -> list[int]:
    """List the processes that stem from this one."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, waiting = [], [getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def memory_bytes() -> int:
    """Add up what these processes hold, what they share only once (PSS)."""
    total = 0
    for process in descendants():
        try:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += 1024 * int(rollup.partition("\nPss:")[2].split()[0])
    return total


@contextmanager
def watched(peaks: list[int]) -> Iterator[None]:
    """Write down the most memory that was seen."""
    over = threading.Event()

    def watch() -> None:
        most = 0
        while not over.wait(_EVERY_S):
            most = max(most, memory_bytes())
        peaks.append(most)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()


def asked(*arguments: str) -> dict[str, object]:
    """Run the program, and return the JSON object that it prints."""
    command = [sys.executable, str(ROOT / "run.py"), *arguments, "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603, ours
    found: dict[str, object] = json.loads(done.stdout)
    return found


def measured(name: str, sweep: Path, means: list[str]) -> str:
    """Make the sweep; print a row, and return the hash of all that it left."""
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) if name == "dask" else nullcontext()  # fmt: skip
    peaks: list[int] = []
    with cluster as started, watched(peaks):
        address = [] if started is None else ["--address", started.scheduler_address]
        began_s = monotonic()
        told = asked("batch", str(sweep), "--out", str(sweep.parent / name), *means, *address)
        seconds = monotonic() - began_s
    folder = Path(str(told["batch_folder"]))
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    count = int(str(told["done_count"]))
    print(
        f"| {name} | {60 * count / seconds:.1f} | {seconds:.0f} s | {peaks[0] / 2**20:.0f} MiB "
        f"| {size / 1e6:.1f} MB |",
        flush=True,
    )
    return (folder / "DONE").read_text()


def main() -> None:
    """Print what was expected, a row for each way, and whether they left the same."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with TemporaryDirectory(prefix="commonwatt-") as folder:
        sweep = Path(folder, "sweep.yaml")
        sweep.write_text(SWEEP.format(count=count), encoding="utf-8")
        for workers in ("1", "2"):
            expected = asked("batch", str(sweep), "--dry-run", "--workers", workers)
            print(f"expected with {workers}: {expected['estimate']}", flush=True)
        print("| made by | runs/min | by the clock | most memory | written |")
        print("|---|---:|---:|---:|---:|")
        hashes = {
            measured("1 process", sweep, ["--workers", "1"]),
            measured("2 processes", sweep, ["--workers", "2"]),
            measured("dask", sweep, ["--engine", "dask"]),
        }
        print("the same hashes" if len(hashes) == 1 else f"hashes differ: {hashes}")


if __name__ == "__main__":
    main()
