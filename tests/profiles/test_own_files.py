"""What ships is named by its place in the project, whatever else is named by where it lies."""

from pathlib import Path

import pytest

from profiles import own_files

LONDON = "shipped:profiles/data/london.parquet"


def test_a_file_of_the_project_is_named_by_its_place_and_found_by_it() -> None:
    path = own_files.ROOT / "profiles" / "data" / "london.parquet"
    assert own_files.marked(str(path)) == LONDON
    assert own_files.is_marked(LONDON)
    assert own_files.found(LONDON) == path
    assert path.is_file()


@pytest.mark.parametrize("place", ["docs/costs.svg", "../profiles/data/x.csv", "profiles.csv"])
def test_any_other_file_is_named_by_where_it_lies(place: str) -> None:
    path = str(own_files.ROOT / place).replace("/../", "/elsewhere/")
    assert own_files.marked(path) == path
    assert not own_files.is_marked(path)
    assert own_files.found(path) == Path(path)


@pytest.mark.parametrize(
    "path",
    ["shipped:../x.csv", "shipped:profiles/../../x.csv", "shipped:/x.csv", "shipped:run.py"],
)
def test_a_mark_leads_nowhere_but_to_data_of_the_project(path: str) -> None:
    assert not own_files.is_marked(path)
    assert own_files.found(path) == Path(path)


def test_the_name_is_the_same_wherever_the_project_lies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(own_files, "ROOT", tmp_path)
    assert own_files.marked(str(tmp_path / "profiles" / "data" / "london.parquet")) == LONDON
    assert own_files.found(LONDON) == tmp_path / "profiles" / "data" / "london.parquet"
