"""Parts that pages are put together from: a place for files, a form, a table, a download.

They are native HTML in a template each. What a visitor does comes back as a list: a word, then
what goes with it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import reacton
import reacton.ipyvuetify as v
import solara

Did = Callable[[list[Any]], None]


@solara.component_vue("upload.vue", vuetify=False)
def Upload(
    event_brought: Did,
    event_failed: Callable[[str], None],
    label: str = "",
    hint: str = "",
    accept: str = "",
) -> None:
    """Let a visitor choose or drop a file; its name and token are told, or why it was not taken."""


@solara.component_vue("form.vue", vuetify=False)
def Form(form: dict[str, Any], event_sent: Did) -> None:
    """Show fields with a label each; the button that was pressed is told, and the texts by field.

    A form has a ``title``, ``fields`` and ``buttons``, the first of which Enter presses; and may
    have ``faults`` by field, something that is ``said`` beside the buttons, and be ``busy``.
    """


@solara.component_vue("table.vue", vuetify=False)
def Table(
    table: dict[str, Any], event_acted: Did = lambda _: None, event_chose: Did = lambda _: None
) -> None:
    """Show a table; the button and row that were pressed are told, and the rows that are picked.

    A table has a ``caption``, ``columns`` and ``rows``; and may have ``acts``, which are buttons in
    each row with a ``name`` and a ``label``, be sorted (``sorts``), let so many rows be picked
    (``picks``) of which some are (``picked``), and say what stands for no rows (``empty``).
    """


@solara.component_vue("note.vue", vuetify=False)
def Note(note: dict[str, Any], event_did: Did = lambda _: None) -> None:
    """Say something; the button that was pressed is told.

    A note may have a ``title``, a ``text``, ``lines`` of a list, a ``fault``, ``buttons`` with a
    ``name`` and a ``label``, a ``link`` to a file (``address``, ``name``, ``label``), and something
    that is ``said`` below them.
    """


def card(*children: reacton.core.Element) -> reacton.core.Element:
    """Put parts of a page into a frame."""
    return v.Html(tag="section", class_="cw-card", children=[*children])


@solara.component_vue("save.vue", vuetify=False)
def Save(file: dict[str, Any]) -> None:
    """Let the browser save a text: a ``file`` of name, text and a number, when it changes."""


def column(label: str, *, number: bool = False, long: bool = False) -> dict[str, Any]:
    """Describe a column of a table: numbers stand to the right, long texts in several lines."""
    return {"label": label, "number": number, "long": long}


def row(
    name: str, texts: Sequence[str], sorts: Sequence[object] = (), *, dull: bool = False
) -> dict[str, Any]:
    """Describe a row of a table.

    Parameters
    ----------
    name : str
        By which it is told apart.
    texts : sequence of str
        Its cells; the first is its heading.
    sorts : sequence
        By what it is sorted, a text or number per cell; the texts if left out.
    dull : bool
        Whether it cannot be picked, nor acted upon unless that is always possible.
    """
    return {"id": name, "texts": [*texts], "sorts": [*(sorts or texts)], "dull": dull}


def field(name: str, label: str, value: str, hint: str = "", **more: object) -> dict[str, Any]:
    """Describe a field of a form; ``more`` are its unit and options."""
    return {"name": name, "label": label, "value": value, "hint": hint, **more}
