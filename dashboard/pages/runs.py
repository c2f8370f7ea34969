"""The saved runs of the folder: opened, summed up, verified, two of them compared."""

from collections.abc import Iterator
from typing import Any

import solara

from dashboard.desk import Desk
from dashboard.widgets import Note, Table, card, column, row
from dashboard.work import Work, use_work
from scenarios import runs, store
from scenarios.runs import ComparedFigure, SavedRun

_COLUMNS = (
    ("run", False),
    ("scenario", False),
    ("starts", False),
    ("days", True),
    ("homes", True),
    ("saved [%]", True),
    ("of the bound [%]", True),
    ("finished [UTC], or why not", False),
)
_ACTS = [
    {"name": "watch", "label": "Watch"},
    {"name": "sum", "label": "Summary"},
    {"name": "verify", "label": "Verify", "always": True},
]
_PICKED = 2


@solara.component
def RunsPage(desk: Desk) -> None:
    """List the runs, and lay two side by side."""
    folder, saved = desk.folder.value, desk.saved.value
    picked, set_picked = solara.use_state([])
    again, set_again = solara.use_state(0)
    found = solara.use_memo(lambda: runs.saved_runs(folder), [folder, saved, again])

    def verify(name: str) -> tuple[str, list[str]]:
        problems = store.verify(runs.resolve(folder, name))
        return name, [desk.without_paths(each) for each in problems]

    work = use_work(desk, verify)
    actions: dict[str, Any] = {
        "watch": desk.watch,
        "sum": desk.sum_up,
        "verify": work.start,
    }
    known = {run.name for run in found if run.finished}
    kept = [name for name in picked if name in known]
    Note(
        note={
            "text": "Pick two runs to lay their figures side by side. Saved: what the market saves "
            "against grid_only. Verify reads every file again and checks it against its hash.",
            "buttons": [{"name": "again", "label": "Look again"}],
        },
        event_did=lambda _: set_again(again + 1),
    )
    _verified(work)
    Table(
        table={
            "caption": "Saved runs",
            "columns": [*_columns()],
            "rows": [run_row(run, desk) for run in found],
            "acts": _ACTS,
            "sorts": True,
            "picks": _PICKED,
            "picked": kept,
            "empty": "No run has been saved in this folder yet.",
        },
        event_acted=desk.attempt(lambda words: actions[words[0]](words[1])),
        event_chose=desk.attempt(lambda names: set_picked(names[:_PICKED])),
    )
    if len(kept) == _PICKED:
        Compared(desk, kept[0], kept[1])


@solara.component
def Compared(desk: Desk, first: str, second: str) -> None:
    """Lay the figures of two runs side by side."""
    folder = desk.folder.value

    def compare() -> list[ComparedFigure]:
        return runs.compare_runs(*(runs.figures(folder, each) for each in (first, second)))

    work = use_work(desk, compare, [folder, first, second])
    if work.value is None:
        Note(note={"fault": work.reason, "said": "" if work.reason else "Reading both runs ..."})
        return
    labels = ("figure", "unit", first, second, "difference")
    Table(
        table={
            "caption": f"{first} beside {second}",
            "columns": [column(label, number=place > 1) for place, label in enumerate(labels)],
            "rows": [figure_row(each) for each in work.value],
        }
    )


def _columns() -> Iterator[dict[str, Any]]:
    *others, (last, _) = _COLUMNS
    yield from (column(label, number=number) for label, number in others)
    yield column(last, long=True)


def run_row(run: SavedRun, desk: Desk) -> dict[str, Any]:
    """Write a run as a row; of one that is not whole only why."""
    if not run.finished:
        blank = [""] * (len(_COLUMNS) - 2)
        return row(run.name, [run.name, *blank, desk.without_paths(run.problem)], dull=True)
    shares = [run.saved_fraction, run.captured_fraction]
    texts = [
        *(run.name, run.scenario, run.start_local, f"{run.days:g}"),
        str(run.homes_count),
        *("-" if share is None else f"{100 * share:.1f}" for share in shares),
        f"{run.written_utc:%Y-%m-%d %H:%M}" if run.written_utc else "",
    ]
    sorts: list[object] = [*texts]
    sorts[3:7] = [run.days, run.homes_count, *shares]
    return row(run.name, texts, sorts)


def figure_row(figure: ComparedFigure) -> dict[str, Any]:
    """Write a figure of two runs as a row; shares in percent, and their difference in points."""
    share = figure.unit == "1" and figure.name.startswith(("saved", "captured", "trading"))
    scale, unit = (100.0, "%") if share else (1.0, figure.unit)
    values = (figure.first, figure.second, figure.difference)
    texts = ["-" if value is None else _short(scale * value) for value in values]
    if figure.difference is not None:
        sign = "" if texts[2].startswith("-") else "+"
        texts[2] = f"{sign}{texts[2]}{' points' if share else ''}"
    return row(figure.name, [figure.name, "" if unit == "1" else unit, *texts])


def _short(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e9 else f"{value:.2f}"


def _verified(work: Work) -> None:
    """Say what was found in a run that was verified."""
    if work.pending:
        card(Note(note={"said": "Reading every file of the run ..."}))
    elif work.reason:
        card(Note(note={"fault": work.reason}))
    elif work.value is not None:
        name, problems = work.value
        if problems:
            text = f"{name} is not what was written:"
            card(Note(note={"title": "Not verified", "text": text, "lines": problems}))
        else:
            text = f"{name}: every file is what was written, and its ledger holds."
            card(Note(note={"title": "Verified", "text": text}))
