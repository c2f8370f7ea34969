"""Scenarios from files: by shipped name or path, over a parent, with overrides.

A file is strict YAML or JSON. It holds what differs from its ``base``, another scenario; without
one, what differs from the defaults. Every refusal is one line that says where the value stands.
"""

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from profiles.config import validated
from profiles.errors import FitError, InputError
from profiles.strict_yaml import Document, Value, parse, read
from scenarios import fit, layers
from scenarios.schema import Scenario

OPTIONS: Mapping[str, str] = MappingProxyType(
    {"--start": "run.start", "--days": "run.days", "--homes": "homes.count", "--seed": "seed"}
)
"""Options of the command line that set one knob each."""

_PLAIN = re.compile(r"\w[\w-]{0,99}")  # what may be meant as the name of a shipped scenario
_DEFAULTS = "scenarios/base.yaml:"  # how a place in the defaults is named
_OF_ITS_OWN = ("name", "purpose")  # not inherited: they would say the wrong thing


def shipped() -> tuple[str, ...]:
    """Name the scenarios that ship with the project, in alphabetical order."""
    names = (file.name for file in files("scenarios").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def load(
    name_or_path: str,
    overrides: Sequence[str] = (),
    options: Mapping[str, Value] | None = None,
) -> Scenario:
    """Load a scenario and check that it can be run.

    Parameters
    ----------
    name_or_path : str
        A shipped name (`shipped`) or the path of a YAML or JSON file.
    overrides : sequence of str
        Such as "market.loss_fraction=0.04"; later ones count more.
    options : mapping, optional
        Values by option of the command line (`OPTIONS`); they count most.

    Returns
    -------
    Scenario
        Complete: what nobody typed has its default.

    Raises
    ------
    InputError
        One line: where the value was typed, the field, its limit and the value.
    """
    typed = [*_family(name_or_path)]
    typed += [layers.setting(text) for text in overrides]
    for option, value in (options or {}).items():
        typed.append(layers.override(OPTIONS[option], value, f"{option} {value}"))
    document = layers.layered(typed)
    scenario = validated(document, Scenario, also=("base",))
    try:
        fit.check(scenario, fit.read_profiles(scenario))
    except FitError as error:
        # What was typed is at fault, rather than a default.
        place, other = document.place(error.path), error.other
        typed_later = other is not None and document.place(other.path).startswith("--")
        shift = place.startswith(_DEFAULTS) or (typed_later and not place.startswith("--"))
        blamed = other if other is not None and shift else error
        raise InputError(f"{document.place(blamed.path)}: {blamed}") from None
    return scenario


def dump(scenario: Scenario) -> str:
    """Write a scenario as JSON, complete, which `load` reads back to the same scenario."""
    return json.dumps(scenario.model_dump(mode="json"), indent=2) + "\n"


def _family(name_or_path: str) -> list[Document]:
    """Read a file and all that it stands on, the oldest first."""
    if name_or_path in shipped():
        document, key = _shipped(name_or_path)
    elif _PLAIN.fullmatch(name_or_path) and not Path(name_or_path).exists():
        known = ", ".join(shipped())
        raise InputError(f"{name_or_path}: must be a file or one of {known}")
    else:
        document, key = read(Path(name_or_path)), _key(Path(name_or_path))
    family = [_own(document, Path(document.name).stem)]
    seen = {key}
    while "base" in document.data:
        parent, key = _parent(document)
        if key in seen:
            raise InputError(f"{document.place('base')}: base: {parent.name} stands on this file")
        seen.add(key)
        kept = {k: v for k, v in parent.data.items() if k not in (*_OF_ITS_OWN, "base")}
        family.insert(0, Document(kept, parent.lines, parent.name))
        document = parent
    return family


def _own(document: Document, stem: str) -> Document:
    """Take the parent's name out, and say what is not inherited."""
    data: dict[str, Value] = {"name": stem, "purpose": ""}
    data |= {key: value for key, value in document.data.items() if key != "base"}
    return Document(data, document.lines, document.name)


def _parent(document: Document) -> tuple[Document, str]:
    base = document.data["base"]
    place = f"{document.place('base')}: base"
    if not isinstance(base, str):
        raise InputError(f"{place}: must be text (got {base!r})")
    if base in shipped():
        return _shipped(base)
    path = Path(document.name).parent / base
    if not _is_file(path):
        known = ", ".join(shipped())
        raise InputError(f"{place}: must be a file or one of {known} (got {base!r})")
    return read(path), _key(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


def _shipped(name: str) -> tuple[Document, str]:
    file = files("scenarios").joinpath(f"{name}.yaml")
    return parse(file.read_text(encoding="utf-8"), f"scenarios/{file.name}"), _key(Path(str(file)))


def _key(path: Path) -> str:
    """Tell files apart, however they were named."""
    return str(path.resolve())
