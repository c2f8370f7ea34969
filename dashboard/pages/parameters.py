"""Not built yet."""

import solara

from dashboard.desk import Desk


@solara.component
def ParametersPage(desk: Desk) -> None:  # noqa: N802, a component
    """Say so."""
    solara.Text("parameters")
