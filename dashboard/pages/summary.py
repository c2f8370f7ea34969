"""Not built yet."""

import solara

from dashboard.desk import Desk


@solara.component
def SummaryPage(desk: Desk) -> None:
    """Say so."""
    solara.Text("summary")
