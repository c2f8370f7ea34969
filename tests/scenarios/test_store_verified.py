"""A folder of results is what was written, or every difference is found; nothing else is opened."""

import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from profiles.errors import InputError
from scenarios import plain_files, store
from scenarios.compare import Comparison

FILES = [
    *("DONE", "arms.svg", "baseline_results.csv", "ledger.bin", "manifest.json"),
    *("optimized_results.csv", "params.json", "prices.parquet", "steps.parquet", "summary.json"),
    "trades.parquet",
]


@pytest.fixture
def folder(tmp_path: Path, comparison: Comparison) -> Path:
    """Store the small comparison."""
    folder = store.save(comparison, tmp_path / "out")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    return folder


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_changed_or_taken_away_is_found(folder: Path, name: str) -> None:
    path = folder / name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    changed = store.verify(folder)
    path.unlink()
    taken = store.verify(folder)
    blamed = "manifest.json" if name == "DONE" else name
    assert any(problem.startswith(blamed) for problem in changed)
    assert any(problem.startswith(name) for problem in taken)


def _rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest and sign it as if the run had written it so."""
    path = folder / "manifest.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    signature = sha256(path.read_bytes()).hexdigest()
    (folder / "DONE").write_text(f"{signature}\n", encoding="utf-8")


def test_a_manifest_of_another_scenario_does_not_fit_the_ledger(folder: Path) -> None:
    _rewrite(folder, lambda content: content["scenario"].update(seed=99))
    assert store.verify(folder) == ["ledger.bin: belongs to another scenario than the manifest's"]


def test_a_manifest_that_leaves_a_file_out_is_found(folder: Path) -> None:
    _rewrite(folder, lambda content: content["outputs"].pop("summary.json"))
    assert store.verify(folder) == ["summary.json: not in the manifest"]


def test_a_file_that_the_run_did_not_write_is_found(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert store.verify(folder) == ["notes.txt: was not written by the run"]


def test_what_is_no_manifest_is_reported(folder: Path) -> None:
    for text in ("", "{}", "[1]", "\x00"):
        (folder / "manifest.json").write_text(text, encoding="utf-8")
        assert store.verify(folder) == ["manifest.json: is not the manifest of a run"]


def test_an_unfinished_folder_is_reported(tmp_path: Path) -> None:
    assert store.verify(tmp_path) == ["manifest.json: cannot be read (No such file or directory)"]


def test_a_ledger_alone_is_verified(folder: Path) -> None:
    path = folder / "ledger.bin"
    assert store.verify(path) == []
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert "block 47, record " in store.verify(path)[0]


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        store.verify(tmp_path / "none")


@pytest.mark.parametrize("name", FILES)
def test_what_is_no_plain_file_is_named_and_never_opened(folder: Path, name: str) -> None:
    path, elsewhere = folder / name, folder.parent / "elsewhere"
    path.rename(elsewhere)
    for put in (lambda: path.symlink_to(elsewhere), lambda: path.symlink_to("/dev/zero")):
        put()
        assert f"{name}: must be a plain file" in store.verify(folder)
        path.unlink()
    os.mkfifo(path)  # opening it would wait for ever
    assert f"{name}: must be a plain file" in store.verify(folder)


def test_a_file_of_another_length_is_not_read_through(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.truncate(folder / "steps.parquet", 1 << 40)  # takes no room, and minutes to read
    assert store.verify(folder) == ["steps.parquet: differs from what was written"]
    monkeypatch.setattr(plain_files, "LEDGER_BYTES_MAX", 10)
    assert "ledger.bin: must have at most 10 bytes" in store.verify(folder)
    os.truncate(folder / "manifest.json", 1 << 40)
    assert store.verify(folder) == ["manifest.json: must have at most 67108864 bytes"]


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", "..", "", "a\0b", "x" * 9_000, "\u202e"]
)
def test_a_manifest_that_names_other_files_opens_none(folder: Path, name: str) -> None:
    (folder.parent / "outside").write_text("", encoding="utf-8")
    entry = {"bytes_count": 0, "sha256": sha256(b"").hexdigest()}
    _rewrite(folder, lambda content: content["outputs"].update({name: entry}))
    (problem,) = store.verify(folder)
    assert problem.isprintable()
    assert len(problem) < 150
