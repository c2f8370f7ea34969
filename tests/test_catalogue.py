"""Every scenario that ships can be run, and its first step keeps every law."""

import pytest

from scenarios import arms, build, family, fit, load
from scenarios.schema import Scenario


@pytest.mark.parametrize("name", family.shipped())
def test_a_shipped_scenario_fits_its_data_and_one_step_of_it_conserves(name: str) -> None:
    """With four of its homes, which is enough for a law; `test_load.py` checks that all fit."""
    scenario, profiles = load.with_profiles(name, options={"--homes": 4})
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


def test_a_file_of_wholesale_prices_lies_over_any_scenario(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("prices") / "lmp.csv"
    hours = [
        f"2019-07-{day:02}T{hour:02}:00Z,{10 * hour}" for day in range(1, 15) for hour in range(24)
    ]
    path.write_text("\n".join(["ts_utc,lmp_usd_per_mwh", *hours]) + "\n")
    settings = [f"tariff.path={path}"]
    scenario = load.load("fontana_mixed", settings, {"--days": 2}, ["wholesale"])
    assert (scenario.tariff.name, scenario.tariff.repeat_year) == ("lmp", "weekday")
