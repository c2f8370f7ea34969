"""The figures of one arm in the JSON object that tells a run.

A figure that does not exist is null.
"""

from profiles.config import Section
from scenarios.rounds import Federated


class Bill(Section):
    """What the homes of one arm paid and received, by entry; all that is added up is the cost."""

    import_cost_usd: float
    """Paid to the grid for energy, before any credit [USD]."""

    export_credit_usd: float
    """Received from the grid for energy [USD]; lowers the cost."""

    p2p_paid_usd: float
    """Paid to other homes [USD]."""

    p2p_received_usd: float
    """Received from other homes [USD]; lowers the cost."""

    fee_usd: float
    """Paid to the operator [USD]."""

    fixed_charge_usd: float
    """Standing charge, paid to the grid [USD]."""

    baseline_credit_usd: float
    """Received from the grid for imports within the allowance [USD]; lowers the cost."""

    stored_change_usd: float
    """Worth of the energy gained in store [USD]; lowers the cost. No money flows for it."""


class Against(Section):
    """What an arm saves against a baseline, over all homes, and how they share it."""

    saved_usd: float
    """Cost of the baseline less that of the arm [USD]."""

    saved_fraction: float | None
    """The same as a share of the baseline's cost [1]; null if that is not above 0."""

    saved_usd_per_day: float
    """The same per day of the run [USD/day]."""

    saved_usd_per_day_low: float | None
    """Lower end of its 95 % interval over paired days [USD/day]; null for less than two days."""

    saved_usd_per_day_high: float | None
    """Upper end of that interval [USD/day]."""

    homes_worse_off_count: int
    """Homes that pay over a cent a day more than in the baseline."""

    worst_home_gain_usd_per_day: float
    """Smallest gain of a home [USD/day]; below 0 is a loss."""

    mean_home_gain_usd_per_day: float
    """Gain, mean over homes [USD/day]."""

    jain_fairness: float | None
    """Jain's index of the gains [1]; 1 if all homes gain the same, null if none gains."""


class Outage(Section):
    """All homes together while the main grid was away."""

    outage_hours: float
    """How much of the run that was [h]."""

    load_kwh: float
    """Consumption that there was to serve [kWh]."""

    unserved_kwh: float
    """What of it went dark [kWh]."""

    shared_kwh: float
    """What homes received from each other, delivered [kWh]."""

    served_fraction: float
    """Share of the load that was served [1]; 1 where there was none."""


class Measures(Section):
    """Sums over homes and steps of one arm."""

    cost_usd: float
    """Imports, less exports, plus and less trade, plus fees and standing charges, less credits and
    the worth of energy gained in store [USD]."""

    bill: Bill
    """The same by entry."""

    load_kwh: float
    """Consumption [kWh]."""

    pv_kwh: float
    """What the panels could generate [kWh]."""

    import_kwh: float
    """From the grid [kWh]."""

    export_kwh: float
    """To the grid [kWh]."""

    p2p_kwh: float
    """Traded between homes, delivered [kWh]."""

    trades_count: int
    """Trades between homes."""

    grid_fallback_kwh: float
    """Orders left unmatched, which the grid served [kWh]."""

    curtailed_kwh: float
    """Generation turned down [kWh]."""

    unserved_kwh: float
    """Load that connections or grid could not carry [kWh]."""

    outage: Outage | None = None
    """The time without the main grid; null where it was always there."""

    peak_import_kw: float
    """Highest import of the community [kW]."""

    peak_window_import_kwh: float
    """Import in the tariff's peak periods [kWh]."""

    carbon_kg: float | None
    """Carbon dioxide that the exchange with the grid causes, at marginal rates [kg]; null without a
    series of them."""

    battery_efficiency: float | None
    """AC energy out per AC energy in, corrected for the change in store [1]."""

    cycles_mean: float
    """Full cycles of a battery, mean over homes."""

    health_fraction_mean: float
    """State of health at the end, mean over homes [1]."""

    energy_residual_kwh_max: float
    """Largest violation of an energy balance [kWh]."""

    money_sum_microcents: int
    """Sum of all accounts [microcents], exactly 0."""

    federated: Federated | None = None
    """What came of the rounds in which homes trained a shared network; null where none did."""

    against: dict[str, Against]
    """The arm beside each baseline that was run: grid_only, self_use, plan_alone."""
