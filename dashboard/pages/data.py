"""Not built yet."""

import solara

from dashboard.desk import Desk


@solara.component
def DataPage(desk: Desk) -> None:
    """Say so."""
    solara.Text("data")
