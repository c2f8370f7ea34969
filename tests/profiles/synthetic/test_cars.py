"""Electric cars."""

from dataclasses import replace

import numpy as np
import pytest

from profiles.synthetic import cars
from profiles.synthetic.cars import BATTERY_KWH, ev_charging_kwh, sessions
from profiles.synthetic.days import Days
from profiles.synthetic.draws import Purpose, daily
from profiles.synthetic.homes import Homes, draw
from profiles.synthetic.presence import Presence, presence_of


@pytest.fixture(scope="module")
def drivers() -> Homes:
    """Eighty homes with a car each."""
    return draw(0, ("ev",) * 80, (0.6, 0.0), (3.5, 6.5), 180.0)


@pytest.fixture(scope="module")
def lived(drivers: Homes, july: Days) -> Presence:
    return presence_of(drivers, july, 0)


def test_a_charger_gives_its_power_and_no_more(drivers: Homes, july: Days, lived: Presence) -> None:
    kwh = ev_charging_kwh(drivers, july, 0, lived)
    limit_kwh = 0.5 * drivers.charger_kw[:, None]
    assert (kwh <= limit_kwh + 1e-9).all()
    # For a whole half hour, some time.
    assert np.isclose(kwh, limit_kwh).any(axis=1).mean() > 0.95


def test_sessions_never_overlap_and_end_before_the_car_leaves(
    drivers: Homes, july: Days, lived: Presence
) -> None:
    start, minutes = sessions(drivers, july, 0, lived)
    charges = minutes > 0.0
    assert (start + 1e-6 >= lived.return_minute)[charges].all()
    ends = (start + minutes)[:, :-1]
    assert (ends <= lived.leave_minute[:, 1:] + 1e-6)[charges[:, :-1]].all()


def test_a_session_brings_back_what_was_driven(drivers: Homes, july: Days, lived: Presence) -> None:
    """All that is used is charged, but for what a car may still lack at the end."""
    quick = replace(drivers, charger_kw=np.full(80, 11.5), timer=np.zeros(80))
    used = cars._used_kwh(quick, july, lived, daily(0, Purpose.DRIVING, quick.home_ids, 14, 3))
    _, minutes = sessions(quick, july, 0, lived)
    charged_kwh = (minutes * 11.5 / 60.0).sum(axis=1)
    lacking_kwh = used.sum(axis=1) - charged_kwh
    assert (lacking_kwh >= -1e-9).all()
    stays = ~lived.away[:, -1]
    assert (lacking_kwh[stays] <= quick.plug_in_kwh[stays] + 1e-9).all()
    assert charged_kwh.sum() > 0.6 * used.sum()


def test_a_slow_charger_leaves_the_rest_for_the_next_night(
    drivers: Homes, july: Days, lived: Presence
) -> None:
    """A plain socket cannot bring back 30 kWh in a night: it charges until the car leaves."""
    slow = replace(drivers, charger_kw=np.full(80, 1.4), drive_kwh=np.full(80, 30.0))
    start, minutes = sessions(slow, july, 0, lived)
    used = cars._used_kwh(slow, july, lived, daily(0, Purpose.DRIVING, slow.home_ids, 14, 3))
    until_leaving = np.isclose((start + minutes)[:, :-1], lived.leave_minute[:, 1:])
    assert until_leaving.mean() > 0.3
    assert (minutes * 1.4 / 60.0).sum() < 0.9 * used.sum()


def test_a_session_holds_at_most_a_battery(drivers: Homes, july: Days, lived: Presence) -> None:
    far = replace(drivers, charger_kw=np.full(80, 11.5), drive_kwh=np.full(80, 300.0))
    _, minutes = sessions(far, july, 0, lived)
    assert (minutes * 11.5 / 60.0).max() <= BATTERY_KWH + 1e-9


def test_a_timer_waits_for_midnight(drivers: Homes, july: Days, lived: Presence) -> None:
    waiting = replace(drivers, timer=np.ones(80))
    start, minutes = sessions(waiting, july, 0, lived)
    begins = july.local.minute[(start[:, :-1][minutes[:, :-1] > 0.0] // 30).astype(int)]
    assert np.isin(begins, [0, 30, 60, 90]).mean() > 0.95


def test_without_a_car_nothing_is_charged(homes: Homes, july: Days) -> None:
    kwh = ev_charging_kwh(homes, july, 0, presence_of(homes, july, 0))
    assert not kwh[homes.charger_kw == 0.0].any()
    assert kwh[homes.charger_kw > 0.0].any(axis=1).mean() > 0.8


def test_a_car_stays_at_home_while_its_people_travel(
    drivers: Homes, july: Days, lived: Presence
) -> None:
    _, minutes = sessions(drivers, july, 0, lived)
    assert lived.away.any()
    assert not minutes[lived.away].any()
