"""The meters close every home's balance."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.fleet import Fleet
from agents.metering import Flows, meter

FleetOf = Callable[..., Fleet]

USUAL = (35.0, 5.0)
# Half-hour steps: 2 kWh in and 1 kWh out.
CONNECTION = {"import_kw_max": 4.0, "export_kw_max": 2.0}


def _metered(
    fleet: Fleet,
    home: tuple[float, float, float],
    traded: tuple[float, float] = (0.0, 0.0),
    grid: tuple[float, float] = USUAL,
) -> Flows:
    load, pv, battery, bought, sold = (np.array([energy]) for energy in (*home, *traded))
    return meter(fleet, (load, pv), battery, (bought, sold), grid)


def _closed(flows: Flows) -> dict[str, float]:
    """Name what the meter added to what it was told, where there is any."""
    names = ("import_kwh", "export_kwh", "curtailed_kwh", "unserved_kwh")
    energies = {name: float(getattr(flows, name)[0]) for name in names}
    return {name: energy for name, energy in energies.items() if energy}


@pytest.mark.parametrize(
    ("home", "traded", "expected"),
    [
        ((1.0, 0.0, 0.0), (0.0, 0.0), {"import_kwh": 1.0}),
        ((0.25, 1.0, 0.0), (0.0, 0.0), {"export_kwh": 0.75}),
        ((1.0, 1.0, 0.0), (0.0, 0.0), {}),
        ((1.0, 0.5, 0.75), (0.0, 0.0), {"import_kwh": 1.25}),  # the battery charges
        ((1.0, 0.0, -1.0), (0.0, 0.0), {}),  # the battery serves
        ((1.5, 0.0, 0.0), (1.0, 0.0), {"import_kwh": 0.5}),  # bought from a neighbour
        ((0.0, 0.75, 0.0), (0.0, 0.5), {"export_kwh": 0.25}),  # sold to a neighbour
        ((0.0, 3.0, 0.0), (0.0, 0.0), {"export_kwh": 1.0, "curtailed_kwh": 2.0}),
        ((3.0, 0.0, 0.0), (0.0, 0.0), {"import_kwh": 2.0, "unserved_kwh": 1.0}),
        # Traded energy uses up the connection.
        ((3.0, 0.0, 0.0), (1.5, 0.0), {"import_kwh": 0.5, "unserved_kwh": 1.0}),
        ((0.0, 3.0, 0.0), (0.0, 0.75), {"export_kwh": 0.25, "curtailed_kwh": 2.0}),
    ],
)
def test_the_grid_takes_the_rest(
    fleet: FleetOf,
    home: tuple[float, float, float],
    traded: tuple[float, float],
    expected: dict[str, float],
) -> None:
    assert _closed(_metered(fleet(1, **CONNECTION), home, traded)) == expected


def test_panels_are_turned_down_where_exporting_costs_money(fleet: FleetOf) -> None:
    flows = _metered(fleet(1), (0.25, 1.0, 0.0), grid=(35.0, -2.0))
    assert _closed(flows) == {"curtailed_kwh": 0.75}


def test_panels_are_turned_down_where_importing_earns_money(fleet: FleetOf) -> None:
    flows = _metered(fleet(1), (1.0, 0.75, 0.0), grid=(-3.0, -4.0))
    assert _closed(flows) == {"import_kwh": 1.0, "curtailed_kwh": 0.75}


def test_panels_run_on_where_exporting_pays_more_than_importing_costs(fleet: FleetOf) -> None:
    flows = _metered(fleet(1), (0.25, 1.0, 0.0), grid=(28.0, 40.0))
    assert _closed(flows) == {"export_kwh": 0.75}


def test_charging_and_discharging_stand_in_columns_of_their_own(fleet: FleetOf) -> None:
    zero = np.zeros(2)
    flows = meter(fleet(2), (np.ones(2), zero), np.array([0.5, -0.5]), (zero, zero), USUAL)
    assert flows.charge_kwh.tolist() == [0.5, 0.0]
    assert flows.discharge_kwh.tolist() == [0.0, 0.5]
    assert flows.import_kwh.tolist() == [1.5, 0.5]


@given(
    home=st.tuples(st.floats(0.0, 6.0), st.floats(0.0, 6.0), st.floats(-1.0, 1.0)),
    bought_fraction=st.floats(0.0, 1.0),
    sold=st.floats(0.0, 1.0),
    grid=st.tuples(st.floats(-20.0, 60.0), st.floats(-20.0, 60.0)),
)
def test_sources_equal_sinks_whatever_happens(
    fleet: FleetOf,
    home: tuple[float, float, float],
    bought_fraction: float,
    sold: float,
    grid: tuple[float, float],
) -> None:
    # A home buys no more than it can use and its cable carries.
    bought = bought_fraction * min(max(home[0] + home[2], 0.0), 2.0)
    flows = _metered(fleet(1, **CONNECTION), home, (bought, sold), grid)
    now = {name: float(getattr(flows, name)[0]) for name in Flows.__slots__}
    sources = now["pv_kwh"] - now["curtailed_kwh"] + now["import_kwh"] + now["p2p_in_kwh"]
    sources += now["discharge_kwh"] + now["unserved_kwh"]
    sinks = now["load_kwh"] + now["export_kwh"] + now["p2p_out_kwh"] + now["charge_kwh"]
    assert sources == pytest.approx(sinks, abs=1e-12)
    assert min(now.values()) >= 0.0
    assert now["import_kwh"] + bought <= 2.0 + 1e-12
    assert now["export_kwh"] + sold <= 1.0 + 1e-12
    assert now["import_kwh"] * now["export_kwh"] == 0.0


@given(
    load=st.floats(0.0, 1.0),
    pv=st.floats(0.0, 1.0),
    tariff=st.floats(-20.0, 60.0),
    export=st.floats(-20.0, 60.0),
)
def test_no_other_curtailment_is_cheaper(
    fleet: FleetOf, load: float, pv: float, tariff: float, export: float
) -> None:
    flows = _metered(fleet(1), (load, pv, 0.0), grid=(tariff, export))
    cost = tariff * flows.import_kwh[0] - export * flows.export_kwh[0]
    for curtailed in np.linspace(0.0, pv, 21):
        flow = load - pv + curtailed
        assert cost <= (tariff if flow > 0.0 else export) * flow + 1e-9
