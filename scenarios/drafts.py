"""The hidden folder of a run that is not whole yet: where it lies, and what in it is worth it."""

import shutil
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path

from scenarios import states

JOB = "job.json"
"""What a run is, the first file of its draft."""

_PARTS, _RESULTS = "parts", "results"
_SUFFIX = ".unfinished"
_PACKAGES = ("agents", "forecasting", "market", "model", "profiles", "scenarios")


def draft_of(folder: Path) -> Path:
    """Name the draft of a folder of results, which lies beside it."""
    return folder.parent / f".{folder.name}{_SUFFIX}"


def folder_of(draft: Path) -> Path:
    """Name the folder of results that a draft becomes."""
    return draft.with_name(draft.name.removeprefix(".").removesuffix(_SUFFIX))


def parts(draft: Path) -> Path:
    """Name the folder of the arms that are being lived."""
    return draft / _PARTS


def results(draft: Path) -> Path:
    """Name the folder that is renamed in the end."""
    return draft / _RESULTS


def is_draft(path: Path) -> bool:
    """Whether a folder is the draft of a run that was begun."""
    named = path.name.startswith(".") and path.name.endswith(_SUFFIX)
    return named and not path.is_symlink() and (path / JOB).is_file()


def free(out: Path, name: str) -> Iterator[Path]:
    """List folders below ``out`` that are not there: ``name``, and with "-2" and so on."""
    for number in count(1):
        folder = out / (name if number == 1 else f"{name}-{number}")
        if not folder.exists() and not draft_of(folder).exists():
            yield folder


def is_worth_keeping(draft: Path) -> bool:
    """Whether something of a draft would not have to be done again."""
    return (results(draft) / "DONE").exists() or steps_kept(draft) > 0


def steps_kept(draft: Path) -> int:
    """Count the steps, over all arms, that would not have to be lived again."""
    return states.steps_kept(parts(draft))


def remove(draft: Path) -> None:
    """Take a draft away, ``job.json`` last: what is left until then can still be continued."""
    for path in (parts(draft), results(draft)):
        shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(draft, ignore_errors=True)


@cache
def program_sha256() -> str:
    """Hash the modules that a run is made by, in hexadecimal."""
    root, digest = Path(__file__).parents[1], sha256()
    for package in _PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
