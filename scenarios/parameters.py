"""Every knob of a scenario, from the schema, and the page of Markdown that lists them.

`docs/parameters.md` is what `page` returns; a test holds it to that.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Knob:
    """One value of a scenario that a person may type."""

    path: str  # dotted
    field: Mapping[str, Any]  # its schema

    @property
    def meaning(self) -> str:
        """What it is for, in one line."""
        return " ".join(str(self.field.get("description", "")).split())

    @property
    def unit(self) -> str:
        """Its unit; empty if it has none."""
        found = _UNIT.search(self.meaning)
        return found[1] if found else ""

    @property
    def bounds(self) -> str:
        """What it may be, in words."""
        return _bounds(self.field)


@dataclass(frozen=True, slots=True)
class Group:
    """A section of a scenario, without the sections in it."""

    path: str  # dotted; empty for what stands in no section
    meaning: str  # in one line
    knobs: tuple[Knob, ...]


def groups() -> Iterator[Group]:
    """List all knobs by section: a section's own, then those of the sections in it."""
    schema = Scenario.model_json_schema()
    yield from _groups(schema, schema, "")


def page() -> str:
    """Write the whole page."""
    parts = [_HEAD]
    for group in groups():
        title = f"`{group.path}`" if group.path else "The scenario itself"
        parts += [f"\n## {title}\n", "| knob | unit | default | bounds | meaning |"]
        parts += ["|---|---|---|---|---|", *map(_row, group.knobs), ""]
    parts += ["\n## Older terms\n", "| older term | here | how it differs |", "|---|---|---|"]
    parts += [f"| `{old}` | `{new}` | {how} |" for old, new, how in OLDER_TERMS]
    return "\n".join(parts).replace("\n\n\n", "\n\n") + "\n"


def _groups(schema: dict[str, Any], section: dict[str, Any], path: str) -> Iterator[Group]:
    knobs, below = [], []
    for name, field in section["properties"].items():
        place = f"{path}.{name}" if path else name
        reference = field.get("$ref", "").rpartition("/")[2]
        if reference:
            below.append((place, schema["$defs"][reference]))
        else:
            knobs.append(Knob(place, field))
    yield Group(path, " ".join(section["description"].split()), tuple(knobs))
    for place, inner in below:
        yield from _groups(schema, inner, place)


def _row(knob: Knob) -> str:
    """Write one knob."""
    default = json.dumps(knob.field.get("default"), ensure_ascii=False)
    cells = (f"`{knob.path}`", knob.unit, f"`{default}`", knob.bounds, knob.meaning)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _bounds(field: Mapping[str, Any]) -> str:
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
