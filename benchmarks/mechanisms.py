"""What the mechanisms and the score rules cost a community.

They are the tables of `docs/market.md` and `docs/score-rule.md`. Run with ``python -m
benchmarks.mechanisms``: the arm `market` under every mechanism, the score rules and `self_use`, on
every shipped community. A cell is ``python run.py compare SCENARIO --start DATE
--days DAYS --set market.mechanism=NAME --arms ARM --json``.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from market.matching import MECHANISMS
from model import metrics
from model.results import Results
from scenarios import build, load
from scenarios.arms import ARMS, Arm
from scenarios.schema import Scenario

CASES = (
    ("fontana_mixed", "2017-07-01", 30),
    ("fontana_mixed", "2017-01-10", 30),
    ("fontana", "2017-07-01", 30),
    ("fontana", "2017-01-10", 30),
    ("synthetic", "2018-06-19", 30),
    ("synthetic", "2018-07-18", 1),
)
RULES = ("score_rule", "score_rule_corrected")
BASES = ("self_use", "plan_alone")


@dataclass(frozen=True, slots=True)
class Row:
    """One arm on every case."""

    name: str
    results: list[Results]

    def cells(self, base: "Row") -> Iterator[str]:
        """Write cost and, in brackets, how far it is from that of another row."""
        for mine, other in zip(self.results, base.results, strict=True):
            cost, compared = metrics.cost_usd(mine), metrics.cost_usd(other)
            yield f"{cost:.2f} ({100.0 * (cost / compared - 1.0):+.1f} %)"


def cases() -> list[Scenario]:
    """Read the scenarios, each at its start and length."""
    return [
        load.load(name, options={"--start": start, "--days": days}) for name, start, days in CASES
    ]


def lived(name: str, arm: Arm, scenarios: list[Scenario], mechanism: str | None = None) -> Row:
    """Live through every case, under a mechanism of its own if one is named."""
    found = []
    for scenario in scenarios:
        market = scenario.market
        if mechanism is not None:
            market = market.model_copy(update={"mechanism": mechanism})
        community = build.community(scenario.model_copy(update={"market": market}), arm)
        while not community.finished:
            community.step()
        found.append(community.results())
        community.leave()
    return Row(name, found)


def table(rows: list[Row], base: Row) -> list[str]:
    """Lay costs out in Markdown, a column per case."""
    heads = [f"{name}, {days} d from {start}" for name, start, days in CASES]
    lines = [f"| | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    return lines + [f"| `{row.name}` | {' | '.join(row.cells(base))} |" for row in rows]


def ratings(row: Row) -> list[str]:
    """Tell how often a home's score lets it act, and what the light shows."""
    lines = []
    for (name, start, _), results in zip(CASES, row.results, strict=True):
        score, light = results.steps["score"], results.steps["light"]
        lines.append(
            f"{row.name}, {name} from {start}: score above 75 in {100 * (score > 75).mean():.1f} % "
            f"of home-steps, red {100 * (light < 0).mean():.0f} %, "
            f"green {100 * (light > 0).mean():.0f} %"
        )
    return lines


def main() -> None:
    """Print the tables, and the CPU time that they took."""
    scenarios = cases()
    names = [name for name in MECHANISMS if name != "none"]
    plain = {name: lived(name, ARMS[name], scenarios) for name in (*BASES, *RULES)}
    markets = [lived(name, ARMS["market"], scenarios, name) for name in names]
    # What the rules add to trade without them.
    trading = Arm(
        "self_use_trading",
        "self_use",
        trades=True,
        meaning="self-use, trading what is left at the rule's own price",
        mechanism=ARMS["score_rule"].mechanism,
        price_signal=ARMS["score_rule"].price_signal,
    )
    rules = [plain[name] for name in RULES]
    rules.insert(0, lived(trading.name, trading, scenarios))
    print("`market` by mechanism, cost in USD, beside `plan_alone`:", end="\n\n")
    print("\n".join(table([plain["plan_alone"], *markets], plain["plan_alone"])), end="\n\n")
    print("the score rules, beside `self_use`:", end="\n\n")
    print("\n".join(table([plain["self_use"], *rules], plain["self_use"])), end="\n\n")
    for row in (plain["self_use"], *rules[1:]):
        print("\n".join(ratings(row)))
    print(f"\n{time.process_time():.0f} CPU s, imports and compilation included")


if __name__ == "__main__":
    main()
