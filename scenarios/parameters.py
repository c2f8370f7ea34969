"""Every knob of a scenario as a page of Markdown, made from the schema.

`docs/parameters.md` is what `page` returns; a test holds it to that.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from profiles.errors import InputError
from scenarios import summary, timeline_schema
from scenarios.schema import Scenario

_UNIT = re.compile(r"\[([^\]]+)\]")
_BOUNDS = MappingProxyType(
    {
        "exclusiveMinimum": "above {}",
        "minimum": "{} or more",
        "exclusiveMaximum": "below {}",
        "maximum": "{} or less",
        "minItems": "at least {} entries",
        "maxItems": "at most {} entries",
    }
)

_SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = MappingProxyType(
    {
        "scenario": Scenario.model_json_schema,
        "summary": summary.schema,
        "timeline": timeline_schema.schema,
    }
)

# Terms of an older program of this kind, for those who look for them.
OLDER_TERMS = (
    ("max_households", "homes.count", "homes that take part"),
    ("initial_wallet", "homes.wallet_usd_initial", "the same"),
    ("simulation_steps", "run.days", "in local days; a day has 48 steps of 30 minutes"),
    ("time_step_hours", "run.step_minutes", "in minutes: 0.5 hours are 30"),
    ("history_size", "run.start", "everything metered before the start, 15 days at least"),
    ("prediction_size", "forecast.horizon_hours", "in hours: 48 half hours are 24"),
    ("min_buy_price", "tariff.buy_min_cents_per_kwh", "of the grid, with tariff.name band"),
    ("max_buy_price", "tariff.buy_max_cents_per_kwh", "likewise"),
    ("min_sell_price", "tariff.sell_min_cents_per_kwh", "likewise; the grid buys at this"),
    ("max_sell_price", "tariff.sell_max_cents_per_kwh", "likewise"),
    ("use_capacity_limits", "grid.capacity_path", "null for none; or grid.community_import_kw_max"),
    (
        "p2p_transaction_cost",
        "market.fixed_cost_cents",
        "per trade; market.fee_cents_per_kwh per kWh",
    ),
    ("min_trade_threshold", "market.trade_min_kwh", "delivered kWh"),
)

_HEAD = """# Parameters

Every knob of a scenario, made from its schema by `python run.py schema parameters`. A scenario
file holds what differs from its `base`, or from these defaults; `--set section.knob=value` sets one
on the command line. Numbers are strict: text is no number, and NaN is none. `python run.py schema`
prints the same as JSON Schema.
"""


def published(of: str) -> str:
    """Write the JSON Schema of a `scenario`, `summary` or `timeline`, or the page of `parameters`.

    Raises
    ------
    InputError
        If something else is asked for.
    """
    if of == "parameters":
        return page()
    if of not in _SCHEMAS:
        raise InputError(f"schema: must be {', '.join(_SCHEMAS)} or parameters (got {of!r})")
    return json.dumps(_SCHEMAS[of](), indent=2) + "\n"


def page() -> str:
    """Write the whole page."""
    schema = Scenario.model_json_schema()
    parts = [_HEAD]
    for title, rows in _sections(schema, schema, ""):
        parts += [f"\n## {title}\n", "| knob | unit | default | bounds | meaning |"]
        parts += ["|---|---|---|---|---|", *rows, ""]
    parts += ["\n## Older terms\n", "| older term | here | how it differs |", "|---|---|---|"]
    parts += [f"| `{old}` | `{new}` | {how} |" for old, new, how in OLDER_TERMS]
    return "\n".join(parts).replace("\n\n\n", "\n\n") + "\n"


def _sections(
    schema: dict[str, Any], section: dict[str, Any], path: str
) -> Iterator[tuple[str, list[str]]]:
    """List a section's own knobs, then its sections, as title and rows."""
    rows, below = [], []
    for name, field in section["properties"].items():
        place = f"{path}{name}"
        reference = field.get("$ref", "").rpartition("/")[2]
        if reference:
            below.append((place, schema["$defs"][reference]))
        else:
            rows.append(_row(place, field))
    yield f"`{path.rstrip('.')}`" if path else "The scenario itself", rows
    for place, inner in below:
        yield from _sections(schema, inner, f"{place}.")


def _row(place: str, field: dict[str, Any]) -> str:
    """Write one knob."""
    meaning = " ".join(field.get("description", "").split())
    unit = _UNIT.search(meaning)
    default = json.dumps(field.get("default"), ensure_ascii=False)
    cells = (f"`{place}`", unit[1] if unit else "", f"`{default}`", _bounds(field), meaning)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _bounds(field: dict[str, Any]) -> str:
    """Say what a value may be."""
    if "anyOf" in field:
        return "; or ".join(_bounds(option) for option in field["anyOf"])
    if "enum" in field or "const" in field:
        options = field.get("enum", [field.get("const")])
        return ", ".join(f"`{json.dumps(option)}`" for option in options).replace('"', "")
    limits = [text.format(_short(field[key])) for key, text in _BOUNDS.items() if key in field]
    kind = str(field.get("type", ""))
    if kind == "array":
        items = [field["items"]] if "items" in field else field["prefixItems"]
        inner = " and ".join(_bounds(item) for item in items)
        return ", ".join([f"list of {inner}", *limits]) if "items" in field else f"list of {inner}"
    if kind == "object":
        return f"name: {_bounds(field['additionalProperties'])}"
    names = {"integer": "whole number", "string": "text", "boolean": "true or false"}
    word = names.get(kind, kind)
    return f"{word}, {' and '.join(limits)}" if limits else word


def _short(limit: float) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:g}"
