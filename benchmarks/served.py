"""The most load that homes without a grid can be served, found by a program of its own.

T steps, n homes; everything is known from the start.
"""

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag, bmat, csr_matrix, diags, eye, kron

from agents.fleet import Fleet
from profiles.arrays import Floats


def most_served_kwh(
    fleet: Fleet, stored_kwh: Floats, load_kwh: Floats, pv_kwh: Floats, loss_fraction: float
) -> float:
    """Maximise what is served over all steps and homes, batteries emptied to their minimum.

    Columns are, each (T, n): charged, discharged, given, received, turned down, dark, stored.
    """
    steps, count = load_kwh.shape
    size = steps * count
    one, none = eye(size, format="csr"), csr_matrix((size, size))
    into = diags(np.tile(fleet.charge_efficiency_fraction, steps))
    out = diags(1.0 / np.tile(fleet.discharge_efficiency_fraction, steps))
    before = kron(eye(steps, k=-1), eye(count)) if steps > 1 else none
    total = block_diag([np.ones((1, count))] * steps)
    nothing = csr_matrix((steps, size))
    rows = bmat(
        [
            [-one, one, -one, one, -one, one, none],
            [-into, out, none, none, none, none, one - before],
            [nothing, nothing, -(1.0 - loss_fraction) * total, total, nothing, nothing, nothing],
        ],
        format="csr",
    )
    begins = np.zeros((steps, count))
    begins[0] = stored_kwh
    right = np.concatenate([(load_kwh - pv_kwh).ravel(), begins.ravel(), np.zeros(steps)])
    tops = (
        *(fleet.power_kwh_max, fleet.power_kwh_max, fleet.export_kwh_max, fleet.import_kwh_max),
        *(pv_kwh, load_kwh, fleet.stored_kwh_max),
    )
    high = np.concatenate([np.broadcast_to(top, (steps, count)).ravel() for top in tops])
    low = np.zeros(high.size)
    low[-size:] = np.tile(fleet.stored_kwh_min, steps)
    cost = np.zeros(high.size)
    cost[5 * size : 6 * size] = 1.0
    found = linprog(cost, A_eq=rows, b_eq=right, bounds=np.column_stack([low, high]))
    if not found.success:
        raise RuntimeError(found.message)
    return float(load_kwh.sum() - found.fun)
