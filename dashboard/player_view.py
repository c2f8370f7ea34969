"""The player as a component of the page; `dashboard/player` knows nothing of it."""

from collections.abc import Callable

import solara


@solara.component_vue("player.vue", vuetify=False)
def PlayerView(
    event_opened: Callable[[str], None],
    event_failed: Callable[[str], None],
    source: str = "",
    runs: list[dict[str, str]] = [],  # noqa: B006, never changed: Solara makes traits of it
    current: str = "",
    live: bool = False,
) -> None:
    """Play a pack.

    Parameters
    ----------
    event_opened : callable
        Told which run of the picker a visitor chose.
    event_failed : callable
        Told in a sentence why a pack cannot be shown.
    source : str
        Address of the pack; nothing is fetched if empty.
    runs : list of dict
        Runs of the picker, ``name`` and ``title`` each.
    current : str
        Name of the run that is shown.
    live : bool
        Whether frames are appended as a run lives.
    """
