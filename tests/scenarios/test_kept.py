"""Profiles that several runs of one process share."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from profiles import sources
from profiles.config import ProfilesConfig, SyntheticConfig
from profiles.profiles import Profiles
from scenarios import build, fit, kept
from scenarios.schema import Scenario


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[ProfilesConfig]:
    """List what was read, which each time is read as ever."""
    found: list[ProfilesConfig] = []
    really = sources.read

    def counted(config: ProfilesConfig, *others: object) -> Profiles:
        found.append(config)
        return really(config, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(sources, "read", counted)
    return found


def _scenario(seed: int = 0, **knobs: object) -> Scenario:
    return Scenario.model_validate({"seed": seed, **knobs})


def test_the_same_homes_are_read_once_whatever_else_differs(read: list[ProfilesConfig]) -> None:
    with kept.keeping(kept.Shelf()):
        first = fit.read_profiles(_scenario())
        assert fit.read_profiles(_scenario(7, market={"loss_fraction": 0.2})) is first
        assert len(read) == 1
        other = fit.read_profiles(_scenario(run={"step_minutes": 60}))
    assert other.step_minutes == 60
    assert len(read) == 2


def test_nothing_is_kept_unless_somebody_asks_for_it(read: list[ProfilesConfig]) -> None:
    with kept.keeping(kept.Shelf()):
        pass
    fit.read_profiles(_scenario())
    fit.read_profiles(_scenario())
    assert len(read) == 2


def test_generated_homes_of_another_seed_are_others(read: list[ProfilesConfig]) -> None:
    synthetic = ProfilesConfig(
        source="synthetic", synthetic=SyntheticConfig(homes_count=2, days=3)
    ).model_dump()
    with kept.keeping(kept.Shelf()):
        one, two, again = (
            fit.read_profiles(_scenario(seed, profiles=synthetic)) for seed in (1, 2, 1)
        )
    assert again is one
    assert (one.load_kwh != two.load_kwh).any()
    assert len(read) == 2


def test_sensors_are_kept_apart_from_homes_without(read: list[ProfilesConfig]) -> None:
    with kept.keeping(kept.Shelf()):
        plain = fit.read_profiles(_scenario())
        shown = fit.read_profiles(_scenario(forecast={"name": "transformer"}))
    assert plain is not shown
    assert len(read) == 2


@pytest.mark.parametrize(
    ("source", "zone", "knob", "name"),
    [("file", "UTC", "path", "load.csv"), ("fontana", None, "events_path", "events.csv")],
)
def test_a_file_that_was_changed_is_read_again(
    source: str, zone: str | None, knob: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text("one")
    config = ProfilesConfig.model_validate({"source": source, "zone": zone, knob: str(path)})
    made: list[int] = []
    shelf = kept.Shelf()

    def asked(whole: Profiles) -> None:
        def reading() -> Profiles:
            made.append(len(made))
            return whole

        with kept.keeping(shelf):
            kept.profiles(kept.Asked(config, 30, seed=0, whole=False), reading)

    found = fit.read_profiles(_scenario())
    asked(found)
    asked(found)
    assert made == [0]
    os.utime(path, ns=(1, 1))
    asked(found)
    path.write_text("other")
    os.utime(path, ns=(1, 1))
    asked(found)
    assert made == [0, 1, 2]


def test_what_was_not_used_for_longest_goes_first(
    synthetic_homes: Callable[..., Profiles],
) -> None:
    homes = synthetic_homes()
    shelf = kept.Shelf(bytes_max=2 * (homes.load_kwh.nbytes + homes.pv_kwh.nbytes))
    for key in "abac":
        shelf.take(key, lambda: homes)
    assert list(shelf.found) == ["a", "c"]
    small = kept.Shelf(bytes_max=homes.load_kwh.nbytes)
    assert small.take("a", lambda: homes) is homes
    assert not small.found


def test_a_forecaster_serves_runs_that_forecast_the_same() -> None:
    def made(seed: int = 0, **knobs: object) -> object:
        return build.ground(_scenario(seed, run={"days": 1}, **knobs)).predictor

    assert made() is not made()
    with kept.keeping(kept.Shelf()):
        first = made()
        assert made(3, market={"loss_fraction": 0.2}, battery={"capacity_kwh": 5}) is first
        other = made(homes={"without_pv": (4,)})
        assert other is not first
        assert made(homes={"without_pv": (4,)}, forecast={"samples_count": 3}) is not other
