"""From what was typed to runs that can be made."""

from collections.abc import Callable
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import fit, kept
from scenarios.load import load
from scenarios.plan import Plan, plan
from scenarios.sweep_source import Typed

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

DAY = {"--days": 1, "--homes": 2}


def _written(text: str, name: str = "s.yaml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def test_every_run_is_the_scenario_that_its_knobs_make() -> None:
    found = plan(Typed("fontana", options=DAY, grid=["market.loss_fraction=0,0.1"]))
    for run, loss in zip(found.runs, (0, 0.1), strict=True):
        expected = load("fontana", [f"market.loss_fraction={loss}"], DAY)
        assert run.job.scenario == expected
        assert (run.varied, run.seed) == ({"market.loss_fraction": loss}, 0)
    assert [run.label for run in found.runs] == [
        "market.loss_fraction=0", "market.loss_fraction=0.1",
    ]  # fmt: skip
    assert [run.number for run in found.runs] == [1, 2]
    assert {(run.homes_count, run.steps_count) for run in found.runs} == {(2, 12 * 48)}


def test_layers_are_scenario_overrides_sweep_command_line_and_the_run_itself() -> None:
    _written("market: {fee_cents_per_kwh: 1, order_max_kwh: 3, margin_fraction: 0.2}", "o.yaml")
    sweep = _written(
        "scenario: fontana\noverride: [unlimited, o.yaml]\narms: [market]\n"
        "set: {market.order_max_kwh: 4, market.margin_fraction: 0.3}\n"
        "grid: {market.loss_fraction: [0.2, 0.3]}\n"
    )
    typed = Typed(sweep, ["market.margin_fraction=0.4"], DAY)
    market = plan(typed).runs[0].job.scenario.market
    assert (market.sold_per_day_max_kwh, market.fee_cents_per_kwh) == (None, 1)  # of overrides
    assert (market.order_max_kwh, market.margin_fraction) == (4, 0.4)
    assert market.loss_fraction == 0.2


def test_whole_runs_have_scenarios_overrides_and_labels_of_their_own() -> None:
    Path("deep").mkdir()
    _written("base: fontana\nname: mine\nseed: 9\n", "deep/mine.yaml")
    sweep = _written(
        "arms: [grid_only]\nset: {run.days: 1, homes.count: 2}\nruns:\n"
        "  - {scenario: mine.yaml}\n"
        "  - {scenario: fontana, override: [unlimited], set: {run.days: 2}}\n"
        "  - {scenario: fontana, label: the plain one}\n",
        "deep/s.yaml",
    )
    own, second, plain = plan(Typed(sweep)).runs
    assert (own.label, own.seed, own.job.scenario.name) == ("mine.yaml", 9, "mine")
    assert second.varied == {"scenario": "fontana", "override": "unlimited", "run.days": 2}
    assert second.label == "fontana, unlimited, run.days=2"
    assert (second.job.scenario.market.order_max_kwh, second.steps_count) == (None, 96)
    assert (plain.label, plain.job.arms) == ("the plain one", ("grid_only",))


def test_repetitions_of_every_point_have_the_same_seeds() -> None:
    found = plan(
        Typed("fontana", options=DAY, grid=["run.start=2017-07-01,2017-07-02"],
              more={"--repetitions": 2, "--simulate": True})
    )  # fmt: skip
    one, two, three, four = found.runs
    assert [one.repetition, two.repetition] == [1, 2]
    assert (one.seed, two.seed) == (three.seed, four.seed)
    assert one.seed != two.seed == two.job.scenario.seed
    assert one.label == "run.start=2017-07-01 #1"
    assert (one.steps_count, one.job.simulate) == (48, True)
    assert found.typed["repetitions"] == 2
    assert found.typed["command_line"] == {
        "set": {"run": {"days": 1}, "homes": {"count": 2}}, "override": [],
    }  # fmt: skip


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[kept.Asked]:
    read: list[kept.Asked] = []
    really = fit._read

    def counted(asked: kept.Asked, *others: object) -> object:
        read.append(asked)
        return really(asked, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(fit, "_read", counted)
    return read


def test_homes_are_read_once_for_a_whole_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    read = _counted(monkeypatch)
    few = ("profiles.synthetic.homes_count=2", "profiles.synthetic.days=20")
    days = ("run.start=2018-08-05", "profiles.synthetic.start=2018-07-18")
    asked = Typed("synthetic", [*few, *days], {"--days": 1}, grid=["battery.capacity_kwh=5,10"],
                  more={"--repetitions": 5, "--arms": ["grid_only"]})  # fmt: skip
    assert len(plan(asked).runs) == 10
    assert len(read) == 1


def test_progress_is_told_run_by_run() -> None:
    told: list[tuple[str, int, int]] = []
    plan(Typed("fontana", options=DAY, grid=["seed=1,2"]), lambda *each: told.append(each))
    assert told == [("checked", 1, 2), ("checked", 2, 2)]


REFUSED = [
    ("grid:\n  market.los_fraction: [0]", "s.yaml:4: market.los_fraction: is not a known key"),
    (
        "grid:\n  market.loss_fraction: [0,\n    7]",
        "s.yaml:5: market.loss_fraction: must be below 1 (got 7)",
    ),
    ("grid: {run.start: ['2016-08-02']}", "s.yaml:3: run.start: must be 2016-08-16 00:00 or later"),
    ("list:\n  - run.days: 1\n  - run.days: 900", "s.yaml:5: run.days: must be at most 350"),
    (
        "list:\n  - seed: 1\n  - seed: 2\n  - seed: 1",
        "s.yaml:6: run 3 (seed=1) must differ from run 1 (seed=1)",
    ),
    ("latin_hypercube: {runs_count: 2, knobs: {run.day: [1, 3]}}", "s.yaml:3: run.day: is not a"),
    ("runs:\n  - {scenario: moon}", "s.yaml:4: runs: must be a file or one of base, dynamic"),
    ("runs:\n  - {override: [nix]}", "s.yaml:4: runs: must be a file or one of unlimited"),
    ("override: [nix]\nrepetitions: 2", "s.yaml:3: override: must be a file or one of unlimited"),
    ("grid: {homes.count: [1, 99]}", "s.yaml:3: homes.count: must be at most 9 (got 99)"),
    (
        "runs:\n  - {set: {market.mechanism: none}}",
        "s.yaml:4: market.mechanism: must let homes trade in the arm market",
    ),
    ("set: {seed.x: 1}\nrepetitions: 1", "s.yaml:4: seed: must be said once, not by s.yaml:3 too"),
    ("set: {tariff.name: dear}\nrepetitions: 1", "s.yaml:3: tariff.name: must be"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_a_run_that_cannot_be_made_is_refused_where_it_was_typed(text: str, message: str) -> None:
    _written(f"scenario: fontana\narms: [grid_only, market]\n{text}\n")
    with pytest.raises(InputError) as refused:
        plan(Typed("s.yaml"))
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


def test_what_the_command_line_says_is_refused_as_it_was_typed() -> None:
    for typed, message in (
        (Typed("moon", grid=["seed=1"]), "moon: must be a file or one of base, dynamic_caiso"),
        (Typed("fontana", grid=["run.days=1,0"]), "--grid run.days=1,0: run.days: must be at lea"),
        (
            Typed("fontana", grid=["seed=1"], more={"--arms": ["moon"]}),
            '--arms ["moon"]: arms: must be among gross',
        ),
        (Typed("fontana", ["run.day=1"], grid=["seed=1"]), "--set run.day=1: run.day: is not a"),
    ):
        with pytest.raises(InputError) as refused:
            plan(typed)
        assert str(refused.value).startswith(message)


def test_a_path_of_a_sweep_starts_at_its_file(refusal: Callable[[str], str]) -> None:
    Path("deep").mkdir()
    told = refusal(_written("scenario: fontana\ngrid: {tariff.path: [dear.csv]}\n", "deep/s.yaml"))
    assert "deep/dear.csv" in told


@pytest.fixture
def refusal() -> Callable[[str], str]:
    """Plan a sweep that is refused."""

    def told(name: str) -> str:
        with pytest.raises(InputError) as refused:
            plan(Typed(name))
        return str(refused.value)

    return told


def test_the_same_is_planned_again(tmp_path: Path) -> None:
    cube = "{runs_count: 3, knobs: {battery.capacity_kwh: [5.0, 9.0]}}"
    sweep = _written(f"scenario: fontana\nlatin_hypercube: {cube}\n", str(tmp_path / "s.yaml"))
    plans: list[Plan] = [plan(Typed(sweep)) for _ in range(2)]
    assert plans[0] == plans[1]
