"""What is told of one arm."""

import pytest
from pydantic import ValidationError

from model.metrics import BILL_SIGNS
from scenarios.compare import Comparison
from scenarios.summary import summary
from scenarios.summary_arms import Against, Bill, Measures


@pytest.mark.parametrize("section", [Against, Bill, Measures])
def test_every_figure_says_what_it_is(section: type[Bill]) -> None:
    assert all(field.description for field in section.model_fields.values())


def test_a_bill_has_the_entries_of_a_cost() -> None:
    assert list(Bill.model_fields) == list(BILL_SIGNS)


def test_a_figure_that_is_no_number_is_refused(comparison: Comparison) -> None:
    figures = summary(comparison).arms["market"]
    with pytest.raises(ValidationError):
        Measures.model_validate(figures.model_dump() | {"carbon_kg": float("nan")})


def test_gains_add_up_to_what_is_saved(comparison: Comparison) -> None:
    figures = summary(comparison)
    for arm in figures.arms.values():
        for beside in arm.against.values():
            gained = beside.mean_home_gain_usd_per_day * figures.homes_count
            assert gained == pytest.approx(beside.saved_usd_per_day)
            assert gained * figures.days == pytest.approx(beside.saved_usd)
