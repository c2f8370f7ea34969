"""The hidden folder beside the one to come."""

from itertools import islice
from pathlib import Path

from scenarios import drafts, job


def _begun(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / drafts.JOB).write_text("{}", encoding="utf-8")
    return path


def test_a_draft_lies_hidden_beside_its_folder() -> None:
    folder = Path("results/sim_1.5")
    assert drafts.draft_of(folder) == Path("results/.sim_1.5.unfinished")
    assert drafts.folder_of(drafts.draft_of(folder)) == folder


def test_names_are_free_where_neither_a_folder_nor_a_draft_stands(tmp_path: Path) -> None:
    (tmp_path / "sim").mkdir()
    drafts.draft_of(tmp_path / "sim-2").mkdir()
    names = [path.name for path in islice(drafts.free(tmp_path, "sim"), 2)]
    assert names == ["sim-3", "sim-4"]


def test_a_draft_is_found_from_the_folder_above_from_its_own_and_by_itself(tmp_path: Path) -> None:
    first, second = (_begun(tmp_path / f".{name}.unfinished") for name in "ab")
    (tmp_path / ".c.unfinished").mkdir()  # nothing says what it is of
    (tmp_path / ".d.unfinished").symlink_to(first)
    _begun(tmp_path / "e")
    assert job.unfinished(tmp_path) == [first, second]
    assert job.unfinished(tmp_path / "b") == [second]
    assert job.unfinished(second) == [second]
    assert job.unfinished(tmp_path / "none") == []
    assert job.unfinished(Path("/")) == []


def test_results_that_are_whole_are_worth_keeping_and_nothing_else_is(tmp_path: Path) -> None:
    draft = _begun(tmp_path / ".a.unfinished")
    assert not drafts.is_worth_keeping(draft)
    drafts.results(draft).mkdir()
    assert not drafts.is_worth_keeping(draft)
    (drafts.results(draft) / "DONE").touch()
    assert drafts.is_worth_keeping(draft)
    drafts.remove(draft)
    assert list(tmp_path.iterdir()) == []


def test_the_program_is_known_by_its_modules() -> None:
    assert len(drafts.program_sha256()) == 64
    assert drafts.program_sha256() == drafts.program_sha256()
