"""Plan against the grid's prices alone: charge when it is cheap, discharge when it is dear."""

from agents import prices
from agents.decisions import Decisions, Situation, planned


def decide(situation: Situation) -> Decisions:
    """Value stored energy under tariff and export price, whatever the community expects."""
    known = situation.prices
    alone = prices.of_grid(known.tariff_cents_per_kwh, known.export_cents_per_kwh)
    return planned(situation, alone)
