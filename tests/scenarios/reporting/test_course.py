"""A run over time is the same from a folder and from memory, and adds up to its summary."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model import intervals, metrics
from profiles.errors import InputError
from scenarios import store, stored
from scenarios.compare import Comparison
from scenarios.reporting import course


def test_a_folder_tells_what_memory_does(tmp_path: Path, comparison: Comparison) -> None:
    kept, read = (
        course.of_comparison(comparison),
        course.of_folder(stored.read(store.save(comparison, tmp_path))),
    )
    assert kept.figures == read.figures
    assert kept.leading == read.leading == "market"
    assert [*kept.arms] == [*read.arms] == [*comparison.arms]
    for name, arm in kept.arms.items():
        for field in ("day_costs_usd", "home_costs_usd", "net_import_kw", "clearing_cents_per_kwh"):
            assert getattr(arm, field).tobytes() == getattr(read.arms[name], field).tobytes()


def test_costs_are_those_of_the_metrics(comparison: Comparison) -> None:
    found = course.of_comparison(comparison)
    for name, results in comparison.arms.items():
        arm = found.arms[name]
        assert arm.home_costs_usd == pytest.approx(metrics.home_costs_usd(results), abs=1e-12)
        assert arm.day_costs_usd == pytest.approx(intervals.day_costs_usd(results), abs=1e-9)
        net_kwh = results.step_sums("import_kwh") - results.step_sums("export_kwh")
        assert arm.net_import_kw == pytest.approx(2.0 * net_kwh)


def test_charge_is_a_share_of_all_batteries_and_gross_has_none(comparison: Comparison) -> None:
    found = course.of_comparison(comparison)
    assert found.arms["gross"].charge_fraction is None
    market = comparison.arms["market"]
    share = market.step_sums("stored_kwh") / market.capacity_kwh.sum()
    charge = found.arms["market"].charge_fraction
    assert charge is not None
    np.testing.assert_allclose(charge, share)


def test_a_summary_that_tells_another_cost_than_the_steps_is_refused(
    copied: Callable[[str], Path], resigned: Callable[[Path], None]
) -> None:
    folder = copied("sim")
    path = folder / "summary.json"
    told = json.loads(path.read_bytes())
    told["arms"]["market"]["cost_usd"] -= 5.0
    path.write_text(json.dumps(told), encoding="utf-8")
    resigned(folder)
    with pytest.raises(InputError, match=r"arms.market.cost_usd: must be what steps.parquet adds"):
        course.of_folder(stored.read(folder))
