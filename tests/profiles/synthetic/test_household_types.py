"""Kinds of households."""

from profiles.synthetic.household_types import PATTERN, TYPES, names


def test_homes_are_of_the_pattern_where_nobody_chose() -> None:
    assert names(3, None) == PATTERN[:3]
    assert names(23, None) == (PATTERN * 3)[:23]


def test_chosen_kinds_come_by_count_in_their_order() -> None:
    assert names(5, {"ev": 3, "flat": 2}) == ("ev", "ev", "ev", "flat", "flat")


def test_the_pattern_holds_every_kind_and_two_flats_in_ten() -> None:
    assert set(PATTERN) == set(TYPES)
    assert len(PATTERN) == 10
    assert PATTERN.count("flat") == 2


def test_figures_of_every_kind_are_possible() -> None:
    for kind in TYPES.values():
        shares = [*kind.owns_fraction.values(), kind.works_fraction, kind.pool_fraction]
        assert all(0.0 <= share <= 1.0 for share in [*shares, kind.ev_fraction])
        ranges = (kind.plugs_kw, kind.active_kw, kind.cooling_kw, kind.leak_kw_per_k, kind.glass_m2)
        assert all(0.0 < low < high for low, high in ranges)
        assert 1 <= kind.persons[0] <= kind.persons[1]


def test_air_conditioners_are_large_enough_for_a_hot_afternoon() -> None:
    """At 38 C outside, 24 C inside and full sun, the weakest still holds most of the heat."""
    for kind in TYPES.values():
        heat_kw = kind.leak_kw_per_k[1] * 14.0 + kind.glass_m2[1] * 0.9 + 0.4
        assert kind.cooling_kw[1] > 0.9 * heat_kw
