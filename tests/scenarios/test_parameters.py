"""The page of all knobs is that of the schema."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from scenarios import parameters
from scenarios.schema import Scenario

ROOT = Path(__file__).parents[2]

OLDER = [
    *("max_households", "initial_wallet", "simulation_steps", "time_step_hours", "history_size"),
    *("prediction_size", "min_buy_price", "max_buy_price", "min_sell_price", "max_sell_price"),
    *("use_capacity_limits", "p2p_transaction_cost", "min_trade_threshold"),
]
ROW = re.compile(r"^\| `([\w.]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)


def _knobs(model: BaseModel, path: str = "") -> Iterator[str]:
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _knobs(value, f"{path}{name}.")
        else:
            yield f"{path}{name}"


def test_the_page_in_docs_is_that_of_the_schema() -> None:
    written = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert written == parameters.page(), "python run.py schema parameters > docs/parameters.md"


def test_every_knob_stands_once_with_a_meaning() -> None:
    rows = ROW.findall(parameters.page())
    assert sorted(row[0] for row in rows) == sorted(_knobs(Scenario()))
    assert all(len(row[4]) > 20 for row in rows)
    assert all(row[3].strip() for row in rows)


@pytest.mark.parametrize(
    "line",
    [
        "| `battery.capacity_kwh` | kWh | `13.5` | number, above 0 and 10000 or less | Nominal",
        "| `run.step_minutes` | min | `30` | `15`, `30`, `60` | Length",
        "| `homes.count` |  | `null` | whole number, 1 or more; or null | How many",
        "| `homes.without_pv` |  | `[]` | list of whole number | Ids",
        "| `seed` |  | `0` | whole number, 0 or more and 999999999999999999 or less | Start",
    ],
)
def test_a_knob_shows_unit_default_bounds_and_meaning(line: str) -> None:
    assert line in parameters.page()


def test_older_terms_lead_to_knobs_that_exist() -> None:
    assert [old for old, _, _ in parameters.OLDER_TERMS] == OLDER
    knobs = set(_knobs(Scenario()))
    assert {new for _, new, _ in parameters.OLDER_TERMS} <= knobs
    named = re.findall(r"[a-z]+\.[a-z_]+", " ".join(how for _, _, how in parameters.OLDER_TERMS))
    assert set(named) <= knobs
