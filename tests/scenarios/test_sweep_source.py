"""What was typed for a batch, in a file and on the command line."""

from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios.sweep_source import Typed, short, source_of

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")


def test_a_scenario_becomes_a_sweep_by_what_the_command_line_varies() -> None:
    typed = Typed(
        "fontana",
        grid=["market.loss_fraction=0,0.05", 'run.start="2017-07-01",2017-07-08'],
        more={"--repetitions": 2, "--arms": ["market"]},
    )
    found = source_of(typed)
    assert found.sweep.scenario == "fontana"
    assert dict(found.sweep.grid) == {
        "market.loss_fraction": [0, 0.05],
        "run.start": ["2017-07-01", "2017-07-08"],
    }
    assert (found.sweep.repetitions, found.sweep.arms) == (2, ("market",))
    assert found.document.place("grid.run.start.0") == f"--grid {typed.grid[1]}"


def test_a_file_of_a_sweep_is_told_from_a_scenarios() -> None:
    Path("deep").mkdir()
    Path("deep/sweep.yaml").write_text("scenario: fontana\nrepetitions: 2\n", encoding="utf-8")
    Path("own.yaml").write_text("base: fontana\ngrid: {import_kw_max: 5}\n", encoding="utf-8")
    assert source_of(Typed("deep/sweep.yaml")).folder == Path("deep")
    found = source_of(Typed("own.yaml", more={"--repetitions": 3}))
    assert (found.sweep.scenario, found.sweep.repetitions) == ("own.yaml", 3)


def test_the_command_line_counts_more_than_the_file() -> None:
    Path("s.yaml").write_text(
        "scenario: fontana\nrepetitions: 2\narms: [market]\ngrid: {seed: [1]}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match="seed: must be said once"):
        source_of(Typed("s.yaml"))
    Path("t.yaml").write_text("scenario: fontana\ngrid: {run.days: [1]}\n", encoding="utf-8")
    found = source_of(Typed("t.yaml", grid=["run.days=2,3"], more={"--repetitions": 5}))
    assert dict(found.sweep.grid) == {"run.days": [2, 3]}
    assert found.sweep.repetitions == 5


def test_the_seed_of_a_command_starts_the_repetitions_if_there_are_any() -> None:
    found = source_of(Typed("fontana", options={"--seed": 7}, more={"--repetitions": 2}))
    assert (found.sweep.seed, found.beside) == (7, ())
    found = source_of(Typed("fontana", options={"--seed": 7}, grid=["run.days=1,2"]))
    assert (found.sweep.seed, found.beside[0].data) == (0, {"seed": 7})


REFUSED = [
    (Typed("fontana", grid=["seed"]), "--grid: must look like market.loss_fraction=0,0.05,0.1"),
    (Typed("fontana", grid=["seed=1,yes"]), "--grid seed=1,yes: write true or false"),
    (Typed("fontana", grid=["seed=1", "seed=2"]), "--grid seed=2: seed: must be said once, not by"),
    (
        Typed("fontana", grid=["run.days=1,2"], options={"--days": 3}),
        "--grid run.days=1,2: run.days: must be said once, not by --days 3 too",
    ),
    (
        Typed("fontana", grid=["market.loss_fraction=0,1"], settings=["market.loss_fraction=0"]),
        "--grid market.loss_fraction=0,1: market.loss_fraction: must be said once",
    ),
    (
        Typed("s.yaml", more={"--repetitions": 2}),
        "--repetitions 2: seed: must be said once, not by s.yaml:3 too",
    ),
    (
        Typed("s.yaml", grid=["market={}"]),
        "--grid market={}: market: must be said once, not by s.yaml:4 too",
    ),
    (Typed("s.yaml", options={"--homes": 3}), "s.yaml:5: homes.count: must be said once, not by"),
]


@pytest.mark.parametrize(("typed", "message"), REFUSED)
def test_what_is_said_twice_is_refused_in_one_line(typed: Typed, message: str) -> None:
    Path("s.yaml").write_text(
        "scenario: fontana\nset:\n  seed: 1\n  market.loss_fraction: 0.1\n"
        "runs: [{set: {homes.count: 2}}]\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as refused:
        source_of(typed)
    assert str(refused.value).startswith(message)


def test_values_are_told_in_short() -> None:
    values = (0.1 + 0.2, 3, True, None, "flat", [1, 2], "a\u2028b")
    assert [short(value) for value in values] == [
        "0.3", "3", "true", "null", "flat", "[1, 2]", "a\\u2028b",
    ]  # fmt: skip
