"""Not built yet."""

import solara

from dashboard.desk import Desk


@solara.component
def ParametersPage(desk: Desk) -> None:
    """Say so."""
    solara.Text("parameters")
