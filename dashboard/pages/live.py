"""A live run: start it, hold it, watch it step by step, save it, play it back."""

from collections.abc import Callable
from typing import Any

import solara

from dashboard.desk import Desk
from dashboard.live_driver import LiveDriver, Phase, Status
from dashboard.pages import parameters
from dashboard.player_view import PlayerView
from profiles.errors import InputError

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


@solara.component_vue("../live_bar.vue", vuetify=False)
def LiveBar(now: dict[str, Any], event_did: Callable[[list[str]], None]) -> None:
    """Show the buttons and how far a run is; what is done is a word, and its argument if any."""


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

    def saved() -> str:
        """Turn to the folder in which the run is, wherever others are saved by now."""
        if status.saved is None:
            raise InputError("live run: none has been saved")
        desk.go_to(status.saved.parent)
        return status.saved.name

    actions: dict[str, Callable[..., None]] = {
        "start": lambda: driver.start(desk.scenario.value, desk.place, desk.folder.value),
        "pause": driver.pause,
        "resume": driver.resume,
        "stop": driver.stop,
        "reset": driver.reset,
        "pace": lambda name: set_pace(name if name in PACES else pace),
        "watch": lambda: desk.watch(saved()),
        "sum": lambda: desk.sum_up(saved()),
    }
    now = {"phase": status.phase.value, "said": saying(status), "saved": status.saved is not None}
    now |= {"state": _SAYS[status.phase], "held": parameters.unheeded(desk.sheet.value)}
    now |= {"index": status.index, "steps": status.steps_count, "pace": pace, "paces": [*PACES]}
    LiveBar(now=now, event_did=desk.attempt(lambda words: actions[words[0]](*words[1:])))
    player = PlayerView(event_opened=lambda _: None, event_failed=desk.trouble.set, live=True)

    def settle() -> Callable[[], None]:
        """Find the widget; a page that goes ends its run."""
        shown.current = solara.get_widget(player)
        return driver.stop

    def told() -> None:
        if status.saved is not None:
            desk.finished(status.saved)

    solara.use_effect(settle, [])
    solara.use_effect(told, [status.saved])


def saying(status: Status) -> str:
    """Say how far a run is, and how long it still takes."""
    said = _SAYS[status.phase]
    if status.steps_count:
        said += f" {status.index} of {status.steps_count} steps"
    if status.left_s is not None and status.phase is Phase.RUNNING:
        said += f", about {status.left_s:.0f} s left"
    return said
