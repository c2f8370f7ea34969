"""Throw damaged files at the readers for some minutes: nothing but a refusal may come of it.

    python -m benchmarks.fuzz 30

The time is shared by the readers of CSV, Parquet, grid capacities, YAML and whole scenarios. With
atheris, which is no dependency, inputs are steered by the code that they reach; without it, valid
and bad files of the tests are mutated at random, the same way each time. Exit code 1 if anything
but an `InputError` was raised; the input is then printed.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import traceback
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from profiles import strict_yaml
from profiles.config import ProfilesConfig
from profiles.errors import InputError
from profiles.grid_capacity import GridCapacity
from profiles.recorded import reader
from scenarios import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "corpus"
TOKENS = (
    b",", b";", b"\n", b"\r\n", b'"', b"nan", b"inf", b"-1", b"1e999", b"\0", b"\xff", b"Z", b"0",
    b"-08:00", b"2017-07-01T00:30", b"2026-11-01 01:30", b"9999-12-31T23:59", b"load_kwh_1", b"ts",
    b"home", b": ", b"- ", b"{", b"[", b"&a ", b"*a", b"!!", b"|", b">", b"profiles", b"types",
)  # fmt: skip
LENGTH_MAX = 4096


def _table(path: Path) -> None:
    for fill in ("none", "linear"):
        typed = {"source": "file", "path": str(path), "zone": "America/Los_Angeles", "fill": fill}
        reader.read(ProfilesConfig.model_validate(typed), 30)


def _capacity(path: Path) -> None:
    GridCapacity.from_file(path).over(100, 48)


def _yaml(path: Path) -> None:
    strict_yaml.read(path)


def _scenario(path: Path) -> None:
    load.load(str(path))


TARGETS: "Mapping[str, tuple[str, Callable[[Path], None]]]" = MappingProxyType(
    {
        "csv": (".csv", _table),
        "parquet": (".parquet", _table),
        "capacity": (".csv", _capacity),
        "yaml": (".yaml", _yaml),
        "scenario": (".yaml", _scenario),
    }
)


def seeds(target: str) -> list[bytes]:
    """Give files to begin with."""
    if target == "parquet":
        return list(map(_parquet, range(6)))
    suffix, _ = TARGETS[target]
    found = sorted(path for path in CORPUS.rglob(f"*{suffix}") if path.stat().st_size)
    shipped = sorted((ROOT / "scenarios").glob("*.yaml")) if suffix == ".yaml" else []
    return [path.read_bytes()[:LENGTH_MAX] for path in (*found, *shipped)]


def _parquet(number: int) -> bytes:
    """Write a small table, each in another way."""
    count = 8 * (number + 1)
    minutes = np.arange(count) // 2 * 30
    stamps = np.datetime64("2026-11-01T07:00", "us") + minutes.astype("timedelta64[m]")
    columns = {
        "ts": pa.array(stamps) if number % 2 else pa.array(np.datetime_as_string(stamps)),
        "home": pa.array(np.arange(count) % 2, pa.int8() if number % 3 else pa.int64()),
        "load_kwh": pa.array(np.linspace(0.0, 2.0, count)),
        "type": pa.array(np.array(["ev", "flat"])[np.arange(count) % 2]),
    }
    sink = pa.BufferOutputStream()
    kinds = ("none", "snappy", "zstd")
    parquet.write_table(pa.table(columns), sink, compression=kinds[number % 3])
    return sink.getvalue().to_pybytes()


def mutated(content: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one to four ways."""
    for _ in range(int(rng.integers(1, 5))):
        at, end = np.sort(rng.integers(0, len(content) + 1, 2)).tolist()
        end = min(end, at + 40)
        kind = int(rng.integers(0, 7))
        token = TOKENS[int(rng.integers(len(TOKENS)))]
        noise = rng.bytes(int(rng.integers(1, 5)))
        cut = int(rng.integers(0, len(other) + 1))
        content = (
            content[:at] + token + content[at:],
            content[:at] + token + content[end:],
            content[:at] + content[end:],
            content[:at] + noise + content[at + len(noise) :],
            content[:end] + content[at:],
            content[:at],
            content[:at] + other[cut : cut + 60] + content[end:],
        )[kind]
    return content[:LENGTH_MAX]


def feed(target: str, content: bytes, folder: Path) -> None:
    """Have a reader read a content; a refusal in one line is what is expected.

    Raises
    ------
    Exception
        Whatever else the reader lets through; AssertionError if a refusal has several lines.
    """
    suffix, read = TARGETS[target]
    path = folder / f"fed{suffix}"
    path.write_bytes(content)
    try:
        read(path)
    except InputError as error:
        if "\n" in str(error):
            raise AssertionError(f"a refusal of several lines: {error!r}") from error


def _at_random(target: str, seconds: float) -> tuple[int, int]:
    """Mutate seeds for some time; count what was fed and what went wrong."""
    rng, begin = np.random.default_rng(0), seeds(target)
    fed, crashes, until = 0, 0, monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        while monotonic() < until:
            one, other = (begin[int(rng.integers(len(begin)))] for _ in range(2))
            content = mutated(one, other, rng)
            fed += 1
            try:
                feed(target, content, Path(folder))
            except Exception:  # noqa: BLE001, anything else is what is looked for
                crashes += 1
                _report(target, content)
    return fed, crashes


def _report(target: str, content: bytes) -> None:
    """Say what was fed when something went wrong, and what."""
    print(f"{target}: {content!r}", file=sys.stderr)
    traceback.print_exc()
    sys.stderr.flush()


def _steered(target: str, seconds: float) -> tuple[int, int]:
    """Let atheris look in a process of its own, which it ends itself."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.fuzz", str(seconds / 60), "--steer", target]
        done = subprocess.run(  # noqa: S603, it runs itself
            [*command, "--folder", folder], cwd=ROOT, capture_output=True, text=True, check=False
        )
    runs = re.findall(r"^(?:Done |#)(\d+)", done.stderr, re.MULTILINE)
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if not line.startswith("#")]
        print("\n".join(told)[-20_000:], file=sys.stderr)
    return int(runs[-1]) if runs else 0, int(done.returncode != 0)


def _steer(target: str, seconds: float, folder: Path) -> None:
    atheris = import_module("atheris")
    for function in _functions():
        atheris.instrument_func(function)
    for number, content in enumerate(seeds(target)):
        (folder / str(number)).write_bytes(content)
    words = folder.parent / f"{folder.name}.dict"
    lines = ('"' + "".join(f"\\x{byte:02x}" for byte in token) + '"' for token in TOKENS)
    words.write_text("\n".join(lines) + "\n", encoding="utf-8")
    limits = [f"-max_total_time={int(seconds)}", f"-max_len={LENGTH_MAX}", "-rss_limit_mb=4096"]

    def watched(content: bytes) -> None:
        try:
            feed(target, content, Path(work))
        except Exception:
            _report(target, content)
            raise

    with tempfile.TemporaryDirectory() as work:
        atheris.Setup(
            [
                sys.argv[0],
                *limits,
                "-timeout=10",
                f"-dict={words}",
                f"-artifact_prefix={work}/",
                str(folder),
            ],
            watched,
        )
        atheris.Fuzz()


def _functions() -> "Iterator[FunctionType]":
    """Give the functions whose branches tell how far an input got."""
    for name, module in list(sys.modules.items()):
        if not name.startswith(("profiles.", "scenarios.", "yaml.")):
            continue
        found = list(vars(module).values())
        for each in list(found):
            found += vars(each).values() if isinstance(each, type) else []
        for each in found:
            if isinstance(each, FunctionType) and each.__module__ == name:
                yield each


def main() -> None:
    """Fuzz every reader and print what was fed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--steer", choices=TARGETS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    typed = parser.parse_args()
    if typed.steer:
        _steer(typed.steer, typed.minutes * 60, typed.folder)
        return
    look = _steered if find_spec("atheris") else _at_random
    print(f"{typed.minutes:g} minutes, {'with' if look is _steered else 'without'} atheris")
    found = {}
    for target in TARGETS:
        found[target] = look(target, typed.minutes * 60 / len(TARGETS))
        print(f"{target:10} {found[target][0]:10,} fed {found[target][1]:5} crashes", flush=True)
    sys.exit(any(crashes for _, crashes in found.values()))


if __name__ == "__main__":
    main()
