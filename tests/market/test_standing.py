"""Standing charges and baseline credits, against sums in exact fractions."""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.orders import no_trades
from market.settlement import Bills, settle
from market.standing import Standing, fall_due, nothing_credited, standing
from profiles.arrays import Floats, Integers

MICROCENTS_PER_CENT = 10**6
JUNE: dict[str, Any] = {"days": 30, "peak": "52.240", "off_peak": "39.940", "kwh_per_day": "13.5"}
JANUARY: dict[str, Any] = {
    "days": 31,
    "peak": "39.757",
    "off_peak": "36.757",
    "kwh_per_day": "11.0",
}


def _credits(terms: Standing, import_kwh: Floats) -> Integers:
    """Take the steps of a run in order, (T, n) kWh in, (T, n) microcents out."""
    state, posted = nothing_credited(import_kwh.shape[1]), []
    for index, imports in enumerate(import_kwh):
        due, state = fall_due(terms, index, state, imports)
        posted.append(due.baseline_credit_microcents)
    return np.array(posted)


def _terms(
    periods: Sequence[int], *, fixed: float = 0.0, rate: float = 0.0, kwh_per_step: float = 0.0
) -> Standing:
    count = len(periods)
    return standing(
        np.full(count, fixed),
        np.full(count, rate),
        np.full(count, kwh_per_step),
        np.array(periods, dtype=np.int64),
    )


def test_imports_are_credited_as_they_come_until_the_allowance_is_used_up() -> None:
    terms = _terms([6] * 4, rate=8.0, kwh_per_step=0.5)  # 2 kWh in all
    import_kwh = np.array([[0.75, 0.25], [0.0, 0.25], [2.0, 0.25], [1.0, 0.25]])
    assert _credits(terms, import_kwh).tolist() == [
        [6_000_000, 2_000_000],
        [0, 2_000_000],
        [10_000_000, 2_000_000],  # 1.25 of 2 kWh
        [0, 2_000_000],
    ]


@pytest.mark.parametrize("periods", [[6, 6, 7, 7], [1, 1, 0, 0], [12, 12, 24313, 24313]])
def test_a_new_billing_period_brings_a_new_allowance(periods: list[int]) -> None:
    terms = _terms(periods, rate=8.0, kwh_per_step=0.5)
    assert terms.opens.tolist() == [True, False, True, False]
    assert terms.allowance_kwh.tolist() == [1.0] * 4
    posted = _credits(terms, np.array([[3.0], [3.0], [0.25], [3.0]]))
    assert posted.ravel().tolist() == [8_000_000, 0, 2_000_000, 6_000_000]


def test_the_same_month_of_another_year_is_another_period() -> None:
    terms = _terms([1, 2, 1], rate=8.0, kwh_per_step=1.0)
    assert _credits(terms, np.full((3, 1), 5.0)).ravel().tolist() == [8_000_000] * 3


def test_the_allowance_is_that_of_the_steps_that_are_run() -> None:
    fixed, rate = np.zeros(3), np.full(3, 8.0)
    terms = standing(fixed, rate, np.array([0.25, 0.5, 4.0]), np.array([6, 6, 7]))
    assert terms.allowance_kwh.tolist() == [0.75, 0.75, 4.0]


def test_a_rate_that_changes_within_a_period_holds_from_its_step_on() -> None:
    terms = standing(np.zeros(3), np.array([8.0, 4.0, 4.0]), np.ones(3), np.full(3, 6))
    assert _credits(terms, np.full((3, 1), 1.25)).ravel().tolist() == [
        10_000_000,
        5_000_000,
        2_000_000,
    ]


@pytest.mark.parametrize(("rate", "kwh"), [(0.0, 5.0), (8.0, 0.0)])
def test_without_a_rate_or_an_allowance_there_is_no_credit(rate: float, kwh: float) -> None:
    terms = _terms([6] * 3, rate=rate, kwh_per_step=kwh)
    assert not terms.has_credit
    assert not _credits(terms, np.ones((3, 2))).any()


def test_a_third_of_a_cent_each_step_is_a_cent_every_three() -> None:
    terms = _terms([6] * 6, fixed=1.0 / 3.0)
    assert terms.fixed_charge_microcents.tolist() == [333_333, 333_334, 333_333] * 2


def test_a_day_of_46_or_50_half_hours_pays_its_charge_to_the_microcent() -> None:
    steps_by_day = [48] * 7 + [46] + [48] * 23 + [50]  # as in March, and a day of November
    fixed = np.concatenate([np.full(steps, 79.343 / steps) for steps in steps_by_day])
    terms = standing(fixed, fixed, fixed, np.full(fixed.size, 3))
    first = np.cumsum([0, *steps_by_day[:-1]])
    by_day = np.add.reduceat(terms.fixed_charge_microcents, first)
    assert by_day.tolist() == [79_343_000] * len(steps_by_day)


def _month(
    *, days: int, peak: str, off_peak: str, kwh_per_day: str, size: str
) -> tuple[Bills, dict[str, int]]:
    """Bill one home for a month twice: by the program, and in decimals, row by row.

    E-TOU-C of 2026: peak 16:00 to 21:00, a credit of 8.140 cents/kWh, 0.79343 USD per day.
    """
    prices, imports = [], []
    for half_hour in range(48 * days):
        hour = half_hour % 48 / 2
        prices.append(Decimal(peak if 16 <= hour < 21 else off_peak))
        shape = 3 + half_hour * 7 % 11 + (9 if 17 <= hour < 22 else 0)
        imports.append((Decimal(shape) * Decimal(size)).quantize(Decimal("0.0000001")))
    rows = zip(imports, prices, strict=True)
    costs = [
        (kwh * price * MICROCENTS_PER_CENT).quantize(1, ROUND_HALF_EVEN) for kwh, price in rows
    ]
    within = min(sum(imports), Decimal(kwh_per_day) * days)
    sheet = {
        "import_cost_microcents": int(sum(costs)),
        "fixed_charge_microcents": int(Decimal("79.343") * days * MICROCENTS_PER_CENT),
        "baseline_credit_microcents": int(
            (within * Decimal("8.140") * MICROCENTS_PER_CENT).quantize(1, ROUND_HALF_EVEN)
        ),
    }
    count = 48 * days
    terms = _terms([7] * count, fixed=79.343 / 48, rate=8.14, kwh_per_step=float(kwh_per_day) / 48)
    state, bills = nothing_credited(1), []
    for index, (kwh, price) in enumerate(zip(imports, prices, strict=True)):
        metered = np.array([float(kwh)])
        due, state = fall_due(terms, index, state, metered)
        bills.append(settle(no_trades(), metered, np.zeros(1), (float(price), 5.0), 0.0, due))
    return bills, sheet


@pytest.mark.parametrize("size", ["0.0123456", "0.041", "0.0717171"])
@pytest.mark.parametrize("month", [JUNE, JANUARY], ids=["June", "January"])
def test_a_month_of_a_home_is_as_in_a_spreadsheet(month: dict[str, Any], size: str) -> None:
    bills, sheet = _month(**month, size=size)
    billed = {name: sum(int(getattr(bill, name)[0]) for bill in bills) for name in sheet}
    assert billed == sheet
    assert sum(int(bill.cash_microcents[0]) for bill in bills) == (
        sheet["baseline_credit_microcents"]
        - sheet["import_cost_microcents"]
        - sheet["fixed_charge_microcents"]
    )


def test_the_months_of_the_spreadsheet_lie_on_both_sides_of_the_allowance() -> None:
    sheets = [_month(**JUNE, size=size)[1] for size in ("0.0123456", "0.041")]
    small, large = (sheet["baseline_credit_microcents"] for sheet in sheets)
    assert small < large == 405 * 8_140_000  # 13.5 kWh for 30 days at 8.14 cents


# Amounts in small binary fractions: floats are exact, and totals agree to the microcent.
UNITS = st.integers(0, 4_000)
STEPS = st.lists(UNITS, min_size=1, max_size=40)


@given(imports=STEPS, allowance=st.integers(0, 20_000), rate=st.integers(0, 2_000))
def test_a_period_credits_the_rate_times_imports_or_allowance(
    imports: list[int], allowance: int, rate: int
) -> None:
    count = len(imports)
    share = np.zeros(count)
    share[0] = allowance / 1024
    terms = standing(np.zeros(count), np.full(count, rate / 64), share, np.full(count, 3))
    posted = _credits(terms, np.array(imports)[:, None] / 1024.0).ravel()
    within = Fraction(min(sum(imports), allowance), 1024)
    assert posted.sum() == round(within * Fraction(rate, 64) * MICROCENTS_PER_CENT)
    assert (posted >= 0).all()


@given(imports=STEPS, parts=st.integers(1, 5), allowance=st.integers(0, 20_000), rate=UNITS)
def test_cutting_steps_into_parts_leaves_the_credit_as_it_is(
    imports: list[int], parts: int, allowance: int, rate: int
) -> None:
    rng = np.random.default_rng(len(imports))
    whole = np.array(imports)
    cuts = np.sort(rng.integers(0, whole[:, None] + 1, (whole.size, parts - 1)), axis=1)
    fine = np.diff(cuts, axis=1, prepend=0, append=whole[:, None]).ravel()
    totals = []
    for steps in (whole, fine):
        share = np.zeros(steps.size)
        share[-1] = allowance / 1024  # the whole period counts, wherever it comes from
        rates = np.full(steps.size, rate / 64)
        terms = standing(share, rates, share, np.full(steps.size, 3))
        totals.append(int(_credits(terms, steps[:, None] / 1024.0).sum()))
    assert totals[0] == totals[1]


@given(
    imports=STEPS, more=st.integers(0, 4_000), allowance=st.floats(0.0, 30.0), rate=st.floats(0, 30)
)
def test_more_import_is_never_credited_less(
    imports: list[int], more: int, allowance: float, rate: float
) -> None:
    less = np.array(imports) / 1000.0
    terms = _terms([5] * less.size, rate=rate, kwh_per_step=allowance / less.size)
    both = _credits(terms, np.stack([less, less + more / 1000.0], axis=1))
    assert (both >= 0).all()
    assert (np.diff(both.cumsum(axis=0), axis=1) >= 0).all()
    assert (both.sum(axis=0) <= rate * terms.allowance_kwh[0] * MICROCENTS_PER_CENT + 1).all()


@given(
    cents=st.lists(st.floats(-5.0, 50.0), min_size=1, max_size=60),
    period_steps=st.integers(1, 60),
)
def test_the_charges_of_a_period_add_up_to_its_exact_sum(
    cents: list[float], period_steps: int
) -> None:
    period = np.arange(len(cents)) // period_steps
    nothing = np.zeros(len(cents))
    posted = standing(np.array(cents), nothing, nothing, period).fixed_charge_microcents
    for number in np.unique(period):
        exact = sum(Fraction(cents[place]) for place in np.flatnonzero(period == number))
        off = abs(int(posted[period == number].sum()) - exact * MICROCENTS_PER_CENT)
        assert off <= Fraction(501, 1000)
    assert np.abs(posted - np.array(cents) * MICROCENTS_PER_CENT).max() <= 1.001
