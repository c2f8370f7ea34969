"""Two homes, two days, numbers that can be redone on paper."""

from collections.abc import Callable

import numpy as np
import pytest

from model import baselines, metrics
from model.results import Results

ResultsOf = Callable[..., Results]
USD = 100_000_000  # microcents


def _days(results: ResultsOf, *usd: tuple[float, float], **given: object) -> Results:
    """Let two homes pay so many dollars at the start of each day."""
    paid = np.zeros((48 * len(usd), 2), np.int64)
    paid[::48] = np.rint(np.array(usd) * USD)
    return results(48 * len(usd), 2, import_cost_microcents=paid, **given)


def test_an_arm_beside_a_baseline_on_paper(results: ResultsOf) -> None:
    arms = {
        "plan_alone": _days(results, (5.0, 4.0), (6.0, 5.0)),
        "market": _days(results, (4.0, 3.0), (3.0, 5.2)),
    }
    # Saved: 2.00 on the first day, 2.80 on the second. Of two days the interval is the mean plus
    # and minus half of their difference times 12.7062, which is the tangent of 85.5 degrees.
    width = 0.4 * np.tan(np.radians(85.5))
    assert baselines.against(arms)["market"] == {
        "plan_alone": {
            "saved_usd": pytest.approx(4.8),
            "saved_fraction": pytest.approx(4.8 / 20.0),
            "saved_usd_per_day": pytest.approx(2.4),
            "saved_usd_per_day_low": pytest.approx(2.4 - width),
            "saved_usd_per_day_high": pytest.approx(2.4 + width),
            "homes_worse_off_count": 0,
            "worst_home_gain_usd_per_day": pytest.approx(0.4),  # home 2: 0.80 in two days
            "mean_home_gain_usd_per_day": pytest.approx(1.2),
            "jain_fairness": pytest.approx(2.4**2 / (2 * (2.0**2 + 0.4**2))),
        }
    }


def test_every_arm_stands_beside_every_baseline_but_itself(results: ResultsOf) -> None:
    names = ["gross", "grid_only", "self_use", "time_of_use", "plan_alone", "market", "unlimited"]
    arms = {name: _days(results, (9.0 - place, 1.0)) for place, name in enumerate(names)}
    found = baselines.against(arms)
    assert list(found) == names
    for name, beside in found.items():
        assert list(beside) == [each for each in baselines.BASELINES if each != name]
        for baseline, figures in beside.items():
            apart = names.index(name) - names.index(baseline)
            assert figures["saved_usd"] == pytest.approx(apart)
            assert figures["saved_usd_per_day_low"] is None  # one day


def test_a_home_that_pays_more_is_counted(results: ResultsOf) -> None:
    arms = {
        "grid_only": _days(results, (5.0, 5.0), (5.0, 5.0)),
        "market": _days(results, (1.0, 5.01), (1.0, 5.02)),
    }
    figures = baselines.against(arms)["market"]["grid_only"]
    assert figures["homes_worse_off_count"] == 1
    assert figures["worst_home_gain_usd_per_day"] == pytest.approx(-0.015)


def test_arms_alone_have_nothing_to_be_compared_with(results: ResultsOf) -> None:
    assert baselines.against({"market": _days(results, (1.0, 1.0))}) == {"market": {}}
    assert baselines.against({"self_use": _days(results, (1.0, 1.0))}) == {"self_use": {}}


def test_what_the_rules_cost_on_paper(results: ResultsOf) -> None:
    arms = {"market": _days(results, (6.0, 4.0)), "unlimited": _days(results, (5.0, 4.5))}
    assert baselines.rules(arms) == {"cost_usd": 0.5, "cost_fraction": pytest.approx(0.05)}
    for name, arm in arms.items():
        assert baselines.rules({name: arm}) is None


def test_a_cost_that_is_known_is_held_against_the_baselines(results: ResultsOf) -> None:
    arms = {"grid_only": _days(results, (6.0, 4.0)), "plan_alone": _days(results, (0.0, 0.0))}
    assert baselines.saved_fractions(7.5, arms) == {
        "grid_only": pytest.approx(0.25),
        "plan_alone": None,  # nothing is no cost to save
    }
    assert baselines.saved_fractions(None, arms) == {}


def test_carbon_on_paper(results: ResultsOf) -> None:
    run = results(
        2,
        2,
        import_kwh=[[1.0, 0.5], [2.0, 0.0]],
        export_kwh=[[0.0, 0.0], [0.0, 3.0]],
    )
    run.prices["carbon_kg_per_kwh"][:] = [0.4, 0.1]
    # 1.5 kWh at 0.4 kg, less the 1 kWh by which exports exceed imports, at 0.1 kg.
    assert metrics.carbon_kg(run) == pytest.approx(0.6 - 0.1)
    run.prices["carbon_kg_per_kwh"][1] = np.nan
    assert metrics.carbon_kg(run) is None
