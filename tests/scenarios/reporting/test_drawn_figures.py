"""What is read off the pictures of a report, and said of them, is what its Parquet tells.

Bars, lines and maps are measured with the figures of their axes, to a fifth of a point.
"""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from scenarios.reporting import report
from tests.scenarios.reporting.drawn_by_hand import Picture, distance, pictures, read_map
from tests.scenarios.reporting.recomputed import STEPS, Recomputed

POINT = 0.2  # a line is drawn with points left out that lie closer to it than a ninth
SHOWN_KW = ("grid_only", "self_use", "plan_alone", "market")


@pytest.fixture(scope="module")
def drawn(two_runs: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> list[Picture]:
    page = report.run(two_runs, tmp_path_factory.mktemp("drawn") / "report.html")
    return pictures(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def runs(two_runs: tuple[Path, Path]) -> list[Recomputed]:
    return [Recomputed(folder) for folder in two_runs]


def of_each(drawn: list[Picture], begins: str) -> list[Picture]:
    found = [each for each in drawn if each.label.startswith(begins)]
    assert len(found) == 2, "one of each run"
    return found


def said(picture: Picture) -> list[float]:
    return [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", picture.label)]


def test_the_page_has_these_pictures_and_no_other(drawn: list[Picture]) -> None:
    kinds = [" ".join(each.label.split()[:2]) for each in drawn]
    pairs = [kind for kind in ("Saved by", "Load duration", "By day", "Gain of") for _ in range(2)]
    assert kinds == ["Cost in", *pairs]


def test_the_bars_of_both_runs_are_what_a_day_costs_by_arm(
    drawn: list[Picture], runs: list[Recomputed]
) -> None:
    (axes,) = drawn[0].axes
    names = axes.legend()
    assert [*names.values()] == ["plain", "<b>cheap & free"]
    read = {(names[bar.colour], bar.label): bar.ends for bar in axes.bars()}
    wanted = {
        (name, arm): run.cost(arm) / run.days
        for name, run in zip(names.values(), runs, strict=True)
        for arm in run.arms
    }
    assert read.keys() == wanted.keys()
    for key, (left, right) in read.items():
        assert (left, right) == pytest.approx((0.0, wanted[key]), abs=1e-5), key
    lowest, highest = (
        [pick(wanted[name, arm] for name in names.values()) for arm in STEPS] for pick in (min, max)
    )
    ends = [end for pair in zip(lowest, highest, strict=True) for end in pair]
    assert said(drawn[0]) == pytest.approx([2, *ends], abs=0.005)


def test_each_step_from_the_meter_to_the_market_falls_as_far_as_it_saves(
    drawn: list[Picture], runs: list[Recomputed]
) -> None:
    for picture, run in zip(of_each(drawn, "Saved by"), runs, strict=True):
        (axes,) = picture.axes
        usd = [run.cost(arm) for arm in STEPS]
        falls = [(after, before) for before, after in pairwise(usd)]
        wanted = [(0.0, usd[0]), *falls, (0.0, usd[-1])]
        bars = axes.bars()
        names = ["gross", "solar", "battery", "planning", "trading", "market"]
        assert [bar.label for bar in bars] == names
        assert np.array([bar.ends for bar in bars]) == pytest.approx(np.array(wanted), abs=1e-5)
        saved = -np.diff(usd)
        beside = [float(text.replace("\N{MINUS SIGN}", "-")) for text in axes.texts()]
        assert beside == pytest.approx([usd[0], *-saved, usd[-1]], abs=0.005)
        assert said(picture) == pytest.approx(saved, abs=0.005)


def test_a_load_duration_goes_through_every_step_of_its_arm(
    drawn: list[Picture], runs: list[Recomputed]
) -> None:
    for picture, run in zip(of_each(drawn, "Load duration"), runs, strict=True):
        (axes,) = picture.axes
        colours = {name: colour for colour, name in axes.legend().items()}
        assert tuple(colours) == SHOWN_KW
        lines, highest_kw = dict(axes.lines()), []
        along, up = axes.scale("x"), axes.scale("y")
        for name, colour in colours.items():
            rows = run.steps[run.steps["arm"] == name].groupby("step")
            load_kw = np.sort(2.0 * (rows["import_kwh"].sum() - rows["export_kwh"].sum()))[::-1]
            highest_kw.append(load_kw[0])
            line = lines[colour]
            read = np.column_stack([along(line[:, 0]), up(line[:, 1])])
            wanted = np.column_stack([np.linspace(0.0, 100.0, load_kw.size), load_kw])
            unit = np.abs([np.diff(along(np.arange(2.0)))[0], np.diff(up(np.arange(2.0)))[0]])
            assert distance(wanted / unit, read / unit) < POINT
            assert distance(read / unit, wanted / unit) < POINT
        assert said(picture) == pytest.approx(highest_kw, abs=0.05)


def test_maps_have_the_price_and_the_charge_of_each_half_hour_in_its_place(
    drawn: list[Picture], runs: list[Recomputed]
) -> None:
    for picture, run in zip(of_each(drawn, "By day"), runs, strict=True):
        prices = run.prices[run.prices["arm"] == "market"]
        stored = run.steps[run.steps["arm"] == "market"].groupby("step")["stored_kwh"].sum()
        wanted = [
            ("viridis", prices["tariff_cents_per_kwh"]),
            ("viridis", prices["clearing_cents_per_kwh"]),
            ("cividis", 100.0 * stored / (run.capacity_kwh * len(run.homes))),
        ]
        panels, bars = picture.axes[::2], picture.axes[1::2]
        ranges = []
        for panel, bar, (colours, series) in zip(panels, bars, wanted, strict=True):
            grid = series.to_numpy().reshape(run.days, 48).T
            values, width = read_map(panel, bar, colours)
            assert np.isnan(values).tolist() == np.isnan(grid).tolist()
            # Of 256 colours those beside each other can be the same in a file.
            assert np.nanmax(np.abs(values - grid)) < 3.0 * width, colours
            ranges += [np.nanmin(grid), np.nanmax(grid)]
        assert said(picture) == pytest.approx(ranges, abs=0.5)


def test_the_bars_of_homes_are_what_they_gain_by_trading(
    drawn: list[Picture], runs: list[Recomputed]
) -> None:
    for picture, run in zip(of_each(drawn, "Gain of"), runs, strict=True):
        (axes,) = picture.axes
        gain = (run.of_homes["plan_alone"] - run.of_homes["market"]) / run.days
        read = {int(bar.label): bar.ends for bar in axes.bars()}
        assert [*read] == run.homes
        for home, ends in read.items():
            assert ends == pytest.approx((0.0, gain[home]), abs=1e-6)
        assert said(picture) == pytest.approx([len(gain), gain.min(), gain.max()], abs=0.005)


def test_of_many_homes_the_edge_of_an_area_goes_through_what_each_gains(
    two_runs: tuple[Path, Path],
    runs: list[Recomputed],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Homes stand at even distances, the one that gains least at the foot."""
    monkeypatch.setattr("scenarios.charts.HOMES_NAMED_MAX", 3)
    page = report.run(two_runs[:1], tmp_path / "report.html").read_text(encoding="utf-8")
    (picture,) = (each for each in pictures(page) if each.label.startswith("Gain of"))
    (axes,), run = picture.axes, runs[0]
    gain = np.sort((run.of_homes["plan_alone"] - run.of_homes["market"]) / run.days)
    (foot, _, head), names = axes.ticks("y")
    assert names == ["worst", "middle", "best"]
    place = foot + (head - foot) * np.linspace(0.0, 1.0, gain.size)
    along = axes.scale("x")
    unit = np.array([abs(np.diff(along(np.arange(2.0)))[0]), 1.0])
    for edge, side in zip(axes.areas(), (np.minimum, np.maximum), strict=True):
        wanted = np.column_stack([side(gain, 0.0), place])
        read = np.column_stack([along(edge[:, 0]), edge[:, 1]])
        assert distance(wanted / unit, read / unit) < POINT
        ends = min(0.0, wanted[:, 0].min()), max(0.0, wanted[:, 0].max())
        assert (read[:, 0].min(), read[:, 0].max()) == pytest.approx(ends, abs=1e-5)
    assert said(picture) == pytest.approx([gain.size, gain.min(), gain.max()], abs=0.005)


def test_the_costs_of_a_single_run_stand_beside_the_bound(
    two_runs: tuple[Path, Path], runs: list[Recomputed], tmp_path: Path
) -> None:
    page = report.run(two_runs[:1], tmp_path / "report.html").read_text(encoding="utf-8")
    (picture,) = (each for each in pictures(page) if each.label.startswith("Cost by"))
    (axes,), run = picture.axes, runs[0]
    read = {bar.label: bar.ends for bar in axes.bars()}
    assert [*read] == run.arms
    for arm, ends in read.items():
        assert ends == pytest.approx((0.0, run.cost(arm)), abs=1e-5)
    (bound,) = (line for _, line in axes.lines())
    assert axes.scale("x")(bound[:, 0]) == pytest.approx(np.full(2, run.cost("bound")), abs=1e-5)
    *beside, under = axes.texts()
    assert float(under.split()[1]) == pytest.approx(run.cost("bound"), abs=0.005)
    for arm, text in zip(run.arms, beside, strict=True):
        figures = [
            float(each.replace("\N{MINUS SIGN}", "-")) for each in text.split() if each != "%"
        ]
        cost, base = run.cost(arm), run.cost("grid_only")
        assert figures[0] == pytest.approx(cost, abs=0.5 if cost >= 100.0 else 0.005)
        assert figures[1:] == pytest.approx(
            [] if arm == "grid_only" else [100.0 * (cost / base - 1.0)], abs=0.05
        )
    assert said(picture) == pytest.approx([run.cost(arm) for arm in run.arms], abs=0.005)
