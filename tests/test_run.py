"""The command line: what it prints where, what it leaves behind, how it ends."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import run
from profiles.profiles import Profiles
from profiles.sources import Told
from scenarios import family, fit, load, preflight, store
from scenarios.schema import Scenario
from scenarios.summary import Summary

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

ROOT = Path(__file__).parents[1]


def _shell(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a person does; files appear in the current folder."""
    command = [sys.executable, str(ROOT / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    shown = _shell("--help")
    assert shown.returncode == 0
    for command in (
        "compare",
        "simulate",
        "scenarios",
        "validate",
        "verify",
        "export",
        "generate",
        "schema",
        "check",
        "train",
        "evaluate",
        "batch",
        "resume",
    ):
        assert f"\n  {command} " in shown.stdout
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import run; run.main(['--help']);"
        "print(sorted({'numpy', 'numba', 'mesa', 'pydantic', 'pyarrow'} & set(sys.modules)))"
    )
    python = [sys.executable, "-c", code, str(ROOT)]
    loaded = subprocess.run(python, capture_output=True, text=True, check=True)
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_a_comparison_prints_a_table_and_stores_what_it_printed(short: tuple[str, ...]) -> None:
    done = _shell("compare", "fontana_mixed", *short)
    assert (done.returncode, done.stderr) == (0, "")
    folder = Path(done.stdout.splitlines()[-1].removeprefix("result_folder: "))
    assert folder.parent == Path("results")
    assert store.verify(folder) == []
    for arm in ("gross", "grid_only", "self_use", "time_of_use", "plan_alone", "market"):
        assert f"\n{arm} " in done.stdout
    assert "\x1b" not in done.stdout


def test_json_is_one_object_on_stdout(
    capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    assert run.main(["compare", "fontana", *short, "--json", "--seed", "5"]) == run.OK
    found = json.loads(capsys.readouterr().out)
    folder = Path(found.pop("result_folder"))
    assert found == json.loads((folder / "summary.json").read_bytes())
    assert found["seed"] == 5
    assert Summary.model_validate_json(json.dumps(found)).homes_count == 2


def test_without_a_command_the_reference_case_is_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = load.with_profiles("fontana_mixed", ["homes.count=1", "run.days=1"])
    asked: list[object] = []

    def stand_in(*typed: object, told: Told) -> tuple[Scenario, Profiles]:  # noqa: ARG001
        asked.extend(typed)
        return loaded

    monkeypatch.setattr(load, "with_profiles", stand_in)
    assert run.main([]) == run.OK
    assert asked == ["fontana_mixed", [], {"--start": "2017-07-01", "--days": 7}, []]
    assert "result_folder: results/sim_" in capsys.readouterr().out


def test_a_simulation_runs_the_scenarios_own_strategy(
    capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    arguments = ["simulate", "fontana", *short, "--set", "strategy.name=self_use"]
    arguments += ["--set", "market.mechanism=none", "--out", "deep/out"]
    assert run.main(arguments) == run.OK
    printed = capsys.readouterr().out
    assert "\nself_use " in printed
    assert "result_folder: deep/out/sim_" in printed
    assert len(list(Path("deep/out").glob("sim_*/optimized_results.csv"))) == 1


def test_arms_are_chosen_by_name(
    capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    assert run.main(["compare", "fontana", *short, "--arms", "self_use,grid_only"]) == run.OK
    printed = capsys.readouterr().out
    assert "\nself_use " in printed
    assert "\nmarket " not in printed


def test_an_override_is_laid_over_a_scenario(
    capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    Path("dear.yaml").write_text("market: {fee_cents_per_kwh: 2.5}\n", encoding="utf-8")
    arguments = ["validate", "fontana", "--json", "--override", "unlimited"]
    assert run.main([*arguments, "--override", "dear.yaml"]) == run.OK
    market = json.loads(capsys.readouterr().out)["market"]
    assert (market["order_max_kwh"], market["fee_cents_per_kwh"]) == (None, 2.5)
    assert run.main(["compare", "fontana", *short, "--override", "unlimited"]) == run.OK
    assert "\nunlimited " not in capsys.readouterr().out  # the market is that already


def test_scenarios_are_listed_with_their_purpose(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["scenarios"]) == run.OK
    lines = capsys.readouterr().out.splitlines()
    groups = family.groups()
    assert [line for line in lines if line and line[0] != " "] == list(groups)
    told = [line for line in lines if line.startswith("  ")]
    names = [name for group in groups.values() for name in group]
    assert [line.split()[0] for line in told] == names
    assert run.main(["scenarios", "--json"]) == run.OK
    rows = json.loads(capsys.readouterr().out)
    marks = [f" [needs {row['needs']}]" if row["needs"] else "" for row in rows]
    assert [mark for mark in marks if mark] == [" [needs tariff.path]"]
    shown = [f"  {row['name']:20}  {row['purpose']}" for row in rows]
    assert [text + mark for text, mark in zip(shown, marks, strict=True)] == told
    assert [row["name"] for row in rows if row["group"] == "grid"] == list(groups["grid"])


def test_a_run_reads_its_homes_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    read, calls = fit.read_profiles, []

    def counted(scenario: Scenario, told: Told | None = None) -> Profiles:
        calls.append(scenario.name)
        return read(scenario, told)

    monkeypatch.setattr(fit, "read_profiles", counted)
    assert run.main(["compare", "fontana", *short, "--arms", "gross"]) == run.OK
    assert run.main(["simulate", "fontana", *short]) == run.OK
    assert calls == ["fontana", "fontana"]
    assert capsys.readouterr().err == ""


def test_validating_writes_nothing_and_can_print_the_whole_scenario(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run.main(["validate", "fontana", "--set", "run.days=3"]) == run.OK
    assert capsys.readouterr().out == "ok: fontana, 3 days from 2017-07-01\n"
    assert run.main(["validate", "fontana", "--json"]) == run.OK
    assert Scenario.model_validate_json(capsys.readouterr().out) == load.load("fontana")
    assert list(Path().iterdir()) == []


def test_a_folder_and_a_ledger_can_be_verified(
    capsys: pytest.CaptureFixture[str], short: tuple[str, ...]
) -> None:
    assert run.main(["compare", "fontana", *short, "--json", "--arms", "self_use"]) == run.OK
    folder = Path(json.loads(capsys.readouterr().out)["result_folder"])
    for path in (folder, folder / "ledger.bin"):
        assert run.main(["verify", str(path)]) == run.OK
        assert capsys.readouterr().out == f"ok: {path}\n"
    content = bytearray((folder / "ledger.bin").read_bytes())
    content[-1] ^= 1
    (folder / "ledger.bin").write_bytes(content)
    for path in (folder, folder / "ledger.bin"):
        assert run.main(["verify", str(path)]) == run.NOT_VERIFIED
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "block 47, record " in captured.err
    assert run.main(["verify", str(folder), "--json"]) == run.NOT_VERIFIED
    assert json.loads(capsys.readouterr().out)["ok"] is False


@pytest.mark.parametrize(("of", "title"), [("scenario", "Scenario"), ("summary", "Summary")])
def test_a_schema_is_printed_as_json(
    capsys: pytest.CaptureFixture[str], of: str, title: str
) -> None:
    assert run.main(["schema", of]) == run.OK
    assert json.loads(capsys.readouterr().out)["title"] == title


def test_the_schema_of_a_scenario_has_limits_units_and_defaults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run.main(["schema"]) == run.OK
    battery = json.loads(capsys.readouterr().out)["$defs"]["BatteryConfig"]["properties"]
    assert battery["capacity_kwh"]["exclusiveMinimum"] == 0
    assert battery["capacity_kwh"]["default"] == 13.5
    assert "[kWh]" in battery["capacity_kwh"]["description"]


def test_the_pre_flight_check_prints_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["check"]) == run.OK
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["ok", name] for name in ("data", "planner", "step", "results", "features")
    ]
    broken = preflight.Check("data", ok=False, text="no such file")
    monkeypatch.setattr(preflight, "checks", lambda *_: iter([broken]))
    assert run.main(["check"]) == run.FAILED
    assert capsys.readouterr().out.split() == ["FAILED", "data", "no", "such", "file"]


REFUSED = [
    (["compare", "x.yaml"], "error: x.yaml:2: battery.capacity_kwh: must be above 0"),
    (["simulate", "x.yaml"], "error: x.yaml:2: battery.capacity_kwh: must be above 0"),
    (["validate", "x.yaml"], "error: x.yaml:2: battery.capacity_kwh: must be above 0"),
    (["compare", "twice.yaml"], "error: twice.yaml:2: seed: given twice, first in line 1"),
    (["compare", "none.yaml"], "error: none.yaml: no such file"),
    (["compare", "."], "error: .: a folder, not a file"),
    (["compare", "moon"], "error: moon: must be a file or one of base, dynamic_caiso, "),
    (["compare", "fontana", "--set", "seed=yes"], "error: --set seed=yes: write true or false"),
    (["compare", "fontana", "--set", "sead=1"], "error: --set sead=1: sead: is not a known key"),
    (["compare", "fontana", "--start", "2016-08-02"], "error: --start 2016-08-02: run.start: must"),
    (["compare", "fontana", "--start", "2017-07-31"], "error: --start 2017-07-31: run.start: must"),
    (["compare", "fontana", "--days", "400"], "error: --days 400: run.days: must be at most 350"),
    (["compare", "fontana", "--homes", "0"], "error: --homes 0: homes.count: must be at least 1"),
    (["compare", "fontana", "--arms", "moon"], "error: arms: must be among gross, grid_only"),
    (["compare", "fontana", "--arms", ""], "error: arms: must be among gross, grid_only"),
    (
        ["compare", "fontana", "--set", "market.mechanism=none"],
        "error: market.mechanism: must let homes trade",
    ),
    (["compare", "fontana", "--out", "x.yaml/a"], "error: --out x.yaml/a: must be a folder (x.yam"),
    (["simulate", "fontana", "--out", "x.yaml"], "error: --out x.yaml: must be a folder (x.yaml"),
    (["compare", "fontana", "--workers", "0"], "error: Invalid value for '--workers'"),
    (["compare", "fontana", "--days", "many"], "error: Invalid value for '--days'"),
    (["compare", "fontana", "--nope"], "error: No such option"),
    (["compare"], "error: Missing argument 'SCENARIO'"),
    (["explode"], "error: No such command 'explode'"),
    (["verify", "none"], "error: none: no such folder"),
    (["verify", "rated"], "error: rated: must be the folder of a run (it holds an evaluation)"),
    (["check", "moon"], "error: moon: must be a file or one of base, dynamic_caiso, "),
    (["check", "x.yaml"], "error: x.yaml:2: battery.capacity_kwh: must be above 0"),
    (["compare", "fontana", "--override", "moon"], "error: --override moon: must be a file or one"),
    (["validate", "fontana", "--override", "x.yaml"], "error: x.yaml:2: battery.capacity_kwh: mu"),
    (["generate", "profiles", "--output", "a.txt"], "error: a.txt: must end in .csv or .parquet"),
    (["generate", "grid-capacity", "--output", "a.csv", "--steps", "0"], "error: steps: must be"),
    (["schema", "moon"], "error: schema: must be scenario, summary, timeline or parameters (got"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_bad_input_is_refused_in_one_line_before_anything_is_written(
    arguments: list[str], message: str, refused: Callable[[list[str]], str]
) -> None:
    Path("x.yaml").write_text("battery:\n  capacity_kwh: -3\n", encoding="utf-8")
    Path("twice.yaml").write_text("seed: 1\nseed: 2\n", encoding="utf-8")
    Path("rated").mkdir()
    Path("rated/evaluation.json").write_text("{}", encoding="utf-8")
    assert refused(arguments).startswith(message)


def test_the_process_ends_with_the_code() -> None:
    refused = _shell("compare", "moon")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("error: moon: ")


def test_a_traceback_is_shown_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COMMONWATT_DEBUG", "1")
    assert run.main(["compare", "moon"]) == run.REFUSED
    assert "Traceback" in capsys.readouterr().err
