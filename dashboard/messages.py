"""What a page may say over its socket: press, type, ask for what it shows, and nothing else.

Solara hands what comes to the widget it names, and ipyvue's let themselves be told to import any
module and to call any function of it. No page of ours says such a thing, nor makes widgets by
itself, so that it is kept from them.
"""

import json
from typing import Any

_ASKED = frozenset({"kernel_info_request", "comm_info_request", "comm_close"})
_OPENED = frozenset({"solara.control", "jupyter.widget.control"})
_TOLD = frozenset({"run", "app-status", "request_state", "request_states", "update"})
_EVENT = frozenset({"event", "data"})


def passes(text: str) -> bool:
    """Tell whether a message is one of those that pages of ours send.

    Parameters
    ----------
    text : str
        As it came, which is what Solara reads too.
    """
    try:
        message = json.loads(text)
        kind, content = message["header"]["msg_type"], message["content"]
        if message["buffers"]:
            return False
        if kind == "comm_open":
            return content["target_name"] in _OPENED
        return _is_told(content["data"]) if kind == "comm_msg" else kind in _ASKED
    except (KeyError, TypeError, ValueError, RecursionError):
        return False


def _is_told(data: Any) -> bool:  # noqa: ANN401, whatever a page sends
    """Whether a widget is told something harmless: an event of its own, or a value."""
    if data["method"] != "custom":
        return data["method"] in _TOLD
    told = data["content"]
    return isinstance(told, dict) and told.keys() <= _EVENT and isinstance(told["event"], str)
