"""Not built yet."""

import solara

from dashboard.desk import Desk


@solara.component
def RunsPage(desk: Desk) -> None:
    """Say so."""
    solara.Text("runs")
