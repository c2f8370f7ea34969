"""Every knob of the scenario: typed, checked, reset, saved and loaded."""

from collections.abc import Callable
from itertools import count
from typing import Any

import solara

from dashboard import knobs, sheet
from dashboard.desk import Desk
from dashboard.sheet import Sheet
from dashboard.widgets import Note, Save, Upload
from dashboard.work import use_work
from profiles.errors import FitError
from scenarios import family
from scenarios.schema import Scenario, purposes


@solara.component_vue("../parameters.vue", vuetify=False)
def Knobs(
    event_did: Callable[[list[str]], None],
    groups: list[dict[str, Any]],
    now: dict[str, Any],
) -> None:
    """Show the knobs; what is done is told as a word and its arguments."""


@solara.component
def ParametersPage(desk: Desk) -> None:
    """Show what the next run lives, to be changed."""
    fits, set_fits = solara.use_state("")
    saved, set_saved = solara.use_state({})
    numbers = solara.use_memo(count, [])

    def put(changed: Sheet) -> None:
        set_fits("")
        desk.put(changed)

    def check() -> None:
        if checked(desk):
            set_fits(" It fits its data.")

    def save(kind: str) -> None:
        scenario = desk.scenario.value
        text = sheet.written(scenario, kind, desk.names.value)
        set_saved({"name": f"{_stem(scenario.name)}.{kind}", "text": text, "n": next(numbers)})

    def load(found: list[str]) -> None:
        path = desk.place.uploads.path(found[1])
        put(Sheet(sheet.read(path, found[0], desk.names.value)))

    work = use_work(desk, check)
    actions = _changes(desk, put) | {"save": save, "check": lambda _: work.start()}
    said = "Reading the data ..." if work.pending else saying(desk.sheet.value) + fits
    starts = solara.use_memo(_starts, [])
    Upload(
        event_brought=desk.attempt(load),
        event_failed=desk.trouble.set,
        label="Load a scenario",
        hint="YAML or JSON, as saved here; it may stand on a shipped scenario (base).",
        accept=".yaml,.yml,.json",
    )
    Knobs(
        event_did=desk.attempt(lambda words: actions[words[0]](*words[1:])),
        groups=solara.use_memo(knobs.groups, []),
        now={**_shown(desk), "starts": starts, "said": said, "checking": work.pending},
    )
    if work.reason and not work.pending:
        Note(note={"fault": work.reason})
    Save(file=saved)


def checked(desk: Desk) -> bool:
    """Hold the scenario in force against its data, and blame the knob that does not fit.

    What is typed meanwhile counts more than what was found.
    """
    scenario = desk.scenario.value
    fault = None
    try:
        sheet.check(scenario)
    except FitError as error:
        fault = error
    now = desk.sheet.value
    if now.scenario != scenario:
        return False
    plain = sheet.settled(scenario, now.typed, desk.names.value)
    desk.put(plain if fault is None else plain.blaming(fault))
    return fault is None


def saying(held: Sheet) -> str:
    """Say in a line how a sheet stands."""
    name = held.scenario.name
    if held.typed:
        return unheeded(held)
    if held.faults:
        return f"{name} does not fit its data; see the knob that is to blame."
    days = f"{held.scenario.run.days} day{'' if held.scenario.run.days == 1 else 's'}"
    return f"{name} is valid: {days} from {held.scenario.run.start}."


def unheeded(held: Sheet) -> str:
    """Say that what was typed is not in force; empty if all of it is."""
    if not held.typed:
        return ""
    values = "A value is" if len(held.typed) == 1 else f"{len(held.typed)} values are"
    return f"{values} not in force; the last valid scenario, {held.scenario.name}, stays so."


def _changes(desk: Desk, put: Callable[[Sheet], None]) -> dict[str, Callable[..., None]]:
    """Name what can be done to the knobs."""

    def typed(path: str, text: str) -> None:
        put(desk.sheet.value.with_typed(path, text, desk.names.value))

    def reset(path: str) -> None:
        put(desk.sheet.value.without(path, desk.names.value) if path else Sheet(Scenario()))

    def start(name: str) -> None:
        put(Sheet(Scenario.load(_one_of(name, family.shipped()))))

    def lay(name: str) -> None:
        put(Sheet(desk.scenario.value.overridden(_one_of(name, family.shipped_overrides()))))

    return {"type": typed, "reset": reset, "start": start, "lay": lay}


def _shown(desk: Desk) -> dict[str, Any]:
    """Say what stands in the knobs."""
    now, files = desk.sheet.value, desk.names.value
    return {
        "texts": now.shown(files),
        "faults": {path: desk.without_paths(why) for path, why in now.faults.items()},
        "changed": now.changed(),
        "files": [*files.values()],
        "overrides": [*family.shipped_overrides()],
    }


def _starts() -> list[dict[str, str]]:
    return [{"name": name, "purpose": text} for name, text in purposes().items()]


def _one_of(name: str, known: tuple[str, ...]) -> str:
    """Keep a name from being read as that of a file."""
    if name not in known:
        raise LookupError(name)
    return name


def _stem(name: str) -> str:
    """Name a file after a scenario."""
    kept = "".join(each if each.isalnum() or each in "_-" else "_" for each in name)
    return kept[:60] or "scenario"
