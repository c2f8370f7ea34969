"""What strangers cause is told in a line; what is ours with all that is known."""

import logging
import sys

from dashboard.logs import Lines


def _told(name: str, message: str, *values: object) -> str:
    try:
        int("Session id\nmismatch\x1b[2J")
    except ValueError:
        known = sys.exc_info()
    return Lines().format(logging.LogRecord(name, logging.ERROR, "", 1, message, values, known))


def test_a_library_gets_one_line_that_says_what_and_where() -> None:
    line = _told("uvicorn.error", "Exception in %s\r\n", "application")
    assert line.startswith("uvicorn.error: Exception in application: ValueError: invalid literal")
    assert line.endswith("(test_logs.py:11)")
    assert line.isprintable()


def test_what_a_stranger_calls_it_moves_no_cursor() -> None:
    record = logging.LogRecord("solara", logging.ERROR, "", 1, "page %s", ("\x1b[2J\nx",), None)
    assert Lines().format(record) == "solara: page ?[2J x"


def test_no_line_is_endless() -> None:
    assert len(_told("solara.server.app", "x" * 100_000)) == 500


def test_an_error_without_an_exception_is_its_message() -> None:
    record = logging.LogRecord("Comm", logging.ERROR, "", 1, "no such comm", (), None)
    assert Lines().format(record) == "Comm: no such comm"
    record.exc_info = (None, None, None)
    assert Lines().format(record) == "Comm: no such comm"


def test_ours_keeps_the_way_to_where_it_went_wrong() -> None:
    told = _told("dashboard.desk", "unforeseen")
    assert told.startswith("unforeseen\nTraceback")
    assert "test_logs.py" in told
