"""A live run: start it, hold it, watch it step by step, save it, play it back."""

from collections.abc import Callable
from typing import Any

import reacton.ipyvuetify as v
import solara

from dashboard.desk import Desk
from dashboard.live_driver import LiveDriver, Phase, Status
from dashboard.player_view import PlayerView

PACES = {"as fast as it goes": None, "20 steps/s": 20.0, "5 steps/s": 5.0, "1 step/s": 1.0}
_SAYS = {
    Phase.IDLE: "Ready. It runs what the tab Parameters says.",
    Phase.PREPARING: "Reading meters and compiling: the first step takes a few seconds.",
    Phase.RUNNING: "Running.",
    Phase.PAUSED: "Paused.",
    Phase.FINISHING: "Computing the best that was possible, and saving.",
    Phase.DONE: "Done and saved.",
    Phase.STOPPED: "Stopped early; nothing was saved.",
}


@solara.component
def LivePage(desk: Desk) -> None:
    """Show the controls of a live run above its player."""
    status, set_status = solara.use_state(Status())
    pace, set_pace = solara.use_state(next(iter(PACES)))
    shown = solara.use_ref(None)  # the widget of the player, once there is one

    def show(method: str, argument: Any) -> None:  # noqa: ANN401, whatever the method takes
        shown.current.send({"method": method, "args": [argument]})

    driver = solara.use_memo(lambda: LiveDriver(show, set_status, desk.tell), [])
    driver.steps_per_s_max = PACES[pace]
    with v.Html(tag="div", class_="cw-live"):
        Buttons(desk, driver, status)
        solara.Select("Pace", values=list(PACES), value=pace, on_value=set_pace, dense=True)
        Progress(status)
        if status.saved:
            watch = desk.attempt(lambda: desk.watch(status.saved))
            solara.Button("Open in playback", on_click=watch, color="primary")
            solara.Button("Summary", on_click=lambda: desk.tab.set("summary"), outlined=True)
    player = PlayerView(event_opened=lambda _: None, event_failed=desk.trouble.set, live=True)

    def settle() -> Callable[[], None]:
        """Find the widget; a page that goes ends its run."""
        shown.current = solara.get_widget(player)
        return driver.stop

    def told() -> None:
        if status.saved:
            desk.finished(status.saved)

    solara.use_effect(settle, [])
    solara.use_effect(told, [status.saved])


@solara.component
def Buttons(desk: Desk, driver: LiveDriver, status: Status) -> None:
    """Start, hold, go on, end and forget a run."""

    def start() -> None:
        driver.start(desk.scenario.value, desk.place, desk.folder.value)

    paused, busy = status.phase is Phase.PAUSED, status.busy
    solara.Button("Start", on_click=desk.attempt(start), disabled=busy, color="primary")
    solara.Button(
        "Go on" if paused else "Pause",
        on_click=driver.resume if paused else driver.pause,
        disabled=status.phase not in (Phase.RUNNING, Phase.PAUSED),
        outlined=True,
    )
    solara.Button("Stop", on_click=driver.stop, disabled=not busy, outlined=True)
    over = status.phase in (Phase.DONE, Phase.STOPPED)
    solara.Button("Reset", on_click=driver.reset, disabled=not over, outlined=True)


@solara.component
def Progress(status: Status) -> None:
    """Say how far a run is, and how long it still takes."""
    said = _SAYS[status.phase]
    if status.steps_count:
        said += f" {status.index} of {status.steps_count} steps"
    if status.left_s is not None and status.phase is Phase.RUNNING:
        said += f", about {status.left_s:.0f} s left"
    with v.Html(tag="div", class_="cw-progress"):
        bar = {"max": str(status.steps_count or 1), "value": str(status.index)}
        v.Html(tag="progress", attributes=bar | {"aria-label": "Steps that are over"})
        v.Html(tag="span", attributes={"role": "status"}, children=[said])
