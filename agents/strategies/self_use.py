"""Store own surplus for own load: charge what the panels spare, discharge what the home needs."""

from agents import battery, curves
from agents.decisions import Decisions, Situation


def decide(situation: Situation) -> Decisions:
    """Set each battery against its home's net load as far as it can, shapes (n,)."""
    spare_kwh = situation.pv_kwh - situation.load_kwh
    set_point_kwh, _ = battery.carry_out(situation.fleet, situation.state, spare_kwh)
    return Decisions(set_point_kwh, curves.none(situation.fleet.homes_count))
