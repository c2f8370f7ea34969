"""The runs that are reported: those of result folders, and those of batches.

A folder may be damaged or made by somebody else; `scenarios.stored` reads it.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from profiles.errors import InputError, shown, shown_name
from scenarios import plain_files, stored
from scenarios.batch_folder import BATCH_FILE, FAILED, RUNS
from scenarios.manifest import Manifest
from scenarios.reporting import course
from scenarios.reporting.course import Course

_PROBLEM_LENGTH_MAX = 300


@dataclass(frozen=True, slots=True, eq=False)
class Reported:
    """One run of a report."""

    label: str  # told apart by it
    manifest: Manifest
    sha256: str  # content of DONE: the hash of the manifest, which holds those of all files
    course: Course


@dataclass(frozen=True, slots=True)
class Missing:
    """One run of a batch that there are no results of."""

    label: str
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """All runs of a report, at least one."""

    runs: list[Reported]
    missing: list[Missing]


def collected(paths: Sequence[Path]) -> Collection:
    """Read result folders, and the runs of batches.

    Parameters
    ----------
    paths : sequence of Path
        Folders of runs or of batches.

    Raises
    ------
    InputError
        If there is no run, one is there twice, or a folder is not what a run has written.
    """
    runs, missing = [], []
    seen: dict[Path, Path] = {}
    for path in paths:
        prefix = f"{_name(path)}/" if len(paths) > 1 else ""
        is_batch = _is_batch(path)
        for folder in _finished(path) if is_batch else [path]:
            if folder.resolve() in seen:
                raise InputError(f"{folder}: is named twice")
            seen[folder.resolve()] = folder
            runs.append(reported(folder, f"{prefix if is_batch else ''}{_name(folder)}"))
        missing += _missing(path, prefix) if is_batch else []
    if not runs:
        told = f"{paths[0]}: has no finished run" if paths else "a report needs a folder"
        raise InputError(told)
    return Collection(_told_apart(runs, list(seen.values())), missing)


def reported(folder: Path, label: str) -> Reported:
    """Read one result folder.

    Raises
    ------
    InputError
        If it is not what a run has written.
    """
    run = stored.read(folder)
    digest = plain_files.content(folder, "DONE").decode().strip()
    try:
        lived = course.of_folder(run)
    except InputError as error:
        text = str(error)
        named = text if text.startswith(f"{folder.name}/") else f"{folder.name}/{text}"
        raise InputError(named) from None
    return Reported(label, stored.manifest(folder), digest, lived)


def _is_batch(path: Path) -> bool:
    return os.path.lexists(path / BATCH_FILE) and not os.path.lexists(path / "manifest.json")


def _finished(batch: Path) -> list[Path]:
    """List the runs of a batch that are whole, in the order of their numbers."""
    folder = batch / RUNS
    found = sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else []
    return [each for each in found if each.is_dir() and os.path.lexists(each / "DONE")]


def _missing(batch: Path, prefix: str) -> list[Missing]:
    """Tell which runs of a batch there are no results of: those that failed, those not made yet."""
    whole = {folder.name for folder in _finished(batch)}
    planned = _json(batch, BATCH_FILE).get("runs")
    runs = planned if isinstance(planned, list) else []
    numbers = [run.get("number") for run in runs if isinstance(run, dict)]
    names = [f"{number:05}" for number in numbers if isinstance(number, int)]
    failed = batch / FAILED
    records = [path.stem for path in failed.glob("*.json")] if failed.is_dir() else []
    return [
        Missing(f"{prefix}{shown_name(name)}", _problem(failed, name, name in records))
        for name in sorted({*names, *records} - whole)
    ]


def _problem(failed: Path, name: str, recorded: bool) -> str:
    """Read the line that says why a run failed."""
    if not recorded:
        return "not finished"
    line = _json(failed, f"{name}.json").get("problem")
    if not isinstance(line, str):
        return "failed"
    readable = line.isprintable() and len(line) <= _PROBLEM_LENGTH_MAX
    return line if readable else shown(line, _PROBLEM_LENGTH_MAX)


def _json(folder: Path, name: str) -> dict[str, Any]:
    """Read what a batch says of itself; nothing of a file that is none of its own."""
    try:
        told = json.loads(plain_files.content(folder, name))
    except (ValueError, RecursionError):  # then it says nothing: its runs are read all the same
        return {}
    return told if isinstance(told, dict) else {}


def _name(path: Path) -> str:
    return shown_name(path.name or path.resolve().name)


def _told_apart(runs: list[Reported], folders: list[Path]) -> list[Reported]:
    """Put the parent's name before labels that two runs would share."""
    labels = [run.label for run in runs]
    if len(set(labels)) == len(labels):
        return runs
    apart = [
        f"{_name(folder.parent)}/{run.label}" if labels.count(run.label) > 1 else run.label
        for run, folder in zip(runs, folders, strict=True)
    ]
    if len(set(apart)) < len(apart):  # parents of one name: their order tells them apart
        apart = [f"{label} ({place})" for place, label in enumerate(apart, 1)]
    return [
        Reported(label, run.manifest, run.sha256, run.course)
        for label, run in zip(apart, runs, strict=True)
    ]
