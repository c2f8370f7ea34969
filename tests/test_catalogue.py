"""Every scenario that ships can be run, and its first step keeps every law."""

from pathlib import Path

import numpy as np
import pytest

import run
from scenarios import arms, build, compare, family, fit, load
from scenarios.schema import Scenario, needs


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """Two weeks of July of another year, as OASIS gives them: the price is the hour in cents."""
    head = "INTERVALSTARTTIME_GMT,OPR_HR,NODE,LMP_TYPE,MW"
    rows = [
        f"2019-07-{day:02}T{hour:02}:00:00-00:00,1,TH_SP15_GEN-APND,{kind},{10 * hour * share}"
        for kind, share in (("MCC", 0), ("LMP", 1), ("MCE", 2))
        for hour in range(24)
        for day in range(14, 0, -1)
    ]
    path = tmp_path / "lmp.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", family.shipped())
def test_a_shipped_scenario_fits_its_data_and_one_step_of_it_conserves(
    name: str, prices: Path
) -> None:
    """With four of its homes, which is enough for a law; `test_load.py` checks that all fit."""
    settings = [f"{needed}={prices}"] if (needed := needs(name)) else []
    scenario, profiles = load.with_profiles(name, settings, options={"--homes": 4})
    community = build.community(
        scenario, arms.own(scenario), build.ground(scenario, profiles)
    )  # a step that breaks a law raises
    community.step()
    assert community.index == 1
    assert community.energy_residual_kwh_max <= 1e-9
    assert community.money_sum_microcents == 0
    assert community.fleet.homes_count == len(fit.home_ids(scenario, profiles))
    community.leave()


def test_the_outages_lie_within_their_runs() -> None:
    for name, hours in (("outage_4h", 4), ("outage_24h", 24)):
        assert len(build.ground(Scenario.load(name)).outage) == 2 * hours


def test_the_stadium_changes_the_load_of_its_evening_alone() -> None:
    match, plain = (build.ground(Scenario.load(n)) for n in ("stadium_evening", "fontana_mixed"))
    differs = (match.profiles.load_kwh != plain.profiles.load_kwh).any(axis=1).nonzero()[0]
    begins = match.first_step + 48 + 34  # 17:00 of the second day
    assert (differs.min(), differs.max()) == (begins, begins + 14)
    assert match.data_sha256 != plain.data_sha256


@pytest.mark.usefixtures("in_an_empty_folder")
def test_one_scenario_needs_a_file_and_says_so_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert [name for name in family.shipped() if needs(name)] == ["dynamic_caiso"]
    assert run.main(["compare", "dynamic_caiso"]) == run.REFUSED
    assert capsys.readouterr().err == (
        "error: scenarios/catalogue/tariffs/dynamic_caiso.yaml:6: tariff.path: must be a file with "
        "prices, see docs/tariffs.md (got null)\n"
    )
    assert [*Path().iterdir()] == []


def test_under_wholesale_prices_a_kwh_costs_them_and_an_adder(prices: Path) -> None:
    """A cent more each hour of GMT, which is eight hours before the clock of the homes."""
    scenario = load.load("dynamic_caiso", [f"tariff.path={prices}"], {"--homes": 2, "--days": 1})
    lived = compare.compare(scenario, ("grid_only",)).arms["grid_only"]
    wholesale = np.array([(8 + step // 2) % 24 for step in range(48)], np.float64)
    paid = lived.prices["tariff_cents_per_kwh"]
    assert paid == pytest.approx(wholesale - wholesale.mean() + 27.0)
