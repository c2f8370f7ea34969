"""What one visitor has in front of them: the tab, the scenario, the run that is shown.

A desk lives as long as its session. Pages read its reactive values and call its methods; whatever
these raise is told to the visitor in a sentence, never with a traceback or a path of the machine.
"""

import logging
import re
from collections.abc import Callable
from itertools import chain, count
from pathlib import Path
from typing import Any, Literal

from solara import Reactive

from dashboard.place import Place
from dashboard.sheet import Sheet
from model.checks import LawError
from profiles.errors import FitError, shown_path
from scenarios import failures, runs, stage, timeline
from scenarios.schema import Scenario

Tab = Literal["watch", "live", "parameters", "data", "summary", "runs"]
FIRST_SCENARIO = "fontana_mixed"
BUNDLED = Path(__file__).parent / "data" / "hot_day.json"
_UNFORESEEN = "Something went wrong here. The server's log says what it was."

logger = logging.getLogger(__name__)


class Desk:
    """The state of one session.

    Parameters
    ----------
    place : Place
        What it shares with the others.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.tab: Reactive[Tab] = Reactive("watch")
        self.trouble: Reactive[str | None] = Reactive(None)  # the sentence on the card
        self.sheet: Reactive[Sheet] = Reactive(Sheet(Scenario.load(FIRST_SCENARIO)))
        self.scenario: Reactive[Scenario] = Reactive(self.sheet.value.scenario)  # by `put` only
        self.names: Reactive[dict[str, str]] = Reactive({})  # of uploads, by where they lie
        self.root = place.folder.resolve()  # in full, so that it is known in what is told
        self.folder: Reactive[Path] = Reactive(self.root)  # where runs are saved
        self.shown: Reactive[str | None] = Reactive(place.opened)  # run; None is the bundled one
        self.last: Reactive[str | None] = Reactive(None)  # the run that a live one left behind
        self.saved: Reactive[int] = Reactive(0)  # grows when a run is saved

    def open(self, name: str | None) -> None:
        """Ask for a saved run to be shown, or the bundled one if None."""
        self.shown.value = name

    def pack(self, folder: Path, name: str | None) -> str:
        """Make a run ready to be shown, which takes its time, and return the token of its pack.

        Raises
        ------
        InputError
            If there is no such run, or it is not whole.
        """
        if name is None:
            return self.place.packs.put(BUNDLED.read_bytes())
        told = timeline.of_folder(runs.resolve(folder, name), stage.default_window)
        return self.place.packs.put(timeline.as_json(told).encode())

    def watch(self, name: str | None) -> None:
        """Show a run and turn to it."""
        self.open(name)
        self.tab.value = "watch"

    def put(self, sheet: Sheet) -> None:
        """Take over what was typed; its scenario is what the next run lives."""
        self.sheet.value = sheet
        self.scenario.value = sheet.scenario

    def brought(self, name: str, token: str) -> Path:
        """Take note of an upload under a name of its own, and return where it lies."""
        path = self.place.uploads.path(token)
        shown = plain_name(name)
        others = {each for known, each in self.names.value.items() if known != str(path)}
        stem, dot, ending = shown.rpartition(".")
        numbered = (f"{stem} ({number}){dot}{ending}" for number in count(2))
        free = next(each for each in chain([shown], numbered) if each not in others)
        self.names.value = {**self.names.value, str(path): free}
        return path

    def go_to(self, folder: Path) -> None:
        """Save runs in another folder, and list those that are in it."""
        if folder != self.folder.value:
            self.folder.value = folder
            self.shown.value = self.last.value = None

    def sum_up(self, name: str) -> None:
        """Show the summary of a saved run and turn to it."""
        self.last.value = name
        self.tab.value = "summary"

    def finished(self, saved: Path) -> None:
        """Take note that a run was saved, in the folder that is listed or in another."""
        if saved.parent == self.folder.value:
            self.last.value = saved.name
        self.saved.value += 1

    def attempt(self, action: Callable[..., object]) -> Callable[..., None]:
        """Wrap what a visitor sets off, so that its errors are told on a card."""

        def tried(*arguments: Any) -> None:  # noqa: ANN401, whatever the page hands over
            self.trouble.value = None  # what went wrong before is over
            try:
                action(*arguments)
            except Exception as error:  # noqa: BLE001, every error ends in a sentence
                self.tell(error)

        return tried

    def tell(self, error: Exception) -> None:
        """Put an error on the card; what nobody foresaw goes to the log with all that is known."""
        if isinstance(error, FitError):
            self.sheet.value = self.sheet.value.blaming(error)
        refused, text = failures.told(error)
        if not refused:
            logger.error("unforeseen, in the dashboard", exc_info=error)
        known = refused or isinstance(error, LawError)
        self.trouble.value = self.without_paths(text) if known else _UNFORESEEN

    def without_paths(self, text: str) -> str:
        """Name uploads as the visitor does, and leave out where things lie on this machine."""
        for path, name in self.names.value.items():
            for written in (path, shown_path(Path(path))):
                text = name.join(_path(written).split(text))
        here = self.folder.value
        for folder in (here, *here.parents[:-1]):
            called = "the folder of runs" if folder == here else "a folder above it"
            text = "".join(_path(f"{folder}/", alone=False).split(text))
            text = called.join(_path(str(folder)).split(text))
        return " ".join(text.split())


def _path(path: str, *, alone: bool = True) -> re.Pattern[str]:
    """Find a path where it stands for itself, not within a longer one."""
    behind = r"(?![\w/-]|\.\w)" if alone else ""
    return re.compile(rf"(?<![\w./-]){re.escape(path)}{behind}")


def plain_name(name: str) -> str:
    """Shorten the name of a visitor's file to one that can be read: no folders, one line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in last if character.isprintable()).strip()
    stem, dot, ending = kept.rpartition(".")
    return f"{stem[:60]}{dot}{ending[:10]}" if stem else "file.csv"
