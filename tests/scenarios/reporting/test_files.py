"""The tables as files: whole or as they were, every bit kept, no formula for a spreadsheet."""

import csv
from pathlib import Path

import pytest
from pyarrow import parquet

from scenarios.reporting import files
from scenarios.reporting.sheets import Field, Sheet

SHEET = Sheet(
    "figures",
    (
        Field("run", "", "run", text=True),
        Field("cost_usd", "USD", "cost"),
        Field("seed", "", "seed", decimals=0, whole=True),
    ),
    [('=1+1,"x"', 0.1 + 0.2, 10**18 - 1), ("two\nlines", None, 0)],
)


def test_both_files_hold_the_same_to_the_bit(tmp_path: Path) -> None:
    files.written([SHEET], tmp_path / "tables")
    table = parquet.read_table(tmp_path / "tables" / "figures.parquet")
    assert [tuple(row.values()) for row in table.to_pylist()] == SHEET.rows
    assert table.schema.field("cost_usd").metadata == {b"unit": b"USD", b"meaning": b"cost"}
    with (tmp_path / "tables" / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["run", "cost_usd", "seed"],
        ['\'=1+1,"x"', "0.30000000000000004", "999999999999999999"],
        ["two\nlines", "", "0"],
    ]


@pytest.mark.parametrize("text", ["=x", "+x", "-x", "@x", "\tx"])
def test_no_text_is_a_formula(text: str) -> None:
    sheet = Sheet("x", SHEET.fields[:1], [(text,)])
    assert list(csv.reader(files.as_csv(sheet).splitlines()))[1] == [f"'{text}"]


def test_a_write_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "report.html"
    page.write_text("old", encoding="utf-8")

    def full(self: Path, text: str, encoding: str) -> int:
        self.write_bytes(text.encode(encoding)[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        files.replaced(page, "new")
    assert page.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
