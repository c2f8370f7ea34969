"""A folder for runs is the dashboard's own or has a plain name right below it."""

import string
from pathlib import Path

import pytest

from dashboard import folders
from profiles.errors import InputError
from scenarios import stored

TRAVERSALS = [
    *("..", ".", "../x", "x/..", "a/b", "/etc", "/", "~", "~root", "a\\b", "..\\x", "C:", "C:\\x"),
    *("\0", "a\0b", "a\n", "\r", " ", " a", "a ", "a b", ".hidden", "-rf", "_x", "$HOME", "`id`"),
    *("%2e%2e", "%2e%2e%2fx", "..%2f", "..;/", "....//", "\u2025", "\uff0e\uff0e", "\u2215etc"),
    *("con", "CON", "nul", "aux", "prn", "com1", "LPT9", "x" * 51, "a:b", "a*", "a?", "a|b", "<a>"),
    *(f"a{mark}b" for mark in string.punctuation if mark not in "-_"),
    *(f"{'../' * times}x" for times in range(1, 20)),
    *(f"/{'x/' * times}" for times in range(1, 10)),
]


def test_there_are_a_hundred_names() -> None:
    assert len(set(TRAVERSALS)) >= 100


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"^folder: must be a name of at most 50 letters") as error:
        folders.chosen(tmp_path, name)
    assert str(tmp_path) not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_plain_name_is_right_below_and_not_made_yet(tmp_path: Path) -> None:
    assert folders.chosen(tmp_path, "summer-2026") == tmp_path / "summer-2026"
    assert folders.chosen(tmp_path, "") == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_folders_are_listed_but_for_runs_links_and_files(tmp_path: Path) -> None:
    for name in ("summer", "sim_1", "target", ".hidden", "two words"):
        (tmp_path / name).mkdir()
    (tmp_path / "sim_1" / "params.json").write_text("{}", encoding="utf-8")
    (tmp_path / "notes").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert folders.listed(tmp_path) == ["summer", "target"]
    assert folders.chosen(tmp_path, "summer") == tmp_path / "summer"
    for name in ("sim_1", "notes", "link"):
        with pytest.raises(InputError, match="must be a new one, or one for runs"):
            folders.chosen(tmp_path, name)


def test_folders_are_listed_without_reading_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sim_1").mkdir()
    (tmp_path / "sim_1" / "DONE").touch()
    monkeypatch.setattr(stored, "manifest", lambda *_: pytest.fail("was read"))
    assert folders.listed(tmp_path) == []


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert folders.listed(tmp_path / "later") == []
