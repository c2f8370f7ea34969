"""The page: a header with six tabs, the tab that is open, and a card for what went wrong.

A tab is made when it is first opened and stays, so that what plays goes on where it was.
"""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import reacton
import reacton.ipyvuetify as v
import solara

from dashboard import place
from dashboard.desk import Desk, Tab
from dashboard.pages import data, live, parameters, runs, summary, watch

_HERE = Path(__file__).parent
_TABS: MappingProxyType[Tab, tuple[str, Callable[[Desk], reacton.core.Element]]] = MappingProxyType(
    {
        "watch": ("Watch", watch.WatchPage),
        "live": ("Live run", live.LivePage),
        "parameters": ("Parameters", parameters.ParametersPage),
        "data": ("Data", data.DataPage),
        "summary": ("Summary", summary.SummaryPage),
        "runs": ("Runs", runs.RunsPage),
    }
)


def turn(desk: Desk, key: object) -> None:
    """Turn to a tab; what is none, which only a page that is not ours asks for, is passed over."""
    for tab in _TABS:
        if tab == key:
            desk.tab.value = tab


@solara.component_vue("shell.vue")
def Shell(
    tabs: list[dict[str, str]],
    tab: str,
    trouble: str | None,
    event_turned: Callable[[object], None],
    event_closed: Callable[[object], None],
) -> None:
    """Show the header, and the card if there is trouble."""


@solara.component
def Page() -> None:
    """Show the dashboard to one visitor."""
    desk = solara.use_memo(lambda: Desk(place.here()), [])
    opened = solara.use_ref({"watch"})
    opened.current.add(desk.tab.value)
    broken, clear = solara.use_exception()
    solara.Title("Commonwatt")
    solara.Style(_HERE / "page.css")
    Shell(
        tabs=[{"key": key, "label": label} for key, (label, _) in _TABS.items()],
        tab=desk.tab.value,
        trouble=desk.trouble.value,
        event_turned=lambda key: turn(desk, key),
        event_closed=lambda _: desk.trouble.set(None),
    )
    if broken is not None:
        desk.tell(broken)
        solara.Button("Show the page again", on_click=clear)
        return
    for key, (label, page) in _TABS.items():
        if key in opened.current:
            attributes = {"aria-label": label, "id": f"tab-{key}"}
            if key != desk.tab.value:
                attributes["hidden"] = "hidden"
            v.Html(tag="section", class_="cw-leaf", attributes=attributes, children=[page(desk)])
