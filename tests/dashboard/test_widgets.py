"""Parts of pages describe themselves in plain data."""

import json

from dashboard import widgets


def test_columns_rows_and_fields_are_plain_data() -> None:
    table = {
        "columns": [widgets.column("home"), widgets.column("cost", number=True)],
        "rows": [
            widgets.row("1", ["1", "2.50"], [1, 2.5]),
            widgets.row("2", ["2", "-"], dull=True),
        ],
        "field": widgets.field("seed", "seed", "0", "0 or more", unit="1"),
    }
    assert json.loads(json.dumps(table)) == table


def test_a_row_is_sorted_by_its_texts_unless_it_says_otherwise() -> None:
    assert widgets.row("a", ["x", "y"])["sorts"] == ["x", "y"]
    assert widgets.row("a", ["x", "1.00"], ["x", 1.0])["sorts"] == ["x", 1.0]
