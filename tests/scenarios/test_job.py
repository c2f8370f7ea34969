"""One run as it is handed around."""

from pathlib import Path

from scenarios import job, store
from scenarios.job import Job
from scenarios.load import load

DAY = ("run.days=1", "homes.count=2")


def test_a_job_survives_as_json() -> None:
    first = Job(scenario=load("fontana", DAY), arms=("gross", "self_use"), csv=True)
    assert Job.model_validate_json(first.model_dump_json()) == first


def test_a_job_leaves_a_whole_folder_which_is_returned_at_once(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    asked = Job(scenario=load("fontana", DAY), arms=("gross",))
    folder = job.execute(asked, tmp_path / "a", lambda *each: told.append(each))
    assert folder == tmp_path / "a"
    assert store.verify(folder) == []
    assert told[-1] == ("gross", 48, 48)
    told.clear()
    assert job.execute(asked, folder, lambda *each: told.append(each)) == folder
    assert told == []
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_simulation_is_a_job_too(tmp_path: Path) -> None:
    knobs = (*DAY, "strategy.name=self_use", "market.mechanism=none")
    folder = job.execute(Job(scenario=load("fontana", knobs), simulate=True), tmp_path / "a")
    assert (folder / "optimized_results.csv").exists()


def test_what_was_begun_is_found_and_finished(tmp_path: Path) -> None:
    asked = Job(scenario=load("fontana", DAY), arms=("gross",))
    draft = tmp_path / ".a.unfinished"
    draft.mkdir()
    (draft / "job.json").write_text(asked.model_dump_json(), encoding="utf-8")
    assert job.unfinished(tmp_path) == job.unfinished(draft) == [draft]
    assert job.proceed(draft) == tmp_path / "a"
    assert store.verify(tmp_path / "a") == []
    assert job.unfinished(tmp_path) == []
