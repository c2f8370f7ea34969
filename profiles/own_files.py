"""Data that ships with the project, named alike wherever the project lies.

A scenario that reads such a file holds ``shipped:profiles/data/london.parquet``, which is made a
path when the file is opened. So the same scenario is the same bytes in every checkout.
"""

import os
from pathlib import Path

MARK = "shipped:"
ROOT = Path(__file__).parents[1]

_PACKAGES = ("profiles", "scenarios")  # those that hold data


def marked(path: str) -> str:
    """Name a file of the project by its place in it; any other whole path stays as it is."""
    for package in _PACKAGES:
        if Path(path).is_relative_to(ROOT / package):
            return f"{MARK}{Path(path).relative_to(ROOT).as_posix()}"
    return path


def is_marked(path: str) -> bool:
    """Whether a path is that of a file of the project, wherever it lies.

    One that leads out of the folders that hold data (``shipped:../x.csv``) is as any other path.
    """
    lies = os.path.normpath(ROOT / path.removeprefix(MARK))
    return path.startswith(MARK) and marked(lies) == path


def found(path: str) -> Path:
    """Return where a file lies, one of the project or any other."""
    return ROOT / path.removeprefix(MARK) if is_marked(path) else Path(path)
