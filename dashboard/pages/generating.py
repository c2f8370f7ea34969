"""Homes and grid capacity that are generated: the form, the file, and its use."""

from collections.abc import Mapping
from typing import Any

import solara
import solara.lab

from dashboard import loading, making
from dashboard.desk import Desk
from dashboard.making import FieldError, Made
from dashboard.sheet import Sheet
from dashboard.widgets import Form, Note, card, field
from profiles.errors import InputError

_KINDS = [*making.SUFFIXES]
_HOMES = {
    "homes": ("homes", "", "10", "1 or more"),
    "days": ("days", "", "366", "16 or more to run one"),
    "start": ("first local date", "", "2017-07-18", "as 2017-07-18"),
    "seed": ("seed", "", "0", "0 or more"),
}
_KIND = field("kind", "file", _KINDS[0], "to download", options=_KINDS)


@solara.component
def MadeHomes(desk: Desk) -> None:
    """Generate homes."""
    said, set_said = solara.use_state("")

    def make(typed: Mapping[str, str]) -> Any:  # noqa: ANN401, of a library
        scenario = making.homes_scenario(desk.scenario.value, typed)
        profiles, made = making.homes(scenario, typed["kind"], desk.place.uploads)
        return scenario, profiles, made

    task = solara.lab.use_task(make, dependencies=None, raise_error=False)

    def use() -> None:
        generated, profiles, _ = task.value
        own = desk.scenario.value.model_copy(update={"seed": generated.seed})
        scenario, changes = loading.with_homes(own, generated.profiles, profiles)
        desk.put(Sheet(scenario))
        set_said(f"The scenario uses them now{''.join(f'; {each}' for each in changes)}.")

    def sent(words: list[Any]) -> None:
        set_said("")
        task(words[1])

    text = "Household load by appliance, panels and electric cars, in the scenario's climate."
    card(
        Note(note={"title": "Generate homes", "text": text}),
        Form(form=_form("Homes to generate", _HOMES, task), event_sent=desk.attempt(sent)),
        *_outcome(desk, task, desk.attempt(use), said),
    )


@solara.component
def MadeCapacity(desk: Desk) -> None:
    """Generate grid capacity."""
    said, set_said = solara.use_state("")

    def make(typed: Mapping[str, str]) -> Any:  # noqa: ANN401, of a library
        step_minutes = desk.scenario.value.run.step_minutes
        return making.capacity(typed, step_minutes, typed["kind"], desk.place.uploads)

    task = solara.lab.use_task(make, dependencies=None, raise_error=False)

    def use() -> None:
        made: Made = task.value[-1]
        path = desk.brought(made.name, made.token)
        desk.put(Sheet(loading.with_capacity(desk.scenario.value, str(path))))
        set_said("The scenario uses it now.")

    def sent(words: list[Any]) -> None:
        set_said("")
        task(words[1])

    text = "A grid that is shared with others: less of it is left from 16 to 20 h, and it varies."
    card(
        Note(note={"title": "Generate grid capacity", "text": text}),
        Form(form=_form("Capacity to generate", making.SHAPE, task), event_sent=desk.attempt(sent)),
        *_outcome(desk, task, desk.attempt(use), said),
    )


def _form(
    title: str,
    fields: Mapping[str, tuple[str, str, str, str]],
    task: Any,  # noqa: ANN401, of a library
) -> dict[str, Any]:
    wrong = task.exception if task.error else None
    shown = [
        field(name, label, value, hint, unit=unit)
        for name, (label, unit, value, hint) in fields.items()
    ]
    return {
        "title": title,
        "fields": [*shown, _KIND],
        "buttons": ["Generate"],
        "faults": {wrong.field: str(wrong)} if isinstance(wrong, FieldError) else {},
        "busy": task.pending,
        "said": "Generating ..." if task.pending else "",
    }


def _outcome(desk: Desk, task: Any, use: Any, said: str) -> list[Any]:  # noqa: ANN401, of a library
    """Offer what was generated."""
    if task.error and not isinstance(task.exception, FieldError):
        desk.tell(task.exception)
        known = isinstance(task.exception, InputError)
        return [Note(note={"fault": str(task.exception) if known else "could not be generated"})]
    if not task.finished:
        return []
    made: Made = task.value[-1]
    address = f"/uploads/{made.token}?name={made.name}"
    note = {
        "lines": [made.said],
        "buttons": [{"name": "use", "label": "Use for the scenario"}],
        "link": {"address": address, "name": made.name, "label": f"Download {made.name}"},
        "said": said,
    }
    return [Note(note=note, event_did=lambda _: use())]
