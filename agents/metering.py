"""What the meters of n homes read when a step has been carried out."""

from dataclasses import dataclass

import numpy as np

from agents import planning
from agents.fleet import Fleet
from profiles.arrays import Floats


@dataclass(frozen=True, slots=True)
class Flows:
    """Energy of one step, AC side; every field is at least 0, shape (n,) [kWh]."""

    load_kwh: Floats
    pv_kwh: Floats
    import_kwh: Floats  # from the grid
    export_kwh: Floats  # to the grid
    p2p_in_kwh: Floats  # delivered by other homes
    p2p_out_kwh: Floats  # injected for other homes
    charge_kwh: Floats
    discharge_kwh: Floats
    curtailed_kwh: Floats  # PV turned down
    unserved_kwh: Floats  # load that connection or grid could not carry


def meter(
    fleet: Fleet,
    metered: tuple[Floats, Floats],
    battery_kwh: Floats,
    traded: tuple[Floats, Floats],
    grid: tuple[float, float],
) -> Flows:
    """Close every home's balance with the grid.

    Parameters
    ----------
    fleet : Fleet
        The homes' connections, which carry traded energy too.
    metered : tuple of ndarray, shapes (n,)
        Load and PV [kWh].
    battery_kwh : ndarray, shape (n,)
        What the batteries took, AC, positive charges [kWh].
    traded : tuple of ndarray, shapes (n,)
        Delivered to and injected by each home in the market [kWh].
    grid : tuple of float
        Tariff and export price [cents/kWh]: they decide whether curtailing pays.
    """
    load_kwh, pv_kwh = metered
    bought_kwh, sold_kwh = traded
    base_kwh = load_kwh - pv_kwh + battery_kwh + sold_kwh - bought_kwh
    flow_kwh, curtailed_kwh, unserved_kwh = planning.exchanges(
        base_kwh, pv_kwh, grid, fleet.import_kwh_max - bought_kwh, fleet.export_kwh_max - sold_kwh
    )
    return Flows(
        load_kwh=load_kwh,
        pv_kwh=pv_kwh,
        import_kwh=np.maximum(flow_kwh, 0.0),
        export_kwh=np.maximum(-flow_kwh, 0.0),
        p2p_in_kwh=bought_kwh,
        p2p_out_kwh=sold_kwh,
        charge_kwh=np.maximum(battery_kwh, 0.0),
        discharge_kwh=np.maximum(-battery_kwh, 0.0),
        curtailed_kwh=curtailed_kwh,
        unserved_kwh=unserved_kwh,
    )
