"""Kill runs at random moments, go on with each, and hold every file against a run left alone.

``python -m benchmarks.kill 15`` kills single runs, which keep their state after every step; every
other one is killed once more while it goes on. ``python -m benchmarks.kill 15 --batch SWEEP`` kills
batches. What comes behind ``--`` takes the place of the run's usual arguments.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

RUN = [sys.executable, str(Path(__file__).parents[1] / "run.py")]
SINGLE = [
    "fontana_mixed", "--homes=3", "--days=3", "--set=forecast.samples_count=2", "--workers=1",
    "--checkpoint-every=0", "--arms=self_use,plan_alone,market,own_bound",
]  # fmt: skip


def main(asked: argparse.Namespace, rest: list[str]) -> int:
    """Print what came of each kill; 1 if any left another file."""
    verb = ["compare", *(rest or SINGLE)]
    if asked.batch is not None:
        verb = ["batch", asked.batch, *rest]
    draws, differ_count, number = random.Random(asked.seed), 0, 0  # noqa: S311, no secret
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "alone"
        length_s = _lived([*verb, "--out", str(alone)], alone, None)
        wanted = _contents(alone)
        while number < asked.count:
            out = Path(folder) / "killed"
            moments_s = [draws.uniform(0.0, length_s) for _ in range(1 + number % 2)]
            if _through([*verb, "--out", str(out)], out, moments_s):
                number += 1
                same = _contents(out) == wanted
                differ_count += not same
                told = ", ".join(f"{moment_s:.2f} s" for moment_s in moments_s)
                verdict = "the same bytes" if same else "DIFFERENT"
                print(f"{number:3}  killed after {told}: {verdict}", flush=True)
            else:  # it was over already: the machine is less busy by now
                length_s = max(0.1, 0.8 * length_s)
            shutil.rmtree(out)
    print(f"{number - differ_count} of {number} with the same {len(wanted)} files")
    return 1 if differ_count else 0


def _through(command: list[str], out: Path, moments_s: list[float]) -> bool:
    """Kill a run at each moment and go on, then let it be; whether it was on its way at first."""
    _lived(command, out, moments_s[0])
    was_over = not list(_drafts(out)) and bool(_contents(out))
    for moment_s in [*moments_s[1:], None]:
        left = list(_drafts(out))
        if not left and _contents(out):  # it has just ended
            break
        _lived(["resume", str(left[0])] if left else command, out, moment_s)
    return not was_over


def _lived(command: list[str], out: Path, moment_s: float | None) -> float:
    """Run a command, to its end or to a moment after it began to write; return how long it wrote.

    It begins as its folder is made: what comes before that leaves nothing that could go wrong.
    """
    called = [*RUN, *command, "--quiet"]
    with subprocess.Popen(called, stdout=subprocess.DEVNULL) as running:  # noqa: S603, it is ours
        while not (out.exists() or running.poll() is not None):
            sleep(0.005)
        began_s = monotonic()
        try:
            running.wait(moment_s)
        except subprocess.TimeoutExpired:
            running.kill()
    if moment_s is None and running.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {running.returncode}")
    return monotonic() - began_s


def _drafts(out: Path) -> Iterator[Path]:
    """List what can be gone on with: drafts of runs, and batches that are not whole."""
    yield from out.glob(".*.unfinished")
    batches = (path.parent for path in out.glob("*/batch.json"))
    yield from (folder for folder in batches if not (folder / "DONE").exists())


def _contents(out: Path) -> dict[str, bytes]:
    """Read every file below, by its path without the folder that is named by the time."""
    found = {}
    for path in out.rglob("*"):
        if path.is_file():
            found["/".join(path.relative_to(out).parts[1:])] = path.read_bytes()
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--batch", metavar="SWEEP")
    parser.add_argument("--seed", type=int, default=0)
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    sys.exit(main(parser.parse_args(sys.argv[1:end]), sys.argv[end + 1 :]))
