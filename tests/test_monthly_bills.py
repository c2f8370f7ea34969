"""Bills of one home for a month under each tariff of 2026, worked out again as on a spreadsheet.

A sheet has a row for each half hour: what the clock on the wall shows, the name of the period, its
rate, the energy that meter and panels read, the cost. Rates and holidays are typed here, energy
and money are exact decimals, and dates are those of the standard library.

A run rounds what the energy of a step costs to the microcent, once. So a row may differ by half of
one, and a month by half of one for each row; of standing charge and baseline credit the month's
sum is rounded. Months that were counted on paper need no rounding, and have to be equal.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from model.results import Results
from profiles.tariffs import catalogue
from scenarios.compare import compare
from scenarios.load import load
from scenarios.summary import Summary, summary

# From which hour on, the period, cents/kWh. A season without free days has every day alike.
SHEETS = {
    "pge_e_tou_c_2026": {
        "summer": "0 off 39.940, 16 peak 52.240, 21 off 39.940",
        "winter": "0 off 36.757, 16 peak 39.757, 21 off 36.757",
    },
    "pge_e_tou_d_2026": {
        "summer": "0 off 34.212, 17 peak 47.708, 20 off 34.212",
        "summer, free": "0 off 34.212",
        "winter": "0 off 34.886, 17 peak 38.747, 20 off 34.886",
        "winter, free": "0 off 34.886",
    },
    "pge_ev2_a_2026": {
        "summer": "0 off 22.558, 15 part 42.760, 16 peak 53.809, 21 part 42.760",
        "winter": "0 off 22.558, 15 part 39.428, 16 peak 41.099, 21 part 39.428",
    },
    "pge_e_elec_2026": {
        "summer": "0 off 33.358, 15 part 39.026, 16 peak 55.214, 21 part 39.026",
        "winter": "0 off 28.468, 15 part 29.854, 16 peak 32.063, 21 part 29.854",
    },
    "sce_tou_d_prime_2026": {
        "summer": "0 off 26.698, 16 on 59.291, 21 off 26.698",
        "summer, free": "0 off 26.698, 16 mid 40.182, 21 off 26.698",
        "winter": "0 off 24.633, 8 super 24.633, 16 mid 56.646, 21 off 24.633",
    },
    "sce_tou_d_4_9pm_2026": {
        "summer": "0 off 34.666, 16 on 58.477, 21 off 34.666",
        "summer, free": "0 off 34.666, 16 mid 46.482, 21 off 34.666",
        "winter": "0 off 37.515, 8 super 33.605, 16 mid 51.112, 21 off 37.515",
    },
}
CHARGE_CENTS_PER_DAY = {"pge": Decimal("79.343"), "sce": Decimal("79.4")}
CREDIT_CENTS_PER_KWH = {"pge_e_tou_c_2026": Decimal("8.140")}
ALLOWANCE_KWH_PER_DAY = {"summer": Decimal("13.5"), "winter": Decimal("11.0")}
EXPORT_CENTS_PER_KWH = Decimal(5)

# In the months lived here. New Year's Day of 2017 was a Sunday and is kept on the Monday;
# Independence Day of 2026 is a Saturday, which PG&E keeps on the Friday and SCE on no other day.
HOLIDAYS = {
    "pge": "2017-01-02 2017-07-04 2026-07-03 2026-11-11 2026-11-26",
    "sce": "2017-01-02 2017-07-04 2026-11-11 2026-11-26",
}

ZERO = Decimal(0)
CALIFORNIA = ZoneInfo("America/Los_Angeles")
NOMINAL = ZoneInfo("Etc/GMT+8")  # the clock of the record of Fontana, eight hours behind UTC
HALF_MICROCENT = Decimal("0.500001")  # a float may put what lies at a half on its other side


@dataclass(frozen=True, slots=True)
class Row:
    """A half hour of the spreadsheet."""

    clock: datetime
    holiday: bool
    period: str
    rate: Decimal  # cents/kWh
    import_kwh: Decimal
    export_kwh: Decimal
    cost_microcents: Decimal  # of the import
    credit_microcents: Decimal  # for the export


def _steps(year: int, month: int, zone: ZoneInfo, history_days: int = 0) -> Iterator[datetime]:
    """Give the clock at every half hour from the first of a month to that of the next."""
    first = datetime(year, month, 1, tzinfo=zone)
    end = (first + timedelta(days=31)).replace(day=1).astimezone(UTC)
    instant = (first - timedelta(days=history_days)).astimezone(UTC)
    while instant < end:
        yield instant.astimezone(zone)
        instant += timedelta(minutes=30)


def _row(name: str, clock: datetime, net_kwh: Decimal) -> Row:
    """Look a half hour up on the rate sheet."""
    season = "summer" if 6 <= clock.month <= 9 else "winter"
    holiday = str(clock.date()) in HOLIDAYS[name[:3]]
    free = holiday or clock.weekday() >= 5
    sheet = SHEETS[name]
    line = sheet.get(f"{season}, free", sheet[season]) if free else sheet[season]
    spans = [span.split() for span in line.split(", ")]
    _, period, cents = [span for span in spans if int(span[0]) <= clock.hour][-1]
    rate, import_kwh, export_kwh = Decimal(cents), max(net_kwh, ZERO), max(-net_kwh, ZERO)
    cost, credit = import_kwh * rate * 10**6, export_kwh * EXPORT_CENTS_PER_KWH * 10**6
    return Row(clock, holiday, period, rate, import_kwh, export_kwh, cost, credit)


def _totals(name: str, rows: list[Row]) -> dict[str, Decimal]:
    """Add a spreadsheet up [cents]."""
    days = len({row.clock.date() for row in rows})
    season = "summer" if 6 <= rows[0].clock.month <= 9 else "winter"
    import_kwh = sum((row.import_kwh for row in rows), ZERO)
    within_kwh = min(import_kwh, days * ALLOWANCE_KWH_PER_DAY[season])
    totals = {
        "import_cost": sum((row.cost_microcents for row in rows), ZERO) / 10**6,
        "export_credit": sum((row.credit_microcents for row in rows), ZERO) / 10**6,
        "fixed_charge": days * CHARGE_CENTS_PER_DAY[name[:3]],
        "baseline_credit": within_kwh * CREDIT_CENTS_PER_KWH.get(name, ZERO),
    }
    earned = totals["export_credit"] + totals["baseline_credit"]
    return totals | {"cost": totals["import_cost"] + totals["fixed_charge"] - earned}


def _home(clock: datetime) -> tuple[Decimal, Decimal]:
    """Let a home live by the clock on the wall: 0.3 kW, 1.2 from 15 to 22 h, sun from 10 to 14."""
    load = Decimal("0.60") if 15 <= clock.hour < 22 else Decimal("0.15")
    return load, Decimal("1.65") if 10 <= clock.hour < 14 else ZERO


Lived = tuple[Results, Summary, list[Row]]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Lived]:
    """Run a month of one home as a user would, and set up its spreadsheet.

    Months of 2017 are those of the first home of Fontana; those of 2026 have the home above.
    """
    folder = tmp_path_factory.mktemp("months")

    @cache
    def of(name: str, year: int, month: int, arm: str) -> Lived:
        zone = NOMINAL if year == 2017 else CALIFORNIA
        clocks = list(_steps(year, month, zone))
        days = len({clock.date() for clock in clocks})
        scenario = load(
            "fontana" if year == 2017 else _own_scenario(folder, year, month),
            [f"tariff.name={name}", "homes.count=1"],
            {"--start": f"{year}-{month:02}-01", "--days": days},
        )
        comparison = compare(scenario, [arm])
        results = comparison.arms[arm]
        columns = "load_kwh", "pv_kwh"
        if arm != "grid_only":  # what the battery does is not the question here
            columns = "import_kwh", "export_kwh"
        into, out = (
            [Decimal(repr(kwh)) for kwh in results.steps[column][:, 0].tolist()]
            for column in columns
        )
        if year != 2017:
            into, out = map(list, zip(*map(_home, clocks), strict=True))
        net_kwh = [plus - minus for plus, minus in zip(into, out, strict=True)]
        rows = [_row(name, clock, kwh) for clock, kwh in zip(clocks, net_kwh, strict=True)]
        return results, summary(comparison), rows

    return of


def _own_scenario(folder: Path, year: int, month: int) -> str:
    """Write the home's file with the month and the 15 days before it, by the clock on the wall."""
    lines = ["ts,home,load_kwh,pv_kwh"]
    for clock in _steps(year, month, CALIFORNIA, history_days=15):
        load_kwh, pv_kwh = _home(clock)
        stamp = clock.replace(tzinfo=None).isoformat(" ", "minutes")
        lines.append(f"{stamp},1,{load_kwh},{pv_kwh}")
    name = f"{year}-{month}"
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    profiles = f"{{source: file, path: {name}.csv, zone: America/Los_Angeles}}"
    own = folder / f"{name}.yaml"
    own.write_text(f"base: base\nprofiles: {profiles}\n", encoding="utf-8")
    return str(own)


ENTRIES = ("import_cost", "export_credit", "fixed_charge", "baseline_credit", "cost")

# The home of 2026 takes 12.3 kWh from the grid on every day: 10 half hours of 0.60 from 16 to 21 h,
# 2 from 15 to 16 h, 2 from 21 to 22 h, and 26 of 0.15, of which March 8 lacks two and November 1
# has two more. It gives 8 x 1.50 = 12.0 kWh, for 5 cents each: 1860 cents in 31 days.
# March 2026 has 22 working days, July 23, November 21; kWh by period, then cents by entry.
BY_HAND = {
    # 31 x 6.0 at the peak; the rest is 31 x 6.3 less 0.3. 186 x 39.757 + 195 x 36.757 = 14562.417;
    # 31 x 79.343 = 2459.633; 381 kWh are more than 31 x 11, so 341 x 8.14 = 2775.74 are credited.
    ("pge_e_tou_c_2026", 3): ("off 195, peak 186", "14562.417 1860 2459.633 2775.74 12386.31"),
    # 381.3 kWh are less than 31 x 13.5, so all are credited.
    ("pge_e_tou_c_2026", 7): ("off 195.3, peak 186", "17516.922 1860 2459.633 3103.782 15012.773"),
    # 22 working days of 6 half hours: 79.2 kWh at the peak.
    ("pge_e_tou_d_2026", 3): ("off 301.8, peak 79.2", "13597.3572 1860 2459.633 0 14196.9902"),
    # Again 22, for Independence Day is kept on Friday, July 3.
    ("pge_e_tou_d_2026", 7): ("off 302.1, peak 79.2", "14113.9188 1860 2459.633 0 14713.5518"),
    # 19, without Veterans Day and Thanksgiving Day: 68.4 of 369.3 kWh.
    ("pge_e_tou_d_2026", 11): ("off 300.9, peak 68.4", "13147.4922 1800 2380.29 0 13727.7822"),
    # Between, 2 x 0.60 before the peak and 2 x 0.60 + 4 x 0.15 after it: 3.0 a day.
    ("pge_ev2_a_2026", 3): ("off 102, part 93, peak 186", "13612.134 1860 2459.633 0 14211.767"),
    ("pge_e_elec_2026", 3): ("off 102, part 93, peak 186", "11643.876 1860 2459.633 0 12243.509"),
    # From 8 to 16 h, 6 x 0.15 + 2 x 0.60 a day; what the panels cover is not imported.
    ("sce_tou_d_prime_2026", 3): (
        "off 129.9, super 65.1, mid 186",
        "15339.591 1860 2461.4 0 15940.991",
    ),
    # 23 working days, July 3 among them, and 8 others.
    ("sce_tou_d_prime_2026", 7): (
        "off 195.3, on 138, mid 48",
        "15325.0134 1860 2461.4 0 15926.4134",
    ),
    ("sce_tou_d_4_9pm_2026", 3): (
        "off 129.9, super 65.1, mid 186",
        "16567.716 1860 2461.4 0 17169.116",
    ),
}
CASES = [
    *((name, 2017, 7, "grid_only") for name in SHEETS),
    ("pge_e_tou_c_2026", 2017, 1, "grid_only"),
    ("pge_e_tou_d_2026", 2017, 1, "grid_only"),  # the one whose winter has holidays
    *((name, 2026, month, "grid_only") for name, month in BY_HAND),
    ("pge_e_tou_c_2026", 2017, 7, "self_use"),
]


def _billed(figures: Summary, arm: str) -> dict[str, Decimal]:
    """Read the bill as a user does [cents]; what is left in a battery is no money."""
    measures = figures.arms[arm]
    usd = {entry: getattr(measures.bill, f"{entry}_usd") for entry in ENTRIES[:-1]}
    usd["cost"] = measures.cost_usd + measures.bill.stored_change_usd
    return {entry: Decimal(round(amount * 10**8)) / 10**6 for entry, amount in usd.items()}


def test_every_tariff_of_2026_has_a_sheet() -> None:
    assert set(SHEETS) == {name for name in catalogue.shipped() if name.endswith("_2026")}
    assert set(SHEETS) == {name for name, *_ in BY_HAND}


@pytest.mark.parametrize(("name", "year", "month", "arm"), CASES)
def test_a_month_is_billed_as_the_spreadsheet_adds_it_up(
    lived: Callable[..., Lived], name: str, year: int, month: int, arm: str
) -> None:
    _, figures, rows = lived(name, year, month, arm)
    sheet, billed = _totals(name, rows), _billed(figures, arm)
    # Thousandths of a cent times whole Wh, as in 2026, are whole microcents: nothing is rounded.
    each = ZERO if year == 2026 else HALF_MICROCENT / 10**6
    roundings = {"fixed_charge": 1, "baseline_credit": 1}
    off = {
        entry: billed[entry] - sheet[entry]
        for entry in ENTRIES
        if abs(billed[entry] - sheet[entry]) > each * roundings.get(entry, len(rows))
    }
    assert off == {}, f"the sheet says {sheet}, the run {billed}"


@pytest.mark.parametrize(("name", "year", "month", "arm"), CASES)
def test_every_step_is_a_row_of_the_spreadsheet(
    lived: Callable[..., Lived], name: str, year: int, month: int, arm: str
) -> None:
    results, _, rows = lived(name, year, month, arm)
    assert str(results.start_utc) == f"{rows[0].clock.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
    rates = map(repr, results.prices["tariff_cents_per_kwh"].tolist())
    assert list(map(Decimal, rates)) == [row.rate for row in rows]
    paid = results.steps["import_cost_microcents"][:, 0].tolist()
    earned = results.steps["export_credit_microcents"][:, 0].tolist()
    wrong = [
        (row, cost, credit)
        for row, cost, credit in zip(rows, paid, earned, strict=True)
        for off in (cost - row.cost_microcents, credit - row.credit_microcents)
        if abs(off) > HALF_MICROCENT
    ]
    assert wrong == []


@pytest.mark.parametrize(("name", "month"), BY_HAND)
def test_months_counted_on_paper_come_to_the_same_cents(
    lived: Callable[..., Lived], name: str, month: int
) -> None:
    _, figures, rows = lived(name, 2026, month, "grid_only")
    energy, money = BY_HAND[name, month]
    kwh = {period: Decimal(text) for period, text in map(str.split, energy.split(", "))}
    cents = dict(zip(ENTRIES, map(Decimal, money.split()), strict=True))
    assert {row.period for row in rows} == set(kwh)
    for period, expected in kwh.items():
        assert sum(row.import_kwh for row in rows if row.period == period) == expected
    assert _totals(name, rows) == cents
    assert _billed(figures, "grid_only") == cents
