"""Playback of the bundled run or of a saved one."""

import solara

from dashboard.desk import Desk
from dashboard.player_view import PlayerView
from scenarios import runs

BUNDLED = {"name": "", "title": "Hot days of July in Fontana (ships with Commonwatt)"}


@solara.component
def WatchPage(desk: Desk) -> None:
    """Show the player with a picker of saved runs."""
    folder, saved = desk.folder.value, desk.saved.value
    found = solara.use_memo(lambda: runs.saved_runs(folder), [folder, saved])
    choices = [BUNDLED, *({"name": run.name, "title": run.title} for run in found if run.finished)]
    PlayerView(
        event_opened=desk.attempt(lambda name: desk.open(name or None)),
        event_failed=desk.trouble.set,
        source=f"/packs/{desk.pack.value}" if desk.pack.value else "",
        runs=choices,
        current=desk.shown.value or "",
    )
