"""What columns hold by their names."""

from profiles.recorded.columns import METERED
from profiles.tables.kinds import TEXTS, TIMES, WHOLE


def test_a_name_says_one_thing() -> None:
    assert set(TIMES) < set(TEXTS)
    assert not set(TEXTS) & set(WHOLE)
    assert not {*TEXTS, *WHOLE} & set(METERED)
