"""Which files hold what of which home: long and wide tables, and folders with one file per home.

n is the number of homes. Rows are not looked at beyond ids and types.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from profiles.arrays import Integers
from profiles.errors import FitError, InputError, shown, shown_name, shown_path
from profiles.recorded.columns import METERED
from profiles.tables.table import BYTES_MAX, SUFFIXES, File, Table, opened, table

EVERY_ROW = -1
"""Stands for a home that the row tells."""
ID_MAX = 10**15
"""Highest id of a home; spreadsheets and JSON keep every digit of such a number."""

_ID = r"0|[1-9]\d{0,14}"
_WIDE = re.compile(rf"(?:(load_kwh|pv_kwh)_)?({_ID})", re.ASCII)
_OWN_FILE = re.compile(rf"(?:home_)?({_ID})", re.ASCII)
_TYPE = re.compile(r"\w[\w-]{0,39}")
_LONG = ("ts", "home", *METERED, "type")
_PER_HOME = ("ts", *METERED)


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table and what it holds."""

    quantity: str  # such as load_kwh
    column: str
    home: int  # place of the home, 0..n-1, or EVERY_ROW


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A table whose columns are known by home and quantity."""

    table: Table
    fields: tuple[Field, ...]
    home: Integers | None = None  # (rows,) place of the home of a row, where the row tells it


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """All that was found."""

    ids: Integers  # (n,) strictly increasing
    types: tuple[str, ...]  # (n,) or empty
    sheets: tuple[Sheet, ...]
    others: tuple[File, ...] = ()  # files read beside them


def homes_at(path: Path, apart: Path | None = None) -> Homes:
    """Find the homes in a file or folder.

    Parameters
    ----------
    path : Path
        A CSV or Parquet file, or a folder with one per home.
    apart : Path, optional
        A file that belongs to no home, though it may lie in the folder.

    Raises
    ------
    InputError
        If there is nothing to read or its columns are not those of a known shape.
    """
    try:
        folder, file = path.is_dir(), path.is_file()
    except (OSError, ValueError):  # such as a name that is too long
        folder = file = False
    if folder:
        return _of_folder(path, apart)
    if not file:
        raise FitError(
            "profiles.path", f"must be a file or folder (got {shown(shown_path(path), 200)})"
        )
    whole = opened(path)
    if "home" in whole.columns:
        return _of_long(whole)
    return _of_wide(whole)


def _of_long(file: File) -> Homes:
    file.check_known(_LONG)
    file.check_has("load_kwh")
    rows = table(file)
    ids, home = np.unique(rows.whole("home", 0, ID_MAX), return_inverse=True)
    home = home.astype(np.int64)
    quantities = [name for name in file.columns if name in METERED]
    fields = tuple(Field(name, name, EVERY_ROW) for name in quantities)
    types = _types(rows, home, ids.size) if "type" in file.columns else ()
    return Homes(ids, types, (Sheet(rows, fields, home),))


def _of_wide(file: File) -> Homes:
    found: dict[tuple[int, str], str] = {}
    spelt: set[bool] = set()  # whether a name says what it holds
    for name in file.columns:
        match = _WIDE.fullmatch(name)
        if name in METERED:
            raise InputError(f"{file.head}: home: is missing, which goes with {name}")
        if match is None and name != "ts":
            raise InputError(
                f"{file.head}: {shown_name(name)}: is not a known column (known in a table with "
                f"home: {', '.join(_LONG)}; without: ts, load_kwh_<id>, pv_kwh_<id> or <id>)"
            )
        if match is not None:
            spelt.add(match[1] is not None)
            found[int(match[2]), match[1] or "load_kwh"] = name
    if len(spelt) > 1:
        raise InputError(f"{file.head}: columns must be all <id>, or load_kwh_<id> and pv_kwh_<id>")
    ids = np.array(sorted({home for home, _ in found}), dtype=np.int64)
    if ids.size == 0:
        raise InputError(f"{file.head}: must have a column of load (columns: ts)")
    place = {home: index for index, home in enumerate(ids.tolist())}
    without = [home for home in place if (home, "load_kwh") not in found]
    if without:
        raise InputError(f"{file.head}: load_kwh_{without[0]}: is missing")
    fields = tuple(Field(quantity, name, place[home]) for (home, quantity), name in found.items())
    return Homes(ids, (), (Sheet(table(file), fields),))


def _of_folder(folder: Path, apart: Path | None) -> Homes:
    paths: dict[int, Path] = {}
    listed: Path | None = None
    for path in _readable(folder, apart):
        match = _OWN_FILE.fullmatch(path.stem)
        if path.name == "homes.csv":
            listed = path
        elif match is None:
            limit = "must be called <id>, home_<id> or homes.csv, ids without leading zeros"
            raise InputError(f"{shown_path(path)}: {limit}")
        elif int(match[1]) in paths:
            other = paths[int(match[1])].name
            raise InputError(
                f"{shown_path(path)}: home {match[1]}: must have one file (and {other})"
            )
        else:
            paths[int(match[1])] = path
    if not paths:
        limit = f"must hold a file for each home, <id>{' or <id>'.join(SUFFIXES)}"
        raise InputError(f"{shown_path(folder)}: {limit} (got none)")
    sheets = []
    for index, home in enumerate(sorted(paths)):
        file = opened(paths[home], ("ts", "load_kwh"))
        file.check_known(_PER_HOME)
        fields = [Field(name, name, index) for name in file.columns if name in METERED]
        sheets.append(Sheet(table(file), tuple(fields)))
    ids = np.array(sorted(paths), dtype=np.int64)
    if listed is None:
        return Homes(ids, (), tuple(sheets))
    types, file = _listed_types(listed, ids)
    return Homes(ids, types, tuple(sheets), (file,))


def _readable(folder: Path, apart: Path | None) -> Iterable[Path]:
    """List the tables of a folder in the order of their names."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
        kept = [path for path in paths if path != apart and not path.name.startswith(".")]
        strange = next((path for path in kept if not path.is_file()), None)
        bytes_count = sum(path.stat().st_size for path in kept)
    except OSError as error:
        raise InputError(f"{shown_path(folder)}: cannot be read ({error.strerror})") from None
    if strange is not None:
        raise InputError(f"{shown_path(strange)}: must be a file")
    if bytes_count > BYTES_MAX:
        limit = f"must be at most {BYTES_MAX} bytes together"
        raise InputError(f"{shown_path(folder)}: {limit} (got {bytes_count})")
    return kept


def _listed_types(path: Path, ids: Integers) -> tuple[tuple[str, ...], File]:
    """Read homes.csv, which names the type of every home."""
    file = opened(path, ("home", "type"))
    file.check_known(("home", "type"))
    rows = table(file)
    home = rows.whole("home", 0, ID_MAX)
    unknown = ~np.isin(home, ids)
    if unknown.any():
        raise rows.refusal(unknown, "home", "must have a file in the folder")
    again = np.ones(home.size, dtype=np.bool_)
    again[np.unique(home, return_index=True)[1]] = False
    if again.any():
        raise rows.refusal(again, "home", "must be named once")
    missing = ids[~np.isin(ids, home)]
    if missing.size:
        raise InputError(f"{file.name}: home {missing[0]}: must have a type (got none)")
    return _types(rows, np.searchsorted(ids, home), ids.size), file


def _types(rows: Table, home: Integers, homes_count: int) -> tuple[str, ...]:
    """Read the type of each home, which no row contradicts."""
    codes, names = rows.texts("type")
    texts = names.to_pylist()
    bad = np.array([_TYPE.fullmatch(text) is None for text in texts], dtype=np.bool_)[codes]
    if bad.any():
        limit = "must be a name of at most 40 letters, digits, _ and -"
        raise rows.refusal(bad, "type", limit)
    of_home = np.zeros(homes_count, dtype=np.int64)
    of_home[home[::-1]] = codes[::-1]  # the first row of a home counts
    other = codes != of_home[home]
    if other.any():
        first = texts[of_home[home[np.flatnonzero(other)[0]]]]
        raise rows.refusal(other, "type", f"must be the same in all rows of a home, {first}")
    return tuple(texts[code] for code in of_home.tolist())
