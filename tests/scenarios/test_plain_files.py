"""Files of a folder are looked at before they are read."""

import os
from pathlib import Path

import pytest

from profiles.errors import InputError
from scenarios import plain_files


def test_a_plain_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"12345")
    assert plain_files.content(tmp_path, "a.json", 5) == b"12345"
    with pytest.raises(InputError, match=r"/a\.json: must have at most 4 bytes$"):
        plain_files.content(tmp_path, "a.json", 4)


def test_links_folders_and_devices_are_refused_without_a_look(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "zero").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for name in ("folder", "link", "zero", "pipe"):
        with pytest.raises(InputError, match=f"/{name}: must be a plain file$"):
            plain_files.content(tmp_path, name)


@pytest.mark.parametrize("name", ["..", ".", "", "../a", "a/b", "/etc/passwd", "a\0b", "x" * 9_000])
def test_only_names_of_the_folder_itself_find_a_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        plain_files.plain(tmp_path, name)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 200


def test_what_is_told_is_one_short_line(tmp_path: Path) -> None:
    told = str(plain_files.refusal(tmp_path, "\u202e" * 500, "a\n" * 500))
    assert told.isprintable()
    assert len(told) < 300
