"""Which runs a report is made of, and what is refused in one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios.reporting import folders


def refusal(*paths: Path) -> str:
    with pytest.raises(InputError) as refused:
        folders.collected(paths)
    told = str(refused.value)
    assert told.isprintable(), "one line"
    return told


def test_runs_are_named_by_their_folders(two_runs: tuple[Path, Path]) -> None:
    found = folders.collected(two_runs)
    assert [run.label for run in found.runs] == ["plain", "<b>cheap & free"]
    assert found.missing == []
    for run, folder in zip(found.runs, two_runs, strict=True):
        assert run.sha256 == (folder / "DONE").read_text(encoding="utf-8").strip()
        assert run.manifest.scenario.run.days == 3


def test_a_batch_is_all_its_runs_and_tells_which_failed(batch: Path) -> None:
    found = folders.collected([batch])
    assert [run.label for run in found.runs] == ["00001", "00002", "00003", "00004"]
    assert [(each.label, each.problem) for each in found.missing] == [
        ("00005", "law <script>alert(1)</script> was broken")
    ]


def test_a_batch_beside_other_folders_is_named(batch: Path, two_runs: tuple[Path, Path]) -> None:
    labels = [run.label for run in folders.collected([two_runs[0], batch]).runs]
    assert labels == ["plain", *(f"{batch.name}/0000{number}" for number in (1, 2, 3, 4))]


def test_runs_of_one_name_are_told_apart_by_their_parents(
    two_runs: tuple[Path, Path], tmp_path: Path
) -> None:
    copies = [Path(shutil.copytree(two_runs[0], tmp_path / name / "sim")) for name in "ab"]
    assert [run.label for run in folders.collected(copies).runs] == ["a/sim", "b/sim"]
    deeper = [Path(shutil.copytree(two_runs[0], tmp_path / x / "c" / "sim")) for x in "de"]
    assert [run.label for run in folders.collected(deeper).runs] == ["c/sim (1)", "c/sim (2)"]


def test_runs_of_a_batch_that_are_not_whole_are_left_out(batch: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(batch, tmp_path / "batch"))
    (copy / "runs" / "00002" / "DONE").unlink()
    (copy / "runs" / "notes.txt").write_text("mine", encoding="utf-8")
    found = folders.collected([copy])
    assert [run.label for run in found.runs] == ["00001", "00003", "00004"]
    assert [(each.label, each.problem) for each in found.missing][:1] == [("00002", "not finished")]


@pytest.mark.parametrize(
    "content", ["no json", "[]", '{"runs": 5}', '{"runs": [1, {"number": "x"}]}']
)
def test_a_plan_that_is_damaged_names_no_run(batch: Path, tmp_path: Path, content: str) -> None:
    copy = Path(shutil.copytree(batch, tmp_path / "batch"))
    (copy / "batch.json").write_text(content, encoding="utf-8")
    found = folders.collected([copy])
    assert len(found.runs) == 4
    assert [each.label for each in found.missing] == ["00005"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps({"problem": "disk full"}), "disk full"),
        (json.dumps({"problem": "two\nlines"}), "'two\\nlines'"),
        (json.dumps({"problem": 5}), "failed"),
        (json.dumps([1]), "failed"),
        ("no json", "failed"),
    ],
)
def test_whatever_stands_in_the_record_of_a_failure_is_one_line(
    batch: Path, tmp_path: Path, content: str, told: str
) -> None:
    copy = Path(shutil.copytree(batch, tmp_path / "batch"))
    (copy / "failed" / "00005.json").write_text(content, encoding="utf-8")
    assert [each.problem for each in folders.collected([copy]).missing] == [told]


def test_what_cannot_be_reported_is_refused_in_one_line(
    two_runs: tuple[Path, Path], copied: Callable[[str], Path], tmp_path: Path
) -> None:
    one = two_runs[0]
    empty = tmp_path / "batch"
    empty.mkdir()
    (empty / "batch.json").touch()
    assert refusal() == "a report needs a folder"
    assert refusal(one, one) == f"{one}: is named twice"
    assert refusal(one, one.parent / "other" / ".." / one.name).endswith("is named twice")
    assert refusal(empty) == f"{empty}: has no finished run"
    assert refusal(tmp_path / "nowhere").endswith("nowhere: no such folder")
    damaged = copied("damaged")
    with (damaged / "steps.parquet").open("ab") as file:
        file.write(b"x")
    assert refusal(damaged) == "damaged/steps.parquet: differs from what was written"
    (damaged / "DONE").unlink()
    assert refusal(damaged).startswith("damaged/DONE: is missing")
