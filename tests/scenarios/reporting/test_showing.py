"""Tables and pictures show themselves: escaped, rounded, and with all digits as data frames."""

from pathlib import Path

import pandas as pd
import pytest

from profiles.errors import InputError
from scenarios.reporting import showing
from scenarios.reporting.sheets import Field, Sheet

SHEET = Sheet(
    "x",
    (Field("arm", "", "arm", text=True), Field("cost_usd", "USD", "cost")),
    [("<b>market", 1.23456), ("own", None)],
)


def test_a_table_is_html_with_units_and_escaped_names() -> None:
    table = showing.Table(SHEET, "<i>")
    assert repr(table) == "Table(x of <i>)"
    html = table._repr_html_()
    assert "<caption>&lt;i&gt;</caption>" in html
    assert "<th>cost [USD]</th>" in html
    assert "<td>&lt;b&gt;market</td><td>1.23</td>" in html
    assert "<td>own</td><td>-</td>" in html


def test_a_data_frame_has_all_digits() -> None:
    frame = showing.Table(SHEET, "").to_pandas()
    expected = pd.DataFrame({"arm": ["<b>market", "own"], "cost_usd": [1.23456, float("nan")]})
    pd.testing.assert_frame_equal(frame, expected)


def test_a_picture_is_svg_says_what_it_shows_and_is_saved(tmp_path: Path) -> None:
    picture = showing.drawn("costs", "<svg><dc:title>Costs: 3.</dc:title></svg>")
    assert picture._repr_svg_().startswith("<svg>")
    assert repr(picture) == "Costs: 3."
    picture.save(tmp_path / "costs.svg")
    assert (tmp_path / "costs.svg").read_text(encoding="utf-8") == picture.svg


def test_what_is_not_known_or_was_not_run_is_refused() -> None:
    with pytest.raises(InputError, match=r"table: must be one of a, b \(got 'c'\)"):
        showing.check_known("table", "c", ("a", "b"))
    with pytest.raises(InputError, match="plot: what added shows was not run"):
        showing.drawn("added", "")
