"""Playback of the bundled run or of a saved one."""

import solara

from dashboard.desk import Desk
from dashboard.player_view import PlayerView
from dashboard.work import use_work
from profiles.errors import InputError
from scenarios import runs

BUNDLED = {"name": "", "title": "Hot days of July in Fontana (ships with Commonwatt)"}


@solara.component
def WatchPage(desk: Desk) -> None:
    """Show the player with a picker of saved runs."""
    folder, saved, name = desk.folder.value, desk.saved.value, desk.shown.value
    found = solara.use_memo(
        lambda: runs.saved_runs(folder), [folder, saved, desk.tab.value == "watch"]
    )
    work = use_work(desk, lambda: desk.pack(folder, name), [folder, name])

    def fall_back() -> None:
        """Show the bundled run instead of one that cannot be shown, beside the reason."""
        if work.ended is None or work.ended.error is None or name is None:
            return
        if isinstance(work.ended.error, InputError):  # anything else has been told
            desk.tell(work.ended.error)
        desk.open(None)

    solara.use_effect(fall_back, [work.ended])
    whole = [run for run in found if run.finished]
    named = [{"name": run.name, "title": f"{run.name}: {run.title}"} for run in whole]
    if work.pending and name is not None:
        role = {"role": "status"}
        text = f"Opening {name} ..."
        solara.v.Html(tag="p", class_="cw-state", attributes=role, children=[text])
    PlayerView(
        event_opened=desk.attempt(lambda chosen: desk.open(chosen or None)),
        event_failed=desk.trouble.set,
        source=f"/packs/{work.value}" if work.value else "",
        runs=[BUNDLED, *named],
        current=name or "",
    ).key("player")
