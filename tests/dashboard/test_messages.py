"""Pages press, type and ask over their socket; nothing that names code gets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.messages import passes


def _said(kind: str, content: object, **more: object) -> str:
    whole = {"header": {"msg_type": kind}, "content": content, "buffers": [], "channel": "shell"}
    return json.dumps(whole | more)


def _told(**data: object) -> str:
    return _said("comm_msg", {"comm_id": "1", "data": data})


OURS = [
    _said("kernel_info_request", {}),
    _said("comm_info_request", {"target_name": "jupyter.widget"}),
    _said("comm_open", {"comm_id": "1", "target_name": "solara.control", "data": {}}),
    _said("comm_open", {"comm_id": "1", "target_name": "jupyter.widget.control", "data": {}}),
    _said("comm_close", {"comm_id": "1"}),
    _told(method="run", args={"path": ""}),
    _told(method="app-status"),
    _told(method="request_state"),
    _told(method="request_states"),
    _told(method="update", state={"dark_effective": True}),
    _told(method="custom", content={"event": "turned", "data": "data"}),
    _told(method="custom", content={"event": "did"}),
]
HOSTILE = [
    _told(method="custom", content={"create_widget": ["os", "system"], "props": {}, "id": "x"}),
    _told(
        method="custom", content={"update_ref": {"functionRef": "close"}, "id": "x", "prop": "y"}
    ),
    _told(method="custom", content={"destroy_widget": "x"}),
    _told(method="custom", content={"event": "turned", "create_widget": ["os", "system"]}),
    _told(method="custom", content={"event": ["turned"], "data": 1}),
    _told(method="custom", content={"data": 1}),
    _told(method="custom", content=["event"]),
    _told(method="evict"),
    _told(method="reload"),
    _told(method=["update"]),
    _told(state={}),
    _said("comm_msg", {"comm_id": "1"}),
    _said("comm_open", {"target_name": "jupyter.widget", "data": {"state": {}}}),
    _said("comm_open", {"target_name": ["solara.control"]}),
    _said("execute_request", {"code": "1"}),
    _said("shutdown_request", {}),
    _said("kernel_info_request", {}, buffers=["x"]),
    _said("comm_msg", None),
    _said("comm_msg", {"data": {"method": "update"}}, header=None),
    *("", "{", "[]", "1", "null", '"x"', '{"header": 1}', "[" * 200_000, "1" * 5_000),
]


@pytest.mark.parametrize("text", OURS)
def test_what_pages_of_ours_say_gets_through(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_they_never_say_does_not(text: str) -> None:
    assert not passes(text)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(content=st.dictionaries(st.sampled_from(["event", "data", "create_widget", "x"]), _JSON))
def test_a_custom_message_gets_through_as_an_event_only(content: dict[str, object]) -> None:
    is_event = {*content} <= {"event", "data"} and isinstance(content.get("event"), str)
    assert passes(_told(method="custom", content=content)) == is_event
