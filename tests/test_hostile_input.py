"""Bad input of every kind: one line that says what and where, exit code 2, nothing written.

`tests/corpus/` holds a file for each kind of mistake, and `index.json` how its refusal begins.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks import fuzz

pytestmark = pytest.mark.usefixtures("in_an_empty_folder")

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "corpus"
INDEX = json.loads((CORPUS / "index.json").read_text(encoding="utf-8"))
DATA = ("profiles.source=file", "profiles.zone=UTC")


def _copied(path: str, changes: Iterable[str] = ()) -> None:
    """Bring a file of the corpus, and those that a change names, into the current folder."""
    for name in (path, *(change.partition("=")[2] for change in changes)):
        if (CORPUS / name).is_dir():
            shutil.copytree(CORPUS / name, name)
        elif (CORPUS / name).is_file():
            Path(name).parent.mkdir(exist_ok=True)
            shutil.copy(CORPUS / name, name)


def _arguments(path: str, changes: Iterable[str] = ()) -> list[str]:
    if path.startswith("scenarios/"):
        return ["compare", path]
    if path.startswith("capacity/"):
        return ["compare", "fontana", "--set", f"grid.capacity_path={path}", "--days", "1"]
    knobs = [f"profiles.path={path}", *DATA, *changes]
    return ["compare", "base", *(word for knob in knobs for word in ("--set", knob))]


@pytest.mark.parametrize(
    "case", INDEX, ids=lambda case: " ".join([case["path"], *case.get("set", ())])
)
def test_a_bad_file_is_refused_in_one_line(
    case: dict[str, str], refused: Callable[[list[str]], str]
) -> None:
    _copied(case["path"], case.get("set", ()))
    message = refused(_arguments(case["path"], case.get("set", ())))
    assert message.startswith(case["says"])


def test_every_file_of_the_corpus_has_its_refusal() -> None:
    named = {case["path"] for case in INDEX} | {
        knob.partition("=")[2] for case in INDEX for knob in case.get("set", ())
    }
    files = (path.relative_to(CORPUS) for path in CORPUS.glob("*/*"))
    assert {path.as_posix() for path in files} <= named
    assert len(INDEX) >= 120


def test_a_refusal_names_its_file_and_its_line_or_field() -> None:
    """Every line begins with a place, but for whole files that are not what they claim to be."""
    without = [
        case["says"]
        for case in INDEX
        if not re.match(r"error: (--set \S+: \w+\.\w+|[\w/.-]+(:\d+)?(: [^:]+)?): ", case["says"])
    ]
    assert without == []


@pytest.mark.parametrize(
    "path",
    ["data/watts.csv", "data/left_out_hour.csv", "scenarios/alias_bomb.yaml", "data/text.parquet"],
)
def test_the_process_itself_ends_with_one_line_and_code_2(path: str) -> None:
    _copied(path)
    command = [sys.executable, str(ROOT / "run.py"), *_arguments(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"error: [^\n]+\n", done.stderr)
    assert not Path("results").exists()


FUZZED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZED
@given(st.sampled_from(list(fuzz.TARGETS)), st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path: Path, target: str, content: bytes) -> None:
    fuzz.feed(target, content, tmp_path)


@FUZZED
@given(st.text(alphabet=st.sampled_from('ab:-#"[]{},&*!|>%@`~?\n 01.'), max_size=60))
def test_any_marks_of_yaml_are_read_or_refused(tmp_path: Path, text: str) -> None:
    fuzz.feed("yaml", text.encode(), tmp_path)
    fuzz.feed("scenario", text.encode(), tmp_path)


CELLS = (
    "1",
    "",
    "-1",
    "nan",
    "x",
    "1e999",
    '"',
    "2017-07-01T00:30",
    "2026-11-01 01:30",
    "7Z",
    "0.5",
)


@FUZZED
@given(
    st.sampled_from(
        ["ts,home,load_kwh", "ts,1,2", "ts,load_kwh_1,pv_kwh_1", "home,ts,load_kwh,type"]
    ),
    st.lists(st.lists(st.sampled_from(CELLS), min_size=2, max_size=4), max_size=6),
)
def test_any_cells_are_read_or_refused(tmp_path: Path, head: str, rows: list[list[str]]) -> None:
    text = "\n".join([head, *(",".join(row) for row in rows)])
    fuzz.feed("csv", text.encode(), tmp_path)


@FUZZED
@given(st.sampled_from(list(fuzz.TARGETS)), st.integers(0, 2**32 - 1))
def test_any_damage_to_a_file_is_read_or_refused(tmp_path: Path, target: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    begin = fuzz.seeds(target)
    one, other = (begin[int(rng.integers(len(begin)))] for _ in range(2))
    fuzz.feed(target, fuzz.mutated(one, other, rng), tmp_path)
