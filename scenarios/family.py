"""What a scenario is typed in: a file over its parents, overrides, settings and options over it.

A file is strict YAML or JSON. It holds what differs from its ``base``, another scenario; without
one, what differs from the defaults. An override is such a file without a base, for any scenario.
"""

import os
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from profiles import own_files
from profiles.errors import InputError
from profiles.strict_yaml import Document, Value, parse, read
from scenarios import layers
from scenarios.layers import Layers

OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "--start": "run.start",
        "--days": "run.days",
        "--homes": "homes.count",
        "--seed": "seed",
        "--rounds": "federated.rounds_count",
    }
)
"""Options of the command line that set one knob each."""

_PLAIN = re.compile(r"\w[\w-]{0,99}")  # what may be meant as the name of a shipped scenario
PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "profiles": ("path", "weather_path", "events_path"),
        "tariff": ("path", "export_path"),
        "carbon": ("path",),
        "grid": ("capacity_path",),
    }
)
"""Knobs by section that name files."""

REFERENCE = "reference"
"""Group of the scenarios that others stand on."""

NETWORKS = ("checkpoint", "generation_checkpoint")
"""Knobs of ``forecast.transformer`` that name folders of networks."""

_OF_ITS_OWN = ("name", "purpose")  # not inherited: they would say the wrong thing


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Name the scenarios that ship with the project, by what they are about, both in order.

    Those to start from stand beside this file, the others in folders of `scenarios/catalogue`.
    """
    found = {REFERENCE: _names(files("scenarios"))}
    folders = (each for each in files("scenarios").joinpath("catalogue").iterdir() if each.is_dir())
    named = {folder.name: _names(folder) for folder in folders}
    return MappingProxyType(found | {name: named[name] for name in sorted(named)})


def shipped() -> tuple[str, ...]:
    """Name the scenarios that ship with the project, in alphabetical order."""
    return tuple(sorted(name for names in groups().values() for name in names))


def shipped_overrides() -> tuple[str, ...]:
    """Name the overrides that ship with the project, in alphabetical order."""
    return _names(files("scenarios").joinpath("overrides"))


def typed(
    name_or_path: str,
    settings: Sequence[str] = (),
    options: Mapping[str, Value] | None = None,
    overrides: Sequence[str] = (),
    knobs: Mapping[str, str] = OPTIONS,
) -> Layers:
    """Lay everything that was typed over each other.

    Parameters
    ----------
    name_or_path : str
        A shipped name (`shipped`) or the path of a YAML or JSON file.
    settings : sequence of str
        Such as "market.loss_fraction=0.04"; later ones count more.
    options : mapping, optional
        Values by option of the command line; they count most.
    overrides : sequence of str
        Shipped names (`shipped_overrides`) or paths of files, laid over the scenario and under
        the settings; later ones count more.
    knobs : mapping
        Which knob each option sets.

    Returns
    -------
    Layers
        Each value knows where it was typed.

    Raises
    ------
    InputError
        If a file cannot be read or is not strict, or a setting is none.
    """
    above = typed_beside(settings, options or {}, knobs)
    return layers.layered([*_family(name_or_path), *map(override, overrides), *above])


def typed_beside(
    settings: Sequence[str], options: Mapping[str, Value], knobs: Mapping[str, str] = OPTIONS
) -> list[Document]:
    """Read what the command line sets, one knob each; parameters as in `typed`.

    Raises
    ------
    InputError
        If a setting is none.
    """
    documents = [placed(layers.setting(text), Path()) for text in settings]
    for option, value in options.items():
        documents.append(layers.override(knobs[option], value, f"{option} {value}"))
    return documents


def laid(document: Document, stem: str) -> Layers:
    """Lay a document over the shipped scenario on which it stands; no other file is read.

    Parameters
    ----------
    document : Document
        What a file holds, its paths whole.
    stem : str
        What the scenario is called if it does not say.

    Raises
    ------
    InputError
        If its base is no shipped scenario.
    """
    base = document.data.get("base")
    if base is not None and base not in shipped():
        limit = f"must be one of {', '.join(shipped())}"
        raise InputError(f"{document.place('base')}: base: {limit} (got {base!r})")
    below = [] if base is None else _family(str(base))
    return layers.layered([*below, _own(document, stem)])


def override(name_or_path: str) -> Document:
    """Read what is laid over a scenario.

    Raises
    ------
    InputError
        If there is no such file, it is not strict, or it has a base, which only a scenario has.
    """
    if name_or_path in shipped_overrides():
        document, _ = _shipped(f"overrides/{name_or_path}")
    elif _PLAIN.fullmatch(name_or_path) and not Path(name_or_path).exists():
        known = ", ".join(shipped_overrides())
        raise InputError(f"--override {name_or_path}: must be a file or one of {known}")
    else:
        document = read(Path(name_or_path))
    if "base" in document.data:
        raise InputError(f"{document.place('base')}: base: an override stands on no other file")
    return placed(_inherited(document), Path(document.name).parent)


def _names(folder: Traversable) -> tuple[str, ...]:
    names = (file.name for file in folder.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def _inherited(document: Document) -> Document:
    """Leave out what only the file itself may say."""
    kept = {k: v for k, v in document.data.items() if k not in (*_OF_ITS_OWN, "base")}
    return Document(kept, document.lines, document.name)


def _family(name_or_path: str) -> list[Document]:
    """Read a file and all that it stands on, the oldest first."""
    if name_or_path in shipped():
        document, key = _shipped(_place(name_or_path))
    elif _PLAIN.fullmatch(name_or_path) and not Path(name_or_path).exists():
        known = ", ".join(shipped())
        raise InputError(f"{name_or_path}: must be a file or one of {known}")
    else:
        document, key = read(Path(name_or_path)), _key(Path(name_or_path))
    family = [placed(_own(document, Path(document.name).stem), Path(document.name).parent)]
    seen = {key}
    while "base" in document.data:
        parent, key = _parent(document)
        if key in seen:
            raise InputError(f"{document.place('base')}: base: {parent.name} stands on this file")
        seen.add(key)
        family.insert(0, placed(_inherited(parent), Path(parent.name).parent))
        document = parent
    return family


def _own(document: Document, stem: str) -> Document:
    """Take the parent's name out, and say what is not inherited."""
    data: dict[str, Value] = {"name": stem, "purpose": ""}
    data |= {key: value for key, value in document.data.items() if key != "base"}
    return Document(data, document.lines, document.name)


def placed(document: Document, folder: Path) -> Document:
    """Make the paths of data that a document names whole, so that it may be saved elsewhere.

    What ships with the project is named by its place in it (`profiles.own_files`).
    """
    data = dict(document.data)
    for name, knobs in PATHS.items():
        section = data.get(name)
        if isinstance(section, dict):
            whole: dict[str, Value] = {
                knob: own_files.marked(path)
                for knob, path in _whole(section, knobs, folder).items()
            }
            data[name] = section | whole
    forecast = data.get("forecast")
    network = forecast.get("transformer") if isinstance(forecast, dict) else None
    if isinstance(forecast, dict) and isinstance(network, dict):
        folders: dict[str, Value] = {**_whole(network, NETWORKS, folder)}
        data["forecast"] = forecast | {"transformer": network | folders}
    return Document(data, document.lines, document.name)


def _whole(section: dict[str, Value], knobs: Collection[str], folder: Path) -> dict[str, str]:
    """Make the paths of a section start at a folder, but for those of files that ship."""
    return {
        key: os.path.abspath(folder / value)  # noqa: PTH100, Path.resolve would follow links
        for key, value in section.items()
        if key in knobs and isinstance(value, str) and value and not own_files.is_marked(value)
    }


def _parent(document: Document) -> tuple[Document, str]:
    base = document.data["base"]
    place = f"{document.place('base')}: base"
    if not isinstance(base, str):
        raise InputError(f"{place}: must be text (got {base!r})")
    if base in shipped():
        return _shipped(_place(base))
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


def _place(name: str) -> str:
    """Tell where a shipped scenario stands, from the folder of all."""
    group = next(group for group, names in groups().items() if name in names)
    return name if group == REFERENCE else f"catalogue/{group}/{name}"


def _shipped(name: str) -> tuple[Document, str]:
    file = files("scenarios").joinpath(f"{name}.yaml")
    document = parse(file.read_text(encoding="utf-8"), f"scenarios/{name}.yaml")
    path = Path(str(file))  # its name says nothing of where it lies, wherever the program is called
    return placed(document, path.parent), _key(path)


def _key(path: Path) -> str:
    """Tell files apart, however they were named."""
    return str(path.resolve())
