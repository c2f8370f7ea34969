"""The folder in which a run leaves its results, and the check that it is still what was written.

Everything is written into a hidden folder beside it, and renamed in the end, so a folder of results
is either whole or not there.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from market import ledger
from profiles import whole_files
from profiles.errors import InputError
from scenarios import charts, csv_tables, plain_files, tables
from scenarios.compare import Comparison
from scenarios.csv_folder import CAPACITY_FILE
from scenarios.genesis import genesis
from scenarios.manifest import File, Manifest, described, manifest
from scenarios.summary import as_json, summary

CSV_HOME_STEPS_MAX = 1_000_000  # per arm; beyond them a text file is a burden

EVALUATION = "evaluation.json"
"""The figures of forecasters that were rated; no run has such a file."""

_ALWAYS = {
    "arms.svg", "ledger.bin", "params.json", "prices.parquet", "steps.parquet", "summary.json",
    "trades.parquet",
}  # fmt: skip
_BASELINE, _OPTIMIZED = "self_use", "market"


def check_writable(out: Path) -> None:
    """Refuse a folder for results in which nothing can be written; nothing is left behind.

    Raises
    ------
    InputError
        If the folder, or the nearest of its parents that exists, is a file or not writable.
    """
    try:
        nearest = next(folder for folder in (out, *out.parents) if folder.exists())
    except OSError as error:
        raise InputError(f"--out {out}: cannot be used ({error.strerror})") from None
    if not nearest.is_dir():
        raise InputError(f"--out {out}: must be a folder ({nearest} is a file)")
    try:  # rights alone do not tell: a file system may be read-only, full or of another kind
        with TemporaryDirectory(prefix=".", dir=nearest):
            pass
    except OSError as error:
        raise InputError(f"--out {out}: must be writable ({nearest}: {error.strerror})") from None


@dataclass(frozen=True, slots=True)
class Draft:
    """The folder of a run that is not published yet. It is made when something is put into it."""

    out: Path  # parent of the folder to come
    name: str
    hidden: Path


@contextmanager
def draft(out: Path, now: datetime | None = None, kind: str = "sim") -> Iterator[Draft]:
    """Draft a folder of results, of which nothing is left unless it is published.

    Parameters
    ----------
    out : Path
        Parent of the new folder.
    now : datetime, optional
        Names the folder; the present if None.
    kind : str
        Begins its name.
    """
    name = f"{kind}_{now or datetime.now(UTC).astimezone():%Y%m%d_%H%M%S}"
    new = [folder for folder in (out, *out.parents) if not folder.exists()]
    # Two runs may begin in one second, of one process or of several.
    drafted = Draft(out, name, out / f".{name}.{secrets.token_hex(8)}")
    try:
        yield drafted
    finally:
        shutil.rmtree(drafted.hidden, ignore_errors=True)
        for folder in new:
            with suppress(OSError):  # as it holds what was published
                folder.rmdir()


def save(
    comparison: Comparison, out: Path, *, csv: bool = False, now: datetime | None = None
) -> Path:
    """Write a comparison into a new folder below ``out``, as `write` does.

    Returns
    -------
    Path
        The folder, "sim_YYYYMMDD_HHMMSS", with "-2" and so on if there is one already.

    Raises
    ------
    InputError
        If nothing can be written there, or no more; nothing is left behind.
    """
    try:
        with draft(out, now) as drafted:
            write(drafted.hidden, comparison, csv=csv)
            return published(drafted)
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror or error})") from None


def verify(path: Path) -> list[str]:
    """Check that a folder holds what was written, byte by byte, and that its ledger holds.

    Parameters
    ----------
    path : Path
        Folder of results, or the file of a ledger alone.

    Returns
    -------
    list of str
        Problems in words; empty if there is none.

    Raises
    ------
    InputError
        If it is neither.
    """
    if path.is_file():
        found = ledger.verify(path.read_bytes())
        return [] if found.ok else [found.problem]
    if not path.is_dir():
        raise InputError(f"{path}: {'not a folder' if path.exists() else 'no such folder'}")
    if (path / EVALUATION).exists() and not (path / "manifest.json").exists():
        raise InputError(f"{path}: must be the folder of a run (it holds an evaluation)")
    return _folder_problems(path)


def _folder_problems(folder: Path) -> list[str]:
    try:
        written, done = (plain_files.content(folder, name) for name in ("manifest.json", "DONE"))
        expected = Manifest.model_validate_json(written)
    except InputError as error:
        return [_of_folder(folder, error)]
    except ValueError:
        return ["manifest.json: is not the manifest of a run"]
    problems = []
    if done_of(written) != done:
        problems.append("manifest.json: differs from what DONE was written for")
    for name, file in expected.outputs.items():
        try:
            problems += _file_problems(plain_files.plain(folder, name), file)
        except InputError as error:
            problems.append(_of_folder(folder, error))
    needed = _ALWAYS | ({tables.ROUNDS_FILE} if expected.scenario.federated.enabled else set())
    problems += [f"{name}: not in the manifest" for name in sorted(needed - {*expected.outputs})]
    written_names = {*expected.outputs, *needed, "manifest.json", "DONE"}
    strangers = sorted(path.name for path in folder.iterdir() if path.name not in written_names)
    problems += [f"{plain_files.called(name)}: was not written by the run" for name in strangers]
    problems += _ledger_problems(folder, expected, written)
    return [*dict.fromkeys(problems)]  # what is wrong with the ledger may have been told already


def _file_problems(path: Path, expected: File) -> list[str]:
    """Compare a plain file with its description; its length first, which takes no reading."""
    try:
        if path.stat().st_size == expected.bytes_count and described(path) == expected:
            return []
    except OSError as error:
        return [f"{path.name}: cannot be read ({error.strerror})"]
    return [f"{path.name}: differs from what was written"]


def _ledger_problems(folder: Path, expected: Manifest, manifest_bytes: bytes) -> list[str]:
    name = "ledger.bin"
    try:
        data = plain_files.content(folder, name, plain_files.LEDGER_BYTES_MAX)
    except InputError as error:
        return [_of_folder(folder, error)]
    found = ledger.verify(data, expected.ledger_heads.get(expected.ledger_arm, ""))
    if not found.ok:
        return [f"{name}: {found.problem}"]
    # As it was written, not as it would be read today, with knobs that came since.
    described_then = json.loads(manifest_bytes)["scenario"]
    if ledger.genesis(data) != genesis(described_then, expected.data_sha256, expected.ledger_arm):
        return [f"{name}: belongs to another scenario than the manifest's"]
    return []


def _of_folder(folder: Path, error: InputError) -> str:
    """Tell what is wrong with a file as one line of a folder's problems."""
    return str(error).removeprefix(f"{folder.name or folder}/")


def write(folder: Path, comparison: Comparison, *, csv: bool = False) -> None:
    """Write every file into a new folder; manifest and DONE come last, when all others last.

    Parameters
    ----------
    folder : Path
        It is made; one of that name goes first.
    comparison : Comparison
        What was run.
    csv : bool
        Write the CSV files however long they are.

    Raises
    ------
    OSError
        If writing fails.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "params.json").write_text(comparison.scenario.as_json(), encoding="utf-8")
    figures = summary(comparison)
    (folder / "summary.json").write_text(as_json(figures), encoding="utf-8")
    (folder / "arms.svg").write_text(charts.picture({charts.title(figures): figures}), "utf-8")
    with (folder / "ledger.bin").open("wb") as file:
        file.writelines(comparison.arms[comparison.last].tape.ledger_parts())
    tables.write_prices(folder / tables.PRICES_FILE, comparison.arms)
    if comparison.scenario.federated.enabled:
        tables.write_rounds(folder / tables.ROUNDS_FILE, comparison.arms)
    if comparison.capacity is not None:
        lived = comparison.arms[comparison.last].steps_count
        comparison.capacity.over(lived, 1).save(folder / CAPACITY_FILE)
    for name, arm in _csv_files(comparison, csv=csv).items():
        wallet_usd = comparison.scenario.homes.wallet_usd_initial
        csv_tables.write(folder / name, comparison.arms[arm], wallet_usd)
    tables.write_steps_and_trades(folder, comparison.arms)
    outputs = {path.name: path for path in folder.iterdir()}
    for path in outputs.values():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    content = manifest(comparison, outputs).model_dump_json(indent=2) + "\n"
    whole_files.write(folder / "manifest.json", content.encode())
    whole_files.write(folder / "DONE", done_of(content.encode()))


def done_of(manifest_bytes: bytes) -> bytes:
    """Return what the last file holds: the hash of the manifest, which holds all others."""
    return f"{described(manifest_bytes).sha256}\n".encode()


def _csv_files(comparison: Comparison, *, csv: bool) -> dict[str, str]:
    """Say which CSV file holds which arm."""
    last = comparison.arms[comparison.last]
    if last.steps_count * last.homes_count > CSV_HOME_STEPS_MAX and not csv:
        return {}
    if comparison.simulated:
        return {csv_tables.OPTIMIZED_FILE: comparison.last}
    wanted = {csv_tables.BASELINE_FILE: _BASELINE, csv_tables.OPTIMIZED_FILE: _OPTIMIZED}
    return {name: arm for name, arm in wanted.items() if arm in comparison.arms}


def published(drafted: Draft) -> Path:
    """Rename the hidden folder to the first name that is free, which is returned."""
    for number in count(1):
        name = drafted.name if number == 1 else f"{drafted.name}-{number}"
        target = drafted.out / name
        if target.exists():
            continue
        try:
            return drafted.hidden.rename(target)
        except OSError:
            # Another run may have taken the name since; anything else is a failure.
            if not target.exists():
                raise
    raise AssertionError("counting has no end")
