"""What a manifest says."""

from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from profiles import fontana
from scenarios.arms import ARMS
from scenarios.compare import Comparison
from scenarios.manifest import Fill, Manifest, described, manifest, versions


def test_a_manifest_names_what_was_run(comparison: Comparison) -> None:
    found = manifest(comparison, {})
    assert found.scenario == comparison.scenario
    assert found.arms == tuple(ARMS)
    assert found.ledger_arm == "market"
    heads = {name: results.ledger_head for name, results in comparison.arms.items()}
    assert found.ledger_heads == heads
    assert len(set(heads.values())) == len(ARMS)


def test_inputs_are_the_files_that_were_read(comparison: Comparison) -> None:
    found = manifest(comparison, {}).inputs
    assert list(found) == [
        "profiles/data/fontana.parquet",
        "profiles/data/tariff_pge_tou_c.yaml",
        "profiles/data/carbon_caiso_pge.parquet",
    ]
    for name, file in found.items():
        content = files("profiles").joinpath("data", Path(name).name).read_bytes()
        assert file.sha256 == sha256(content).hexdigest()
        assert file.bytes_count == len(content)


def test_outputs_are_hashed_whether_in_memory_or_on_disk(
    tmp_path: Path, comparison: Comparison
) -> None:
    content = bytes(range(256)) * 10_000  # more than is read at once
    (tmp_path / "b").write_bytes(content)
    found = manifest(comparison, {"b": tmp_path / "b", "a": content}).outputs
    assert list(found) == ["a", "b"]
    assert found["a"] == found["b"] == described(content)
    assert found["a"].sha256 == sha256(content).hexdigest()
    assert found["a"].bytes_count == 2_560_000


def test_neither_a_path_nor_the_present_stands_in_it(
    tmp_path: Path, comparison: Comparison
) -> None:
    (tmp_path / "b").write_bytes(b"")
    text = manifest(comparison, {"b": tmp_path / "b"}).model_dump_json()
    assert str(tmp_path) not in text
    assert str(Path.cwd()) not in text
    assert Manifest.model_validate_json(text) == manifest(comparison, {"b": b""})


def test_versions_of_all_that_computes_are_listed() -> None:
    assert {"python", "numpy", "numba", "pyarrow", "mesa", "commonwatt"} <= versions().keys()
    assert all(version[0].isdigit() for version in versions().values())


@pytest.mark.parametrize(
    ("step_minutes", "text"),
    [(15, "split into 4 equal parts"), (30, "split into 2 equal parts"), (60, "used as metered")],
)
def test_it_says_how_hours_became_steps(
    comparison: Comparison, step_minutes: int, text: str
) -> None:
    read = replace(comparison, profiles=fontana.read(step_minutes))
    found = manifest(read, {})
    assert text in found.resampling
    assert found.fill == Fill(method="none", steps_count={}, weather_count=0)


def test_it_counts_what_was_filled_by_home(comparison: Comparison) -> None:
    profiles = comparison.profiles
    filled = np.zeros(profiles.load_kwh.shape, np.bool_)
    filled[3:8, 1] = filled[50, 3] = True
    origin = replace(profiles.origin, fill="linear", weather_filled_count=2)
    marked = replace(profiles, filled=filled, origin=origin)
    fill = manifest(replace(comparison, profiles=marked), {}).fill
    assert fill == Fill(method="linear", steps_count={"2": 5, "4": 1}, weather_count=2)
