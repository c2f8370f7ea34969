"""Whole runs under prices of a user's file: negative ones, dear exports, files that do not fit."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from profiles.errors import InputError
from scenarios.compare import Comparison, simulate
from scenarios.load import load
from scenarios.manifest import manifest

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

SMALL = ("homes.count=3", "forecast.samples_count=2", "forecast.horizon_hours=12", "run.days=2")
HOURS = 48


def _series(header: str, cells: list[str], first_day: int = 1) -> str:
    rows = [
        f"2017-07-{first_day + hour // 24:02}T{hour % 24:02}:00-08:00,{cell}"
        for hour, cell in enumerate(cells)
    ]
    return "\n".join([f"ts,{header}", *rows, ""])


def _run(*overrides: str) -> Comparison:
    return simulate(load("fontana_mixed", (*SMALL, *overrides)))


def test_a_run_pays_what_the_file_says_even_if_exports_earn_more_than_imports_cost() -> None:
    """The community checks energy and money at every step: the run ends or raises."""
    imports = [-8.0 if hour % 24 < 4 else 30.0 + hour % 24 for hour in range(HOURS)]
    exports = [60.0 if hour % 24 == 19 else -20.0 for hour in range(HOURS)]
    cells = [f"{price},{pay}" for price, pay in zip(imports, exports, strict=True)]
    text = _series("import_cents_per_kwh,export_cents_per_kwh", cells)
    Path("x.csv").write_text(text, encoding="utf-8")
    done = _run("tariff.name=file", "tariff.path=x.csv")
    results = done.arms[done.last]
    assert results.prices["tariff_cents_per_kwh"].tolist() == list(np.repeat(imports, 2))
    assert results.prices["export_cents_per_kwh"].tolist() == list(np.repeat(exports, 2))
    assert results.energy_residual_kwh_max < 1e-9
    assert results.money_sum_microcents == 0
    # Nobody pays for exporting, and all charge while importing earns money.
    assert results.steps["export_kwh"][np.repeat(exports, 2) < 0].max() < 1e-12  # rounding
    assert (results.steps["charge_kwh"][:8].sum(axis=0) > 0).all()
    # Each day's lowest price is negative: what is left in store is then worth nothing.
    assert not results.stored_value_cents_per_kwh.any()


def test_the_manifest_names_the_files_that_the_tariff_read() -> None:
    wholesale = _series("lmp_usd_per_mwh", [str(hour) for hour in range(HOURS)])
    credit = _series("export_cents_per_kwh", ["3"] * HOURS)
    Path("a").mkdir()
    Path("x.csv").write_text(wholesale, encoding="utf-8")
    Path("a/x.csv").write_text(credit, encoding="utf-8")
    done = _run("tariff.name=lmp", "tariff.path=x.csv", "tariff.export_path=a/x.csv")
    found = manifest(done, {}).inputs
    assert {name: file.sha256 for name, file in found.items() if "tariff" in name} == {
        "tariff.path: x.csv": sha256(wholesale.encode()).hexdigest(),
        "tariff.export_path: x.csv": sha256(credit.encode()).hexdigest(),
    }
    results = done.arms[done.last]
    assert results.prices["tariff_cents_per_kwh"].mean() == pytest.approx(27.0)
    # The lowest wholesale prices of the days are 0 and 2.4 cents, 2.35 below the mean and 0.05
    # above it; what comes out of the cells is worth their mean.
    worth = 27.0 - 2.35 + 1.2
    assert results.stored_value_cents_per_kwh == pytest.approx([worth * 0.9**0.5] * 3)


def test_drawn_prices_depend_on_the_seed_of_the_scenario() -> None:
    drawn = [
        _run("tariff.name=band", f"seed={seed}").arms["market"].prices["tariff_cents_per_kwh"]
        for seed in (1, 1, 2)
    ]
    assert drawn[0].tolist() == drawn[1].tolist()
    assert (drawn[0] != drawn[2]).all()


@pytest.mark.parametrize(
    ("first_day", "cells", "message"),
    [
        (1, ["30"] * 5 + ["dear"], "x.csv:7: import_cents_per_kwh: must be a number (got 'dear')"),
        (1, ["30"] * 30, "x.csv: must have a price for 2017-07-02 14:00 UTC (got 2017-07-01 08:00"),
        (5, ["30"] * 99, "x.csv: must have a price for 2017-07-01 08:00 UTC (got 2017-07-05 08:00"),
    ],
)
def test_a_file_that_does_not_fit_the_run_is_refused_before_it_starts(
    first_day: int, cells: list[str], message: str
) -> None:
    Path("x.csv").write_text(_series("import_cents_per_kwh", cells, first_day), encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        load("fontana_mixed", (*SMALL, "tariff.name=file", "tariff.path=x.csv"))
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


def test_prices_of_another_year_serve_where_that_is_asked_for() -> None:
    text = _series("import_cents_per_kwh", [str(hour) for hour in range(HOURS)])
    Path("x.csv").write_text(text.replace("2017-", "2023-"), encoding="utf-8")
    tariff = ("tariff.name=file", "tariff.path=x.csv")
    with pytest.raises(InputError, match=r"x.csv: must have a price .* tariff.repeat_year takes"):
        load("fontana_mixed", (*SMALL, *tariff))
    results = _run(*tariff, "tariff.repeat_year=date").arms["market"]
    assert results.prices["tariff_cents_per_kwh"].tolist() == list(np.repeat(np.arange(48.0), 2))
