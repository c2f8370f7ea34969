"""What each home of a run has, as far as its figures cannot be redone without it."""

from collections.abc import Mapping

from model.results import Results
from profiles.config import Section
from profiles.profiles import Profiles
from scenarios.arms import ARMS


class Equipment(Section):
    """Panels, battery and wallet of a home when the run starts."""

    has_pv: bool
    """Whether its panels ever generated, the days before the run included."""

    battery_capacity_kwh: float
    """Nominal capacity [kWh]; 0 without a battery."""

    stored_kwh_initial: float
    """Energy in the cells when the run starts [kWh]."""

    stored_value_cents_per_kwh: float
    """Worth of a stored kWh that is left over [cents/kWh]."""

    wallet_usd_initial: float
    """Money in its wallet when the run starts [USD]."""


def equipment(
    arms: Mapping[str, Results], profiles: Profiles, wallet_usd: float
) -> list[Equipment]:
    """List what each of n homes has, in the order of the arms' homes.

    Parameters
    ----------
    arms : mapping
        Results by arm, at least one. All arms whose homes have batteries have the same.
    profiles : Profiles
        Of the homes that take part.
    wallet_usd : float
        Money of every home when the run starts [USD].
    """
    with_batteries = [results for name, results in arms.items() if has_batteries(name)]
    one = (with_batteries or list(arms.values()))[0]
    return [
        Equipment(
            has_pv=bool(has_pv),
            battery_capacity_kwh=float(capacity_kwh),
            stored_kwh_initial=float(stored_kwh),
            stored_value_cents_per_kwh=float(value),
            wallet_usd_initial=wallet_usd,
        )
        for has_pv, capacity_kwh, stored_kwh, value in zip(
            profiles.pv_kwh.max(axis=0) > 0.0,
            one.capacity_kwh,
            one.stored_kwh_initial,
            one.stored_value_cents_per_kwh,
            strict=True,
        )
    ]


def has_batteries(arm: str) -> bool:
    """Tell whether homes have their batteries in an arm of that name; in ``gross`` nobody has."""
    return arm not in ARMS or ARMS[arm].equipped
