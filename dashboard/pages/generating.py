"""Homes and grid capacity that are generated: the form, the file, and its use."""

from collections.abc import Callable, Mapping
from typing import Any

import solara

from dashboard import loading, making
from dashboard.desk import Desk
from dashboard.making import FieldError, Made
from dashboard.sheet import Sheet
from dashboard.widgets import Form, Note, card, field
from dashboard.work import Work, use_work

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

    work = use_work(desk, make)

    def use() -> None:
        generated, profiles, _ = work.value
        own = desk.scenario.value.model_copy(update={"seed": generated.seed})
        scenario, changes = loading.with_homes(own, generated.profiles, profiles)
        desk.put(Sheet(scenario))
        set_said(f"The scenario uses them now{''.join(f'; {each}' for each in changes)}.")

    def sent(words: list[Any]) -> None:
        set_said("")
        work.start(words[1])

    text = "Household load by appliance, panels and electric cars, in the scenario's climate."
    card(
        Note(note={"title": "Generate homes", "text": text}),
        Form(form=_form("Homes to generate", _HOMES, work), event_sent=desk.attempt(sent)),
        *_outcome(work, desk.attempt(use), said),
    )


@solara.component
def MadeCapacity(desk: Desk) -> None:
    """Generate grid capacity."""
    said, set_said = solara.use_state("")

    def make(typed: Mapping[str, str]) -> Any:  # noqa: ANN401, of a library
        step_minutes = desk.scenario.value.run.step_minutes
        return making.capacity(typed, step_minutes, typed["kind"], desk.place.uploads)

    work = use_work(desk, make)

    def use() -> None:
        made: Made = work.value[-1]
        path = desk.brought(made.name, made.token)
        desk.put(Sheet(loading.with_capacity(desk.scenario.value, str(path))))
        set_said("The scenario uses it now.")

    def sent(words: list[Any]) -> None:
        set_said("")
        work.start(words[1])

    text = "A grid that is shared with others: less of it is left from 16 to 20 h, and it varies."
    card(
        Note(note={"title": "Generate grid capacity", "text": text}),
        Form(form=_form("Capacity to generate", making.SHAPE, work), event_sent=desk.attempt(sent)),
        *_outcome(work, desk.attempt(use), said),
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
