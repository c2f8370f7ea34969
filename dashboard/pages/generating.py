"""Homes and grid capacity that are generated: the form, the file, and its use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import solara

from dashboard import loading, making
from dashboard.desk import Desk
from dashboard.making import FieldError, Made
from dashboard.sheet import Sheet
from dashboard.widgets import Form, Note, card, field
from dashboard.work import Work, use_work
from profiles.grid_capacity import GridCapacity
from profiles.profiles import Profiles
from scenarios.schema import Scenario

_KINDS = [*making.SUFFIXES]
_HOMES = {
    "homes": ("homes", "", "10", "1 or more"),
    "days": ("days", "", "366", "16 or more to run one"),
    "start": ("first local date", "", "2017-07-18", "as 2017-07-18"),
    "seed": ("seed", "", "0", "0 or more"),
}
_KIND = field("kind", "file", _KINDS[0], "to download", options=_KINDS)


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be generated."""

    title: str
    text: str
    form: str  # name of the form
    fields: Mapping[str, tuple[str, str, str, str]]  # label, unit, first value, bounds
    make: Callable[[Desk, Mapping[str, str]], Any]  # from what was typed; the file comes last
    use: Callable[[Desk, Any], str]  # for the scenario, and say so


@solara.component
def Generated(desk: Desk, kind: Kind) -> None:
    """Generate something, and use it."""
    said, set_said = solara.use_state("")
    work = use_work(desk, lambda typed: kind.make(desk, typed))

    def sent(words: list[Any]) -> None:
        set_said("")
        work.start(words[1])

    card(
        Note(note={"title": kind.title, "text": kind.text}),
        Form(form=_form(kind.form, kind.fields, work), event_sent=desk.attempt(sent)),
        *_outcome(work, desk.attempt(lambda: set_said(kind.use(desk, work.value))), said),
    )


def _make_homes(desk: Desk, typed: Mapping[str, str]) -> tuple[Scenario, Profiles, Made]:
    scenario = making.homes_scenario(desk.scenario.value, typed)
    return scenario, *making.homes(scenario, typed["kind"], desk.place.uploads)


def _use_homes(desk: Desk, found: tuple[Scenario, Profiles, Made]) -> str:
    generated, profiles, _ = found
    own = desk.scenario.value.model_copy(update={"seed": generated.seed})
    scenario, changes = loading.with_homes(own, generated.profiles, profiles)
    desk.put(Sheet(scenario))
    return f"The scenario uses them now{''.join(f'; {each}' for each in changes)}."


def _make_capacity(desk: Desk, typed: Mapping[str, str]) -> tuple[GridCapacity, Made]:
    step_minutes = desk.scenario.value.run.step_minutes
    return making.capacity(typed, step_minutes, typed["kind"], desk.place.uploads)


def _use_capacity(desk: Desk, found: tuple[GridCapacity, Made]) -> str:
    path = desk.brought(found[-1].name, found[-1].token)
    desk.put(Sheet(loading.with_capacity(desk.scenario.value, str(path))))
    return "The scenario uses it now."


HOMES = Kind(
    "Generate homes",
    "Household load by appliance, panels and electric cars, in the scenario's climate.",
    "Homes to generate",
    _HOMES,
    _make_homes,
    _use_homes,
)
CAPACITY = Kind(
    "Generate grid capacity",
    "A grid that is shared with others: less of it is left from 16 to 20 h, and it varies.",
    "Capacity to generate",
    making.SHAPE,
    _make_capacity,
    _use_capacity,
)


def _form(
    title: str,
    fields: Mapping[str, tuple[str, str, str, str]],
    work: Work,
) -> dict[str, Any]:
    wrong = None if work.ended is None else work.ended.error
    shown = [
        field(name, label, value, hint, unit=unit)
        for name, (label, unit, value, hint) in fields.items()
    ]
    return {
        "title": title,
        "fields": [*shown, _KIND],
        "buttons": ["Generate"],
        "faults": {wrong.field: str(wrong)} if isinstance(wrong, FieldError) else {},
        "busy": work.pending,
        "said": "Generating ..." if work.pending else "",
    }


def _outcome(work: Work, use: Callable[[], None], said: str) -> list[Any]:
    """Offer what was generated; what was refused is said at its field."""
    if work.ended is None or isinstance(work.ended.error, FieldError):
        return []
    if work.reason:
        return [Note(note={"fault": work.reason})]
    made: Made = work.value[-1]
    address = f"/uploads/{made.token}?name={made.name}"
    note = {
        "lines": [made.said],
        "buttons": [{"name": "use", "label": "Use for the scenario"}],
        "link": {"address": address, "name": made.name, "label": f"Download {made.name}"},
        "said": said,
    }
    return [Note(note=note, event_did=lambda _: use())]
