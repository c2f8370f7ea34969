"""Every figure of a report is the one that its Parquet tells, and no other stands on the page."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from scenarios.reporting import report
from tests.scenarios.reporting.recomputed import Recomputed, between, expected, over_seeds

PER_CENT = {
    "saved_fraction", "captured_of_bound_fraction", "jain_fairness", "saved_carbon_fraction",
    "served_fraction",
}  # fmt: skip
NAMED = {"run", "arm", "baseline", "household_id", "day"}
VARIED = {"tariff.export_cents_per_kwh": (5.0, 7.0)}


class Marked(HTMLParser):
    """Collects the figures of a page, and the digits that stand outside of them."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = self.row = ""
        self.stack: list[tuple[str, dict[str, str]]] = []
        self.figures: list[tuple[str, int, str, float, str]] = []
        self.loose: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what is said of the text to come."""
        found = {name: value or "" for name, value in attrs}
        if tag in {"meta", "path", "use", "image"}:
            return
        self.stack.append((tag, found))
        self.sheet = found.get("data-sheet", self.sheet)
        self.row = found.get("data-row", self.row)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing stands in a tag that is closed at once."""

    def handle_endtag(self, tag: str) -> None:
        """Forget it."""
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Take a figure, or a text beside the figures."""
        text = data.strip()
        if not text or not self.stack:
            return
        tags = {tag for tag, _ in self.stack}
        attributes = self.stack[-1][1]
        if "data-value" in attributes:
            place = int(self.row), attributes["data-column"]
            self.figures.append((self.sheet, *place, float(attributes["data-value"]), text))
        elif not tags & {"style", "svg", "details", "h3"} and "data-column" not in attributes:
            self.loose.append(text)


@pytest.fixture(scope="module")
def page(two_runs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report.run(two_runs, tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="module")
def tables(page: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in page.parent.glob("*/*.parquet")}


@pytest.fixture(scope="module")
def read(page: Path) -> Marked:
    marked = Marked()
    marked.feed(page.read_text(encoding="utf-8"))
    return marked


@pytest.fixture(scope="module")
def runs(two_runs: tuple[Path, Path]) -> dict[str, Recomputed]:
    return {folder.name: Recomputed(folder) for folder in two_runs}


def test_the_tables_beside_the_page_are_recomputed_from_the_parquet_of_the_runs(
    tables: dict[str, pd.DataFrame], runs: dict[str, Recomputed]
) -> None:
    first, second = runs.values()
    checked: Counter[str] = Counter()
    for name, table in tables.items():
        numbers = [each for each in table.select_dtypes("number").columns if each not in NAMED]
        for place, row in enumerate(table.to_dict("records")):
            for column in numbers:
                if column in VARIED:
                    wanted: float | None = VARIED[column][place]
                elif name == "differences":
                    wanted = between(first, second, row["arm"])[column]
                else:
                    wanted = expected(runs[row["run"]], name, row, column)
                if pd.isna(row[column]):
                    absent = name == "carbon" and row["arm"] == "grid_only"
                    absent |= name == "homes" and row["arm"] == "plan_alone"
                    assert absent or wanted is None, (name, row, column)
                else:
                    assert row[column] == pytest.approx(wanted, rel=1e-8, abs=1e-8), (name, column)
                checked[name] += 1
    assert checked.keys() == {*tables} - {"repeated", "outage"}, "every other table has figures"
    assert tables["repeated"].empty
    assert tables["outage"].empty
    assert sum(checked.values()) > 500


def test_every_figure_on_the_page_is_that_of_its_table_rounded(
    read: Marked, tables: dict[str, pd.DataFrame]
) -> None:
    assert len(read.figures) > 300
    for sheet, row, column, value, text in read.figures:
        exact = tables[sheet][column].iloc[row]
        assert value == exact, (sheet, row, column)
        scale = 100.0 if column in PER_CENT else 1.0
        shown = float(text.split()[0])
        decimals = len(text.split()[0].partition(".")[2])
        assert abs(shown - scale * exact) <= 0.5 * 10.0**-decimals + 1e-9, (sheet, column, text)


def test_cards_and_tables_of_the_page_show_the_figures_that_matter(read: Marked) -> None:
    shown = {(sheet, column) for sheet, _, column, _, _ in read.figures}
    for sheet, columns in {
        "runs": ("cost_usd", "saved_fraction", "captured_of_bound_fraction"),
        "arms": ("cost_usd", "p2p_kwh", "peak_import_kw"),
        "against": ("saved_usd_per_day", "saved_usd_per_day_low", "saved_usd_per_day_high"),
        "differences": ("saved_usd_per_day", "saved_usd_per_day_low", "saved_usd_per_day_high"),
        "added": ("solar_usd", "battery_usd", "planning_usd", "trading_usd"),
        "carbon": ("carbon_kg", "saved_carbon_kg"),
        "homes": ("cost_usd", "gain_usd_per_day"),
    }.items():
        assert {(sheet, column) for column in columns} <= shown


def test_no_other_figure_stands_on_the_page(read: Marked) -> None:
    """What holds digits besides: the confidence, a gas, counts of runs, knobs as they were set."""
    known = re.compile(r"95 %|\bCO2\b|^2 runs\b|^[57](\.0)?$|report_tables|^-$")
    left = [text for text in read.loose if re.search(r"\d", known.sub("", text))]
    assert left == []


def test_an_outage_is_recomputed_too_and_stands_on_its_page(
    outage_run: Path, tmp_path: Path
) -> None:
    page = report.run([outage_run], tmp_path / "report.html")
    table = pd.read_parquet(tmp_path / "report_tables" / "outage.parquet")
    run, steps = Recomputed(outage_run), range(48 + 32, 48 + 40)
    assert [*table["arm"]] == [*run.arms, "bound"]
    for row in table.to_dict("records"):
        for name, value in run.outage(row["arm"], steps).items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-9), (row["arm"], name)
    assert table["served_fraction"].between(0.0, 1.0).all()
    assert table["served_fraction"].nunique() > 2
    marked = Marked()
    marked.feed(page.read_text(encoding="utf-8"))
    shown = [(row, value) for sheet, row, column, value, _ in marked.figures
             if (sheet, column) == ("outage", "served_fraction")]  # fmt: skip
    lead = run.arms.index("market")
    exact = [*enumerate(table["served_fraction"])]
    assert shown == [exact[lead], *exact], "the card of the arm that leads, and the table"


def test_what_seeds_save_is_recomputed_and_stands_on_the_page_of_a_batch(
    batch: Path, tmp_path: Path
) -> None:
    """A run lasts a day: what it costs is what a day costs."""
    page = report.run([batch], tmp_path / "report.html")
    laid = {
        name: pd.read_parquet(tmp_path / "report_tables" / f"{name}.parquet")
        for name in ("repeated", "differences")
    }
    runs = {f"0000{number}": Recomputed(batch / "runs" / f"0000{number}") for number in range(1, 5)}
    assert {run.scenario["run"]["days"] for run in runs.values()} == {1}
    usd = {(name, arm): run.cost(arm) for name, run in runs.items() for arm in run.arms}
    points, arms = (("00001", "00002"), ("00003", "00004")), ("grid_only", "self_use")
    wanted: dict[str, list[dict[str, float]]] = {"repeated": [], "differences": []}
    for point in points:
        for arm, baseline in (arms, arms[::-1]):
            saved = [usd[name, baseline] - usd[name, arm] for name in point]
            wanted["repeated"].append(over_seeds(saved))
    for arm in arms:
        first, second = ([usd[name, arm] for name in point] for point in points)
        means = sum(first) / 2, sum(second) / 2
        wanted["differences"].append(
            dict(zip(("baseline_usd_per_day", "run_usd_per_day"), means, strict=True))
            | over_seeds([one - two for one, two in zip(first, second, strict=True)])
        )
    for name, rows in wanted.items():
        assert [*laid[name]["over"]] == ["seeds"] * len(rows)
        assert laid[name]["saved_usd_per_day"].abs().min() > 0.01, "something is told"
        for found, row in zip(laid[name].to_dict("records"), rows, strict=True):
            for column, value in row.items():
                assert found[column] == pytest.approx(value, rel=1e-8, abs=1e-8), (name, column)
    marked = Marked()
    marked.feed(page.read_text(encoding="utf-8"))
    for name, row in (("repeated", 1), ("repeated", 3), ("differences", 0), ("differences", 1)):
        shown = {column: value for sheet, at, column, value, _ in marked.figures
                 if (sheet, at) == (name, row)}  # fmt: skip
        for column, exact in wanted[name][row].items():
            assert shown[column] == pytest.approx(exact, rel=1e-8), (name, column)


def test_the_same_runs_give_the_same_bytes(
    page: Path, two_runs: tuple[Path, Path], tmp_path: Path
) -> None:
    again = report.run(two_runs, tmp_path / "report.html")
    assert again.read_bytes() == page.read_bytes()
    files: list[Any] = sorted(page.parent.glob("*/*"))
    assert len(files) == 20
    for path in files:
        other = tmp_path / path.parent.name / path.name
        assert other.read_bytes() == path.read_bytes(), path.name


def test_a_bound_with_other_figures_is_no_cheapest_run(two_runs: tuple[Path, Path]) -> None:
    """So that what is read from the summary, once a run has it, could not be anything else."""
    run = Recomputed(two_runs[0])
    told = run.of_bound
    assert run.bound.cost_usd == pytest.approx(told["cost_usd"], abs=1e-8)
    for name, off in (("import_kwh", -1.0), ("p2p_kwh", 100.0), ("peak_import_kw", 30.0)):
        assert not run.bound.has({**told, name: told[name] + off}), name
