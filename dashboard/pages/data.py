"""Data of the visitor's own, or generated: looked at, and used for the scenario; where runs go."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import solara

from dashboard import folders, loading
from dashboard.desk import Desk
from dashboard.loading import Glance
from dashboard.pages.generating import CAPACITY, HOMES, Generated
from dashboard.sheet import Sheet
from dashboard.widgets import Form, Note, Table, Upload, card, column, field, row
from dashboard.work import Work, use_work
from profiles.config import ProfilesConfig
from profiles.errors import InputError
from profiles.profiles import Profiles

_FILLS = [*get_args(ProfilesConfig.model_fields["fill"].annotation)]
_TABLES = ".csv,.parquet"
_HOW = [
    field("zone", "Clock of stamps without one", "", "as America/Los_Angeles"),
    field("fill", "Close gaps by", "none", "none refuses them", options=_FILLS),
]
_SHAPES = (
    "One CSV or Parquet file: a row per step and home (ts, home, load_kwh, pv_kwh), or a row per "
    "step with columns load_kwh_1, pv_kwh_1 and so on."
)


@solara.component
def DataPage(desk: Desk) -> None:
    """Show what can be brought, what can be generated, and where runs are saved."""
    with solara.v.Html(tag="div", class_="cw-two"):
        with solara.v.Html(tag="div"):
            BroughtHomes(desk)
            Generated(desk, HOMES)
            OtherFiles(desk)
        with solara.v.Html(tag="div"):
            BroughtCapacity(desk)
            Generated(desk, CAPACITY)
            Folder(desk)


@solara.component
def BroughtHomes(desk: Desk) -> None:
    """Read the meters of a visitor's homes."""
    typed, set_typed = solara.use_state({"zone": "", "fill": "none"})
    brought, set_brought = solara.use_state("")
    said, set_said = solara.use_state("")

    def read(path: str, how: Mapping[str, str]) -> tuple[ProfilesConfig, Profiles]:
        step_minutes = desk.scenario.value.run.step_minutes
        return loading.homes(Path(path), how["zone"].strip(), how["fill"], step_minutes)

    work = use_work(desk, read)

    def took(found: list[str]) -> None:
        path = str(desk.brought(*found))
        set_brought(path)
        set_said("")
        work.start(path, typed)

    def again(sent: list[Any]) -> None:
        set_typed(sent[1])
        if brought:
            work.start(brought, sent[1])

    def use() -> None:
        scenario, changes = loading.with_homes(desk.scenario.value, *work.value)
        desk.put(Sheet(scenario))
        set_said(used(changes))

    card(
        Note(note={"title": "Household data", "text": _SHAPES}),
        Upload(
            event_brought=desk.attempt(took),
            event_failed=desk.trouble.set,
            label="Household file",
            hint=f"At most {loading.HOME_STEPS_MAX // 1_000_000} million home-steps.",
            accept=_TABLES,
        ),
        Form(
            form={
                "title": "How household data is read",
                "fields": _HOW,
                "buttons": ["Read again"],
                "busy": work.pending or not brought,
                "said": "Reading ..." if work.pending else "",
            },
            event_sent=desk.attempt(again),
        ),
        *_outcome(work, _glance_at_homes, (desk.attempt(use), said)),
    )


@solara.component
def BroughtCapacity(desk: Desk) -> None:
    """Read what a visitor's grid brings and takes."""
    brought, set_brought = solara.use_state("")
    said, set_said = solara.use_state("")
    work = use_work(desk, lambda path: loading.capacity(Path(path)))

    def took(found: list[str]) -> None:
        path = str(desk.brought(*found))
        set_brought(path)
        set_said("")
        work.start(path)

    def use() -> None:
        desk.put(Sheet(loading.with_capacity(desk.scenario.value, brought)))
        set_said(used([]))

    def glance(found: Any) -> Glance:  # noqa: ANN401, what the task has found
        return loading.glance_at_capacity(found, desk.scenario.value.run.step_minutes)

    card(
        Note(
            note={
                "title": "Grid capacity",
                "text": "What the grid brings to all homes together and takes from them: timestep "
                "(0, 1, 2, ... from the start of the run), import_capacity_kw, export_capacity_kw.",
            }
        ),
        Upload(
            event_brought=desk.attempt(took),
            event_failed=desk.trouble.set,
            label="Capacity file",
            hint="A row for each step of the run, or more.",
            accept=_TABLES,
        ),
        *_outcome(work, glance, (desk.attempt(use), said)),
    )


@solara.component
def OtherFiles(desk: Desk) -> None:
    """Take files that knobs can name."""
    names = [*desk.names.value.values()]
    card(
        Note(
            note={
                "title": "Other files",
                "text": "Weather, a tariff, export prices or carbon rates: what is loaded here can "
                "be chosen in the tab Parameters, and is read when a scenario is checked or run.",
                "lines": names,
            }
        ),
        Upload(
            event_brought=desk.attempt(lambda found: desk.brought(*found)),
            event_failed=desk.trouble.set,
            label="File",
            hint="CSV, Parquet, YAML or JSON. Files are gone when the dashboard ends.",
            accept=f"{_TABLES},.yaml,.yml,.json",
        ),
    )


@solara.component
def Folder(desk: Desk) -> None:
    """Choose where runs are saved."""
    fault, set_fault = solara.use_state("")
    root, folder = desk.root, desk.folder.value
    known = folders.listed(root)

    def choose(name: str) -> None:
        try:
            desk.go_to(folders.chosen(root, name.strip()))
        except InputError as error:
            set_fault(str(error).removeprefix("folder: "))
        else:
            set_fault("")

    here = "the dashboard's own" if folder == root else folder.name
    card(
        Note(
            note={
                "title": "Where runs are saved",
                "text": f"Runs are saved in and listed from one folder: {here}. A new one is made "
                "below the dashboard's when the first run is saved in it.",
                "lines": [f"There is {name}." for name in known],
                "buttons": [{"name": "", "label": "The dashboard's own"}]
                + [{"name": name, "label": name} for name in known],
            },
            event_did=desk.attempt(lambda words: choose(words[0])),
        ),
        Form(
            form={
                "title": "Folder for runs",
                "fields": [field("name", "A folder of its own", "", "letters, digits, _ and -")],
                "buttons": ["Choose"],
                "faults": {"name": fault} if fault else {},
            },
            event_sent=desk.attempt(lambda sent: choose(sent[1]["name"])),
        ),
    )


def used(changes: list[str]) -> str:
    """Say that data is the scenario's now, and what that changed."""
    told = f"; {', '.join(changes)}" if changes else ""
    return f"The scenario uses it now{told}."


def _glance_at_homes(found: tuple[ProfilesConfig, Profiles]) -> Glance:
    """Look at homes that were read."""
    return loading.glance_at_homes(found[1])


def _outcome(
    work: Work,
    glance: Callable[[Any], Glance],
    use: tuple[Callable[[], None], str],
) -> list[Any]:
    """Show what was found in a file, or what is wrong with it."""
    if work.pending:
        return [Note(note={"said": "Reading ..."})]
    if work.reason:
        return [Note(note={"fault": work.reason})]
    if work.value is None:
        return []
    seen = glance(work.value)
    table = {
        "caption": "The first rows, as they are used",
        "columns": [column(name, number=place > 0) for place, name in enumerate(seen.columns)],
        "rows": [row(str(place), texts) for place, texts in enumerate(seen.rows)],
    }
    buttons = [{"name": "use", "label": "Use for the scenario"}]
    return [
        Note(note={"lines": [*seen.said]}),
        Table(table=table),
        Note(note={"buttons": buttons, "said": use[1]}, event_did=lambda _: use[0]()),
    ]
