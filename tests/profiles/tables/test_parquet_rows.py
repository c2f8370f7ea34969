"""Parquet files: plain columns are read, all else is refused."""

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from profiles.errors import InputError
from profiles.tables.parquet_rows import columns, header


class Own(pa.ExtensionType):
    """A type that would have to run code to be read."""

    def __init__(self) -> None:
        super().__init__(pa.float64(), "test.own")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, *_: object) -> "Own":
        raise AssertionError("an extension type was built")


def _bytes(**given: Any) -> bytes:  # noqa: ANN401, anything that Arrow takes
    buffer = io.BytesIO()
    parquet.write_table(pa.table(given), buffer)
    return buffer.getvalue()


def test_texts_stay_in_their_dictionary_and_numbers_become_doubles() -> None:
    content = _bytes(
        ts=["a", "a", "b"],
        home=pa.array([1, 2, None], pa.int8()),
        load_kwh=pa.array([0.5, None, 2.0], pa.float32()),
        pv_kwh=[1, 2, 3],
        type=pa.array(["x", "y", "x"]).dictionary_encode(),
    )
    names, rows_count, _ = header(content, "a.parquet")
    assert (names, rows_count) == (["ts", "home", "load_kwh", "pv_kwh", "type"], 3)
    found = columns(content, "a.parquet", names)
    assert pa.types.is_dictionary(found["ts"].type)
    assert pa.types.is_dictionary(found["type"].type)
    assert found["home"].type == pa.int64()
    assert found["load_kwh"].to_pylist() == [0.5, None, 2.0]
    assert found["pv_kwh"].to_pylist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ({"load_kwh": ["1", "2"]}, "load_kwh: must be numbers (got 'string')"),
        ({"load_kwh": [True, False]}, "load_kwh: must be numbers (got 'bool')"),
        ({"load_kwh": [[1.0], [2.0]]}, "load_kwh: must be numbers (got 'list<element: double>')"),
        ({"home": [1.0, 2.0]}, "home: must be whole numbers (got 'double')"),
        ({"home": ["1", "2"]}, "home: must be whole numbers (got 'string')"),
        ({"ts": [1, 2]}, "ts: must be times or texts (got 'int64')"),
        ({"type": [1, 2]}, "type: must be texts (got 'int64')"),
    ],
)
def test_a_column_of_another_type_is_refused(column: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        header(_bytes(**column), "a.parquet")
    assert str(refusal.value) == f"a.parquet: {message}"


def test_an_extension_type_is_never_built() -> None:
    storage = pa.array([1.0, 2.0])
    pa.register_extension_type(Own())
    try:
        content = _bytes(load_kwh=pa.ExtensionArray.from_storage(Own(), storage))
    finally:
        pa.unregister_extension_type("test.own")
    names, *_ = header(content, "a.parquet")
    assert columns(content, "a.parquet", names)["load_kwh"].to_pylist() == [1.0, 2.0]


@pytest.mark.parametrize("cut", [0, 4, 100, -1, -9])
def test_a_damaged_file_is_refused(cut: int) -> None:
    content = _bytes(ts=["a", "b"], load_kwh=[1.0, 2.0])[:cut]
    with pytest.raises(InputError, match=r"^a.parquet: is not a whole Parquet file \("):
        header(content, "a.parquet")


def test_damage_within_the_pages_is_refused() -> None:
    content = bytearray(_bytes(ts=["a", "b"] * 500, load_kwh=[1.0, 2.0] * 500))
    content[4:60] = bytes(56)
    names, *_ = header(bytes(content), "a.parquet")
    with pytest.raises(InputError, match=r"^a.parquet: is not a whole Parquet file \("):
        columns(bytes(content), "a.parquet", names)


def test_a_file_says_how_long_it_is_unpacked() -> None:
    content = _bytes(load_kwh=[1.0] * 100_000)
    *_, unpacked_bytes = header(content, "a.parquet")
    assert len(content) < 20_000
    assert unpacked_bytes > 0
    random = np.random.default_rng(1).random(100_000)
    *_, unpacked_bytes = header(_bytes(load_kwh=random), "a.parquet")
    assert unpacked_bytes > 800_000
