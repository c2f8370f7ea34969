"""Runs the scenarios that ship with the project and tells what each arm costs in them.

    python -m benchmarks.catalogue [--set KNOB=VALUE ...] [NAME ...] > docs/scenarios.md

Without names all are run, each as ``python run.py compare NAME``. What was found is kept in
``results/catalogue``, a file for each scenario, so that what was ended goes on where it was; it is
found anew where the scenario has changed. A scenario without figures says so in the page.

Settings count in scenarios that need a file of the user's, and in no other: with
``--set tariff.path=lmp.csv`` (and ``--set tariff.node=NODE``) these are run too; without, the page
says what they need.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from scenarios import compare, family, load, report_text
from scenarios.schema import Scenario, needs
from scenarios.summary import Summary, summary

KEPT = Path("results") / "catalogue"
WHERE = "[what it is and where to get it](tariffs.md#lmp-wholesale-prices)"
HEAD = """\
# Scenarios

What ships with the project, by what it is about; `commonwatt scenarios` lists it. Each stands on
another and holds what differs: `commonwatt validate NAME --json` prints it complete, a name works
wherever the path of a file does, and `base: NAME` starts a scenario of your own
([parameters](parameters.md)). The tables are those of `commonwatt compare NAME`, made by
`python -m benchmarks.catalogue`.

Load that goes dark costs nothing in these tables, so an arm must not be called cheap for it: the
lines below them belong to them. In an [outage](outages.md) the bounds serve as much load as can be
served and are cheapest after that; they may cost more than arms that left homes in the dark.

One scenario needs a file of yours, the prices of California's wholesale market, for no copy of
them may be passed on ([why](decisions/0022-dynamic-prices.md)).
"""


def figures(name: str, settings: Sequence[str]) -> Summary:
    """Run a scenario, or recall what it came to."""
    scenario, kept = load.load(name, settings), KEPT / f"{name}.json"
    known = recalled(scenario, kept)
    if known is not None:
        return known
    print(f"{name} ...", file=sys.stderr, flush=True)
    found = summary(compare.compare(scenario, None))
    KEPT.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    told = {"scenario": _data(scenario), "figures": found.model_dump(mode="json")}
    part.write_text(json.dumps(told, indent=1), encoding="utf-8")
    part.replace(kept)
    return found


def recalled(scenario: Scenario, kept: Path) -> Summary | None:
    """Read what was kept of a scenario, if that is what it still is."""
    if not kept.exists():
        return None
    told = json.loads(kept.read_text(encoding="utf-8"))
    same = told["scenario"] == _data(scenario)
    return Summary.model_validate_json(json.dumps(told["figures"])) if same else None


def _data(scenario: Scenario) -> dict[str, object]:
    """Describe a scenario, its files by their names alone, wherever they lie."""
    data: dict[str, dict[str, object]] = scenario.model_dump(mode="json")
    for section, knobs in family.PATHS.items():
        for knob in knobs:
            path = data[section][knob]
            data[section][knob] = Path(path).name if isinstance(path, str) else None
    return dict(data)


def page(settings: Sequence[str] = ()) -> str:
    """Write the page, with what is known of each scenario."""
    parts = [HEAD]
    for group, names in family.groups().items():
        parts.append(f"## {group.capitalize()}\n")
        for name in names:
            parts.append(f"### {name}\n\n{Scenario.load(name).purpose}\n")
            parts.append("\n".join(_section(name, settings)))
    return "\n".join(parts).rstrip() + "\n"


def _section(name: str, settings: Sequence[str]) -> Iterator[str]:
    """Tell what is known of a scenario, or what it needs."""
    needed = needs(name)
    if needed and not settings:
        command = f"`commonwatt compare {name} --set {needed}=FILE`"
        yield f"Run by {command}, {WHERE}. Without a file there are no figures.\n"
        return
    scenario = load.load(name, settings if needed else ())
    if needed:
        read = scenario.tariff.path, scenario.tariff.node
        named = ", ".join(f"`{Path(each).name}`" for each in read if each)
        yield f"With a file of prices ({named}): {WHERE}.\n"
    known = recalled(scenario, KEPT / f"{name}.json")
    yield from _told(known) if known else ["Not run yet.\n"]


def _told(found: Summary) -> Iterator[str]:
    """Lay out one scenario: its span, a row per arm, and what was cut."""
    homes = f"{found.homes_count} homes, {found.days:g} day{'' if found.days == 1 else 's'}"
    yield f"{homes} from {found.start_local}, in steps of {found.step_minutes} minutes.\n"
    yield f"| {' | '.join(report_text.arms_columns(found))} |"
    yield f"|---|{'---:|' * (len(report_text.arms_columns(found)) - 1)}"
    for name, *cells in report_text.arms_rows(found):
        yield f"| `{name}` | {' | '.join(cells)} |"
    yield ""
    cut = report_text.cut(found)
    if cut:
        yield from (f"- {line}" for line in cut)
        yield ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is asked for and print the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.catalogue")
    parser.add_argument("names", nargs="*", metavar="NAME", default=family.shipped())
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="KNOB=VALUE")
    typed = parser.parse_args(arguments)
    for name in typed.names:
        if not needs(name):
            figures(name, ())
        elif typed.settings:
            figures(name, typed.settings)
    print(page(typed.settings), end="")


if __name__ == "__main__":
    main()
