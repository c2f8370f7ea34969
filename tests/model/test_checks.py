"""Every law is broken once, and the error names the law and the home."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest

from agents.fleet import Fleet, FleetState
from agents.metering import Flows
from market.orders import Terms, Trades, joined
from market.settlement import Bills
from model import checks
from model.checks import LawError
from profiles.arrays import Floats

LOSS = 0.05
ROOT = 0.9**0.5


def _one_trade(delivered_kwh: float, injected_kwh: float = 1.0) -> Trades:
    """Home 1 sells to home 2."""
    columns = np.array([[delivered_kwh], [injected_kwh], [20.0]])
    return Trades(np.array([0]), np.array([1]), *columns)


class Step:
    """A step that keeps every law: homes 1 and 2 charge and serve, home 1 sells to home 2.

    Home 1: 3 generated, 0.5 used, 1 charged, 1 sold, 0.25 exported, 0.25 curtailed.
    Home 2: 11 used; 0.95 bought, 1 discharged, 9 imported, 0.05 unserved.
    Home 3: nothing happens.
    """

    def __init__(self, fleet: Fleet, flows: Flows) -> None:
        self.fleet, self.flows = fleet, flows
        none = np.zeros(3)
        self.trades = _one_trade(0.95)
        self.terms = Terms(35.0, 5.0, LOSS, 10.0, 35.0)
        self.before = FleetState(np.array([5.0, 5.0, 5.0]), none)
        self.after = FleetState(np.array([5.0 + ROOT, 5.0 - 1.0 / ROOT, 5.0]), none)

    def residual_kwh(self) -> float:
        """Check the step."""
        states = self.before, self.after
        return checks.energy(self.fleet, *states, self.flows, self.trades, self.terms)

    def add(self, home: int, **energies: float) -> None:
        """Tamper with one home."""
        changed: dict[str, Floats] = {}
        for name, energy in energies.items():
            changed[name] = getattr(self.flows, name).copy()
            changed[name][home - 1] += energy
        self.flows = replace(self.flows, **changed)

    def store(self, home: int, energy: float) -> None:
        """Tamper with what one home holds, before and after alike."""
        for name in ("before", "after"):
            stored = getattr(self, name).stored_kwh.copy()
            stored[home - 1] += energy
            setattr(self, name, FleetState(stored, np.zeros(3)))


@pytest.fixture
def step(fleet: Callable[..., Fleet], flows: Callable[..., Flows]) -> Step:
    """Put together the step above."""
    return Step(
        fleet(3),
        flows(
            3,
            load_kwh=[0.5, 11.0, 0.0],
            pv_kwh=[3.0, 0.0, 0.0],
            import_kwh=[0.0, 9.0, 0.0],
            export_kwh=[0.25, 0.0, 0.0],
            p2p_in_kwh=[0.0, 0.95, 0.0],
            p2p_out_kwh=[1.0, 0.0, 0.0],
            charge_kwh=[1.0, 0.0, 0.0],
            discharge_kwh=[0.0, 1.0, 0.0],
            curtailed_kwh=[0.25, 0.0, 0.0],
            unserved_kwh=[0.0, 0.05, 0.0],
        ),
    )


def _broken(step: Step) -> str:
    with pytest.raises(LawError) as error:
        step.residual_kwh()
    return str(error.value)


def test_a_step_that_keeps_every_law_passes(step: Step) -> None:
    assert 0.0 <= step.residual_kwh() < 1e-12


@pytest.mark.parametrize("field", fields(Flows), ids=lambda field: field.name)
def test_energy_out_of_nothing_is_found_in_every_flow(step: Step, field: object) -> None:
    name = field.name  # type: ignore[attr-defined]
    step.add(2, **{name: 2e-9})
    assert _broken(step).startswith("sources equal sinks: home 2 is off by 2e-09 (1 homes)")


def test_rounding_is_forgiven_and_reported(step: Step) -> None:
    step.add(1, load_kwh=5e-10)
    assert step.residual_kwh() == pytest.approx(5e-10, rel=1e-3)


def test_the_largest_residual_of_any_balance_is_reported(step: Step) -> None:
    step.after = FleetState(step.after.stored_kwh + np.array([0.0, 7e-10, 0.0]), np.zeros(3))
    assert step.residual_kwh() == pytest.approx(7e-10, rel=1e-3)


def test_no_number_is_no_balance(step: Step) -> None:
    step.add(3, load_kwh=float("nan"))
    assert "sources equal sinks: home 3" in _broken(step)


def test_all_homes_that_break_a_law_are_counted(step: Step) -> None:
    step.add(1, load_kwh=0.1)
    step.add(3, load_kwh=0.2)
    assert _broken(step) == "sources equal sinks: home 1 is off by 0.1 (2 homes)"


def test_cells_gain_what_charging_leaves_and_lose_more_than_they_give(step: Step) -> None:
    step.after = FleetState(step.after.stored_kwh + np.array([0.0, 0.01, 0.0]), np.zeros(3))
    assert _broken(step) == "what is stored follows what flows: home 2 is off by 0.01 (1 homes)"


def test_what_flows_between_homes_was_traded(step: Step) -> None:
    step.add(2, p2p_in_kwh=0.02, import_kwh=-0.02)
    assert _broken(step) == "what flows in was traded: home 2 is off by 0.02 (1 homes)"
    step.add(2, p2p_in_kwh=-0.02, import_kwh=0.02)
    step.add(1, p2p_out_kwh=0.25, export_kwh=-0.25)
    assert _broken(step) == "what flows out was traded: home 1 is off by 0.25 (1 homes)"


def test_what_a_trade_delivers_is_what_it_injects_less_the_loss(step: Step) -> None:
    step.add(2, p2p_in_kwh=0.02, import_kwh=-0.02)
    step.trades = _one_trade(0.97)
    assert _broken(step) == (
        "delivered equals injected less the loss: from home 1 to home 2 off by 0.02 kWh"
    )


def test_what_is_lost_between_feeders_must_be_lost(step: Step) -> None:
    step.terms = replace(step.terms, feeder=np.array([0, 1, 1]), between_loss_fraction=0.1)
    lost = "delivered equals injected less the loss: from home 1 to home 2 off by 0.095 kWh"
    assert _broken(step) == lost  # 0.95 instead of 0.855
    step.add(2, p2p_in_kwh=-0.095, import_kwh=0.095)
    step.trades = _one_trade(0.855)
    assert step.residual_kwh() < 1e-12


def test_two_losses_do_not_make_up_for_each_other(step: Step) -> None:
    parts = _one_trade(0.5, 0.5), _one_trade(0.45, 0.5)
    step.trades = joined(parts)
    assert "off by 0.025 kWh" in _broken(step)


def test_a_battery_is_not_emptied_below_its_minimum(step: Step) -> None:
    step.store(3, 1.35 - 5.0 - 0.01)
    assert (
        _broken(step) == "the battery holds at least its minimum: home 3 is off by 0.01 (1 homes)"
    )


def test_a_battery_is_not_filled_above_its_maximum(step: Step) -> None:
    step.store(3, 10.8 - 5.0 + 0.01)
    assert _broken(step) == "the battery holds at most its maximum: home 3 is off by 0.01 (1 homes)"


def test_a_battery_keeps_to_its_power(step: Step) -> None:
    step.fleet = replace(step.fleet, power_kwh_max=np.array([2.5, 0.75, 2.5]))
    assert _broken(step) == "the battery keeps to its power: home 2 is off by 0.25 (1 homes)"
    step.fleet = replace(step.fleet, power_kwh_max=np.array([0.5, 2.5, 2.5]))
    assert _broken(step) == "the battery keeps to its power: home 1 is off by 0.5 (1 homes)"


def test_a_battery_does_not_charge_and_discharge_at_once(step: Step) -> None:
    # What goes round keeps both balances of home 1 if the loss is curtailed less.
    step.add(1, charge_kwh=0.1, discharge_kwh=0.09, curtailed_kwh=-0.01)
    assert _broken(step).startswith("a battery charges or discharges: home 1")


def test_a_home_does_not_import_and_export_at_once(step: Step) -> None:
    step.add(1, import_kwh=0.1, export_kwh=0.1)
    assert _broken(step).startswith("a home imports or exports: home 1")


def test_the_connection_carries_grid_and_trade_together(step: Step) -> None:
    step.fleet = replace(step.fleet, import_kwh_max=np.array([10.0, 9.5, 10.0]))
    assert _broken(step) == "the connection carries what flows in: home 2 is off by 0.45 (1 homes)"
    step.fleet = replace(step.fleet, import_kwh_max=np.full(3, 10.0))
    step.fleet = replace(step.fleet, export_kwh_max=np.array([1.0, 4.0, 4.0]))
    assert _broken(step) == "the connection carries what flows out: home 1 is off by 0.25 (1 homes)"


def test_no_more_than_the_panels_give_is_curtailed(step: Step) -> None:
    step.add(1, curtailed_kwh=3.0, import_kwh=2.75, export_kwh=-0.25)
    assert _broken(step) == "at most the PV is curtailed: home 1 is off by 0.25 (1 homes)"


def test_no_more_than_the_load_goes_unserved(step: Step) -> None:
    step.add(3, unserved_kwh=0.5, export_kwh=0.5)
    assert _broken(step) == "at most the load goes unserved: home 3 is off by 0.5 (1 homes)"


@pytest.mark.parametrize("field", fields(Flows), ids=lambda field: field.name)
def test_no_flow_is_negative(step: Step, field: object) -> None:
    # A little below zero in home 3 is within the tolerance of every other law.
    name = field.name  # type: ignore[attr-defined]
    step.add(3, **{name: -1e-10})
    assert _broken(step) == f"{name} is not negative: home 3 is off by -1e-10 (1 homes)"


def test_a_community_keeps_within_what_the_grid_can_bring_and_take(step: Step) -> None:
    checks.capacity(step.flows, (9.0, 0.25))
    checks.capacity(step.flows, (9.0 - 2.9e-9, 0.25 - 2.9e-9))  # rounding, 1e-9 a home
    for most_kwh, says in (
        ((8.5, 1.0), "the community imports no more than the grid's capacity: off by 0.5 kWh"),
        ((9.0, 0.0), "the community exports no more than the grid's capacity: off by 0.25 kWh"),
        ((9.0 - 3.1e-9, 1.0), "the community imports no more than the grid's capacity: off by 3"),
        ((float("nan"), 1.0), "the community imports no more than the grid's capacity: off by n"),
    ):
        with pytest.raises(LawError) as error:
            checks.capacity(step.flows, most_kwh)
        assert str(error.value).startswith(says)


def _bills(**changed: list[int]) -> Bills:
    """Home 1 earns 20 from the grid and 24 from home 2, which pays 70, 24 and a fee of 1.

    All pay a standing charge of 5, and home 2 is credited 8 for its import.
    """
    amounts = {
        "import_cost_microcents": [0, 70, 0],
        "export_credit_microcents": [20, 0, 0],
        "p2p_paid_microcents": [0, 24, 0],
        "p2p_received_microcents": [24, 0, 0],
        "fee_microcents": [0, 1, 0],
        "fixed_charge_microcents": [5, 5, 5],
        "baseline_credit_microcents": [0, 8, 0],
        "trade_amount_microcents": [24],
        "trade_fee_microcents": [1],
    }
    return Bills(**{name: np.array(amount) for name, amount in (amounts | changed).items()})


BEFORE = np.array([1000, -1000, 0])
CASH = np.array([39, -92, -5])


def test_money_that_adds_up_and_stands_in_the_ledger_passes(fleet: Callable[..., Fleet]) -> None:
    assert checks.money(fleet(3), _bills(), (BEFORE, BEFORE + CASH)) == 0


def test_money_paid_to_nobody_is_found_to_the_microcent(fleet: Callable[..., Fleet]) -> None:
    bills = _bills(p2p_received_microcents=[23, 0, 0])
    with pytest.raises(LawError, match=r"^money adds up to zero: off by -1 microcents$"):
        checks.money(fleet(3), bills, (BEFORE, BEFORE + bills.cash_microcents))


def test_money_that_is_not_in_the_ledger_is_found_by_home(fleet: Callable[..., Fleet]) -> None:
    with pytest.raises(LawError, match=r"^the ledger holds what was billed: home 2 is off by 1 "):
        checks.money(fleet(3), _bills(), (BEFORE, BEFORE + CASH + [0, 1, 0]))
