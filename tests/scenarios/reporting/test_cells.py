"""How values are written on a page."""

import pytest

from scenarios.reporting import cells
from scenarios.reporting.sheets import Field, Sheet, Value

USD = Field("saved_usd", "USD", "saved")
SHARE = Field("saved_fraction", "1", "saved", decimals=1)
COUNT = Field("trades_count", "", "trades", decimals=0, whole=True)
KNOB = Field("market.loss_fraction", "", "market.loss_fraction", decimals=None)
BATTERY = Field("battery.capacity_kwh", "", "battery.capacity_kwh", decimals=None)
NAME = Field("arm", "", "arm", text=True)


@pytest.mark.parametrize(
    ("field", "value", "text", "kind"),
    [
        (USD, 3.14159, "3.14", "up"),
        (USD, -3.14159, "-3.14", "down"),
        (USD, -0.001, "0.00", "number"),
        (USD, 0.0, "0.00", "number"),
        (USD, None, "-", "number"),
        (SHARE, 0.37449, "37.4", "up"),
        (COUNT, 12, "12", "number"),
        (KNOB, 0.05, "0.05", "number"),
        (KNOB, 3.0, "3", "number"),
        (BATTERY, 5.0, "5", "number"),  # a knob, though what batteries save has a colour
        (NAME, "market", "market", "text"),
        (NAME, None, "-", "text"),
    ],
)
def test_values_are_rounded_as_their_fields_say(
    field: Field, value: Value, text: str, kind: str
) -> None:
    found = cells.cell(field, value)
    assert (found.text, found.kind) == (text, kind)
    assert found.value == ("" if value is None or isinstance(value, str) else repr(value))


def test_headings_name_units_and_shares_are_per_cent() -> None:
    assert [cells.heading(field) for field in (USD, SHARE, COUNT)] == [
        "saved [USD]", "saved [%]", "trades",
    ]  # fmt: skip


def test_rows_are_chosen_columns_left_out_and_the_rest_counted() -> None:
    count = cells.ROWS_SHOWN_MAX + 5
    sheet = Sheet("x", (NAME, COUNT), [("odd" if k % 2 else "even", k) for k in range(2 * count)])
    found = cells.shown(sheet, "All", ("arm",), lambda row: row["arm"] == "odd")
    assert found.headings == [("trades", "number")]
    assert [row[0].text for row in found.rows[:2]] == ["1", "3"]
    assert found.places[:2] == [1, 3]
    assert (len(found.rows), found.left_count) == (cells.ROWS_SHOWN_MAX, 5)
