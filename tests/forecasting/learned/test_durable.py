"""Of a foreign file only tensors are believed."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from forecasting.learned import durable
from profiles.errors import InputError

WEIGHTS = {"a": torch.arange(6.0).view(2, 3), "b": torch.zeros(0, 3)}


def test_tensors_come_back_as_they_went(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(durable.packed(WEIGHTS))
    back = durable.unpacked(tmp_path / "here", WEIGHTS)
    assert all(torch.equal(back[name], each) for name, each in WEIGHTS.items())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "here: must be a file of safetensors ("),
        (b"\x80\x04cposix\nsystem\n", "here: must be a file of safetensors ("),
        (save(WEIGHTS)[:-1], "here: must be a file of safetensors ("),
        (b"\xff" * 64, "here: must be a file of safetensors ("),
        (save({"a": WEIGHTS["a"]}), "here: 'b': is missing"),
        (save({**WEIGHTS, "c\n": torch.zeros(1)}), "here: 'c\\n': is not one of this network"),
        (
            save({**WEIGHTS, "a": torch.zeros(3, 2)}),
            "here: a: must have shape (2, 3), float32 (got (3, 2), float32)",
        ),
        (
            save({**WEIGHTS, "a": torch.zeros(2, 3, dtype=torch.float64)}),
            "here: a: must have shape (2, 3), float32 (got (2, 3), float64)",
        ),
        (save({**WEIGHTS, "a": torch.full((2, 3), torch.nan)}), "here: a: must hold finite number"),
    ],
)
def test_other_tensors_are_refused_in_one_line(
    content: bytes, message: str, tmp_path: Path
) -> None:
    (tmp_path / "here").write_bytes(content)
    with pytest.raises(InputError) as error:
        durable.unpacked(tmp_path / "here", WEIGHTS)
    assert str(error.value).startswith(f"{tmp_path}/{message}")
    assert "\n" not in str(error.value)


def test_a_file_is_hashed_as_its_bytes_are(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"abc")
    assert durable.digest_of(tmp_path / "kept") == durable.sha256_of(b"abc")
    assert durable.sha256_of(b"abc").startswith("ba7816bf")  # the example of FIPS 180-2
    with pytest.raises(InputError, match=r"none: cannot be read \(No such file"):
        durable.digest_of(tmp_path / "none")


def test_a_file_that_is_too_long_or_none_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"12345")
    with pytest.raises(InputError, match=r"long: must have at most 4 bytes \(got 5\)"):
        durable.content_of(tmp_path / "long", 4)
    with pytest.raises(InputError, match=r"none: must be a file \(there is none\)"):
        durable.content_of(tmp_path / "none", 4)
    with pytest.raises(InputError, match=r"must be a file"):
        durable.content_of(tmp_path, 4)
