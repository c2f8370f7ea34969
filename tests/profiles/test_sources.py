"""Every source by its name."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from profiles import fontana, sources
from profiles.config import ProfilesConfig, SyntheticConfig
from profiles.recorded.write import write_long
from profiles.synthetic import generator


def test_every_source_that_can_be_typed_has_a_reader() -> None:
    assert set(sources.SOURCES) == set(get_args(ProfilesConfig.model_fields["source"].annotation))


def test_fontana_is_the_default() -> None:
    found = sources.read(ProfilesConfig(), 60, 0)
    assert np.array_equal(found.load_kwh, fontana.read(60).load_kwh)
    assert [each.name for each in found.origin.inputs] == ["profiles/data/fontana.parquet"]
    assert found.origin.resampling == "metered by the hour, used as metered"


def test_a_file_is_read_in_the_steps_of_the_run(tmp_path: Path) -> None:
    write_long(fontana.read(60).until(47), tmp_path / "a.csv")
    found = sources.read(ProfilesConfig(source="file", path=str(tmp_path / "a.csv")), 15, 0)
    assert (found.step_minutes, found.steps_count) == (15, 192)


def test_generated_homes_come_as_sums_and_tell_how_far_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = SyntheticConfig(homes_count=3, days=2)
    whole = generator.generate(config, 60, 4)
    monkeypatch.setattr(generator, "_BLOCK_VALUES", 2 * 48)  # two homes at once
    told: list[tuple[int, int]] = []
    asked = ProfilesConfig(source="synthetic", synthetic=config)
    found = sources.read(asked, 60, 4, lambda *homes: told.append(homes))
    assert told == [(2, 3), (3, 3)]
    assert found.load_kwh.tobytes() == whole.load_kwh.tobytes()
    assert found.pv_kwh.tobytes() == whole.pv_kwh.tobytes()
    assert (found.appliances_kwh, len(whole.appliances_kwh)) == ({}, 9)
