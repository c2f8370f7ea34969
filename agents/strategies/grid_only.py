"""Leave the battery idle: every kWh comes from the panels or the grid."""

import numpy as np

from agents import curves
from agents.decisions import Decisions, Situation


def decide(situation: Situation) -> Decisions:
    """Hold every battery still, shapes (n,)."""
    count = situation.fleet.homes_count
    return Decisions(np.zeros(count), curves.none(count))
