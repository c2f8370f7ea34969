"""Homes and grid capacity that a visitor lets be generated: what was typed becomes a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dashboard import knobs
from dashboard.uploads import Uploads
from profiles import strict_yaml
from profiles.config import validated
from profiles.errors import InputError
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles
from profiles.recorded import write
from profiles.strict_yaml import Document
from scenarios import generate
from scenarios.schema import Scenario

HOME_DAYS_MAX = 10_000  # generated at once for a visitor: half a minute, a file of 50 MB
STEPS_MAX = 200_000  # of capacity, likewise: eleven years in half hours
SUFFIXES: Mapping[str, str] = MappingProxyType({"CSV": ".csv", "Parquet": ".parquet"})
KNOBS: Mapping[str, str] = MappingProxyType(
    {
        "homes": "profiles.synthetic.homes_count",
        "days": "profiles.synthetic.days",
        "start": "profiles.synthetic.start",
        "seed": "seed",
    }
)
"""Knob of a scenario that each field of the form for homes sets."""
SHAPE: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "steps": ("steps", "", "336", f"1 to {STEPS_MAX}; step 0 is the first of a run"),
        "base_import_kw": ("import outside the peak", "kW", "50", "0 or more"),
        "base_export_kw": ("export outside the peak", "kW", "40", "0 or more"),
        "peak_reduction": ("missing from 16 to 20 h", "1", "0.5", "0 to 1, as a share"),
        "noise_std": ("noise", "1", "0.1", "0 to 10, standard deviation"),
        "seed": ("seed", "", "0", "0 or more"),
    }
)
"""Label, unit, first value and bounds of each field of the form for capacity."""

_WHOLE = ("steps", "seed")


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was generated."""

    name: str  # to be saved as
    token: str
    said: str  # what is in it, in a line


class FieldError(InputError):
    """What was typed into a field of a form is refused."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def homes_scenario(scenario: Scenario, typed: Mapping[str, str]) -> Scenario:
    """Return the scenario with homes that are generated as a visitor typed.

    Parameters
    ----------
    scenario : Scenario
        Says all that is not typed: the step, the climate, how many have panels.
    typed : mapping
        Texts by the fields of `KNOBS`.

    Raises
    ------
    FieldError
        With the field, its limit and its value.
    """
    data = scenario.model_dump(mode="json")
    data["profiles"] = {"source": "synthetic", "synthetic": data["profiles"]["synthetic"]}
    data["profiles"]["synthetic"]["types"] = None
    for field, path in KNOBS.items():
        section, _, name = path.rpartition(".")
        try:
            value = knobs.controls()[path].typed(typed[field], {})
        except InputError as error:
            raise FieldError(field, str(error)) from None
        (data["profiles"]["synthetic"] if section else data)[name] = value
    try:
        made = validated(Document(data, {}, "form"), Scenario)
    except InputError as error:
        path, _, reason = str(error).removeprefix("form: ").partition(": ")
        field = next((each for each, knob in KNOBS.items() if knob == path), "homes")
        raise FieldError(field, reason) from None
    generated = made.profiles.synthetic
    if generated.count * generated.days > HOME_DAYS_MAX:
        limit = f"must be at most {HOME_DAYS_MAX // generated.days} for {generated.days} days here"
        raise FieldError("homes", f"{limit} (got {generated.count})")
    return made


def homes(scenario: Scenario, kind: str, uploads: Uploads) -> tuple[Profiles, Made]:
    """Generate a scenario's homes into a file of a kind of `SUFFIXES`."""
    profiles = generate.homes(scenario)
    token = _kept(uploads, kind, lambda path: write.write_long(profiles, path))
    rows_count = profiles.homes_count * profiles.steps_count
    kwh = profiles.load_kwh.sum()
    said = f"{profiles.homes_count} homes, {rows_count} rows, {kwh:.0f} kWh of load"
    return profiles, Made(f"homes{SUFFIXES[kind]}", token, said)


def capacity(
    typed: Mapping[str, str], step_minutes: int, kind: str, uploads: Uploads
) -> tuple[GridCapacity, Made]:
    """Generate grid capacity into a file of a kind of `SUFFIXES`.

    Raises
    ------
    FieldError
        With the field of `SHAPE`, its limit and its value.
    """
    shape = {field: _number(field, typed[field]) for field in SHAPE}
    if not 1 <= shape["steps"] <= STEPS_MAX:
        limit = f"must be from 1 to {STEPS_MAX}"
        raise FieldError("steps", f"{limit} here (got {shape['steps']})")
    try:
        found = GridCapacity.generate(**shape, step_minutes=step_minutes)  # type: ignore[arg-type]
    except InputError as error:
        field, _, reason = str(error).partition(": ")
        raise FieldError(field, reason) from None
    token = _kept(uploads, kind, found.save)
    return found, Made(f"grid_capacity{SUFFIXES[kind]}", token, f"{found.steps_count} steps")


def _kept(uploads: Uploads, kind: str, save: Callable[[Path], None]) -> str:
    """Let a file be written, and return its token; a disk that is full is told in a line."""
    try:
        return uploads.make(SUFFIXES[kind], save)
    except OSError as error:
        raise InputError(f"file: cannot be written ({error.strerror or 'unknown why'})") from None


def _number(field: str, text: str) -> float:
    """Read a number as a scenario file may spell it."""
    try:
        value = strict_yaml.parse(f"value: {text}", "typed").data["value"]
    except InputError as error:
        raise FieldError(field, str(error).partition(": ")[2]) from None
    kinds = int if field in _WHOLE else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds):
        word = "whole number" if field in _WHOLE else "number"
        raise FieldError(field, f"must be a {word} (got {text[:40]!r})")
    return value
