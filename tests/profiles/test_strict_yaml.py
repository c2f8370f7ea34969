"""Strict YAML: a corpus of documents that are refused, and laws for those that are not."""

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from profiles.errors import InputError
from profiles.strict_yaml import DEPTH_MAX, Document, Value, dump, parse, read

Writer = Callable[[dict[str, Value]], str]
# Text, the line it is refused for, words of the reason.
BAD: list[tuple[str, int, str]] = [
    ("a: 1\nb: 2\na: 3\n", 3, "a: given twice, first in line 1"),
    ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4, "a.b: given twice, first in line 2"),
    ("x:\n  - b: 1\n    b: 2\n", 3, "x.0.b: given twice, first in line 2"),
    ('{"a": 1, "a": 2}', 1, "a: given twice"),
    ("a: 1\n'a': 2\n", 2, "a: given twice"),
    ("a: &x 1\nb: 2\n", 1, "anchors"),
    ("a: 1\nb: *x\n", 2, "anchors"),
    ("a: &x {b: 1}\nc: *x\n", 1, "anchors"),
    ("&x a: 1\n", 1, "key must be"),
    ("a: !!str 1\n", 1, "tags are not allowed"),
    ("a: !!python/object/apply:os.getcwd []\n", 1, "tags are not allowed"),
    ("b: 1\na: !own {}\n", 2, "tags are not allowed"),
    ("a: ! 1\n", 1, "tags are not allowed"),
    ("a: !!binary aGk=\n", 1, "tags are not allowed"),
    ("!!set {a, b}\n", 1, "tags are not allowed"),
    ("a:\n  <<: {b: 1}\n", 2, "merge keys"),
    ("<<: 1\n", 1, "merge keys"),
    ("a: 12:30\n", 1, "put a time in quotes (got 12:30)"),
    ("a: 16:00:00\n", 1, "put a time in quotes"),
    ("zone: -08:00\n", 1, "put a time in quotes (got -08:00)"),
    ("a: 1:30.5\n", 1, "put a time in quotes"),
    ("12:30: a\n", 1, "put a time in quotes"),
    ("a: NO\n", 1, "write true or false, or put it in quotes (got NO)"),
    ("a: yes\n", 1, "write true or false"),
    ("a: 1\nb: [on]\n", 2, "write true or false"),
    ("a: Off\n", 1, "write true or false"),
    ("on: 1\n", 1, "write true or false"),
    ("a: True\n", 1, "small letters"),
    ("a: NULL\n", 1, "small letters"),
    ("a: 1\n---\nb: 2\n", 2, "only one document"),
    ("a: 1\n...\n---\nb: 2\n", 3, "only one document"),
    ("- 1\n- 2\n", 1, "top level must be a mapping"),
    ("# a comment\njust text\n", 2, "top level must be a mapping"),
    ("42\n", 1, "top level must be a mapping"),
    ("null\n", 1, "top level must be a mapping"),
    ("---\n", 1, "top level must be a mapping"),
    ("1: a\n", 1, "key must be"),
    ("a: 1\nnull: 2\n", 2, "key must be"),
    ("true: 1\n", 1, "key must be"),
    ("~: 1\n", 1, "key must be"),
    ("? [a, b]\n: 1\n", 1, "key must be"),
    ("{a: 1}: 2\n", 1, "key must be"),
    ("a: .nan\n", 1, "finite number"),
    ("a: .inf\n", 1, "finite number"),
    ("a: 1\nb: -.INF\n", 2, "finite number"),
    ('{"a": NaN}', 1, "finite number"),
    ('{"a": -Infinity}', 1, "finite number"),
    ("a: 1e400\n", 1, "finite number"),
    ("a:\tb\n", 1, "use spaces, not tabs"),
    ("a: 1\n\tb: 2\n", 2, "use spaces, not tabs"),
    ("a: 010\n", 1, "without leading zeros"),
    ("a: -007\n", 1, "without leading zeros"),
    ("a: 00.5\n", 1, "without leading zeros"),
    ("a: 0x1F\n", 1, "decimal digits"),
    ("a: 0o17\n", 1, "decimal digits"),
    ("a: 0b11\n", 1, "decimal digits"),
    ("a: 1_000\n", 1, "without _"),
    (f"a: {'9' * 5000}\n", 1, "at most 18 digits"),
    ("", 1, "empty"),
    ("# nothing but a comment\n", 1, "empty"),
    ("\n\n", 1, "empty"),
    ("%YAML 1.1\n---\na: 1\n", 1, "directives"),
    ("%TAG ! tag:example.com:\n---\na: 1\n", 1, "directives"),
    ("a: [1, 2\n", 1, "expected ',' or ']'"),
    ("a: b: c\n", 1, "mapping values are not allowed here"),
    ("a: 1\n b: 2\n", 2, "mapping values are not allowed here"),
    ("a: 1\nb\n", 2, "could not find expected ':'"),
    ("b: 1\na: 'open\n\n\n", 2, "unexpected end of stream"),
    ("a: @b\n", 1, "cannot start any token"),
    ('a: "\\q"\n', 1, "unknown escape character"),
    ('b: 1\na: "\\UFFFFFFFF"\n', 2, ""),
    ('{"a": "\\ud83d"}', 1, "surrogate"),
    ("a: 1\nb: \x00\n", 2, "U+0000 is not allowed"),
    ("a: \x1b[31m\n", 1, "U+001B is not allowed"),
    ("a: \ud800\n", 1, "U+D800 is not allowed"),
    ("a:\n  " + "[" * 30 + "]" * 30 + "\n", 2, "nested at most 20 deep"),
    ("[" * 100_000, 1, "nested at most 20 deep"),
    ("{" * 100_000, 1, ""),
    ('"a\\nb": 1\n"a\\nb": 2\n', 2, "a b: given twice"),
]


@pytest.mark.parametrize(("text", "line", "reason"), BAD)
def test_a_bad_document_is_refused_in_one_line_with_its_line(
    text: str, line: int, reason: str
) -> None:
    with pytest.raises(InputError) as refusal:
        parse(text, "s.yaml")
    message = str(refusal.value)
    assert message.startswith(f"s.yaml:{line}: ")
    assert reason in message
    assert message.splitlines() == [message]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("+3", 3),
        ("0.5", 0.5),
        (".5", 0.5),
        ("-1.", -1.0),
        ("1e3", 1000.0),
        ("1E-3", 0.001),
        ("2.5e+2", 250.0),
        ("2017-07-01", "2017-07-01"),
        ("2017-07-01 16:00", "2017-07-01 16:00"),
        ("16:00-20:00", "16:00-20:00"),
        ("'12:30'", "12:30"),
        ("'no'", "no"),
        ('"010"', "010"),
        ("1.2.3", "1.2.3"),
        ("10 kWh", "10 kWh"),
        ("e3", "e3"),
        ("Zürich", "Zürich"),
        ("\n  -", [None]),
        ("[1, a, 2.0, null]", [1, "a", 2.0, None]),
        ("{}", {}),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        ("two\n  lines", "two lines"),
        (r'"\ud83d\ude00 \/"', "\U0001f600 /"),
    ],
)
def test_a_plain_value_is_text_a_constant_or_a_decimal_number(text: str, value: Value) -> None:
    found = parse(f"a: {text}", "s.yaml").data["a"]
    assert found == value
    assert type(found) is type(value)


def test_every_part_knows_its_line() -> None:
    text = "# top\nbattery:\n  capacity_kwh: 13.5\n\nhomes:\n  without_pv:\n    - 2\n    - 5\n"
    assert parse(text, "s.yaml").lines == {
        "": 2,
        "battery": 2,
        "battery.capacity_kwh": 3,
        "homes": 5,
        "homes.without_pv": 6,
        "homes.without_pv.0": 7,
        "homes.without_pv.1": 8,
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("battery.capacity_kwh", "s.yaml:3"),
        ("battery.power_kw_max", "s.yaml:2"),
        ("battery.capacity_kwh.deeper.still", "s.yaml:3"),
        ("market", "s.yaml:2"),
        ("", "s.yaml:2"),
    ],
)
def test_a_place_is_that_of_the_nearest_parent_in_the_file(path: str, place: str) -> None:
    assert parse("\nbattery:\n  capacity_kwh: 1\n", "s.yaml").place(path) == place


def test_a_document_without_lines_is_placed_by_its_name() -> None:
    assert Document({}, {}, "--set").place("battery.capacity_kwh") == "--set"


def test_twenty_levels_are_allowed() -> None:
    depth = DEPTH_MAX - 1  # the top is the first
    assert parse("a: " + "[" * depth + "]" * depth, "s.yaml").data


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused_in_one_line(text: str) -> None:
    parsed_or_refused(text)


@given(
    st.lists(
        st.sampled_from(
            [*"ab:-?[]{},#&*!|>'\"%@`\\ \n~0123.eE+_<=\u2028", ": ", "- ", "\n  ", "---\n", "<<"]
        ),
        max_size=40,
    )
)
def test_any_heap_of_yaml_signs_parses_or_is_refused_in_one_line(signs: list[str]) -> None:
    parsed_or_refused("".join(signs))


def parsed_or_refused(text: str) -> None:
    try:
        document = parse(text, "s.yaml")
    except InputError as refusal:
        message = str(refusal)
        assert message.startswith("s.yaml:")
        assert message.splitlines() == [message]
    else:
        assert_plain(document.data)
        assert max(document.lines.values()) <= len(text.splitlines())


def assert_plain(value: Value) -> None:
    assert type(value) in {str, int, float, bool, type(None), list, dict}
    if isinstance(value, Mapping):
        assert all(type(key) is str for key in value)
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            assert_plain(part)


letters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
words = st.text(letters, max_size=12)
leaves = (
    words
    | st.booleans()
    | st.none()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    leaves,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(words, part, max_size=3),
    max_leaves=12,
).filter(lambda value: len(json.dumps(value)) < 800)
documents = st.dictionaries(words, values, max_size=4)


@given(documents, st.sampled_from([json.dumps, partial(json.dumps, indent=2), dump]))
def test_what_is_written_is_read_back_unchanged(data: dict[str, Value], write: Writer) -> None:
    found = parse(write(data), "s.json").data
    assert repr(found) == repr(data), "the values and their types are the same"


@given(documents)
def test_what_a_yaml_writer_writes_is_read_back_or_refused(data: dict[str, Value]) -> None:
    text = yaml.safe_dump(data, allow_unicode=False)
    # YAML 1.1 writes the text 1e3 without quotation marks; in YAML 1.2 that is a number.
    assume(not re.search(r"(?<![\w.'\"])[-+]?\d+[eE][-+]?\d+(?!\w)", text))
    with suppress(InputError):  # YAML 1.1 leaves some words plain that are refused here
        assert parse(text, "s.yaml").data == data


def test_a_file_is_read_and_named_as_given(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes("\ufeffname: Zürich\r\nseed: 7\r\n".encode())
    document = read(path)
    assert document.data == {"name": "Zürich", "seed": 7}
    assert document.place("seed") == f"{path}:2"


def test_a_json_file_follows_the_same_rules(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{\n  "loss_fraction": 5e-2,\n  "order": {"max_kwh": 1e-3}\n}\n')
    document = read(path)
    assert document.data == {"loss_fraction": 0.05, "order": {"max_kwh": 0.001}}
    assert document.place("order.max_kwh") == f"{path}:3"


def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: 1\nb: Z\xfcrich\n")
    (tmp_path / "binary.yaml").write_bytes(b"a: \x00\x01\n")
    (tmp_path / "large.yaml").write_bytes(b"# " + b"x" * 1_000_000)
    (tmp_path / "empty.yaml").write_bytes(b"")
    for name, reason in {
        "latin.yaml": "latin.yaml:2: not UTF-8 text",
        "binary.yaml": "binary.yaml:1: character U+0000 is not allowed",
        "large.yaml": "large.yaml: must be at most 1000000 bytes (got 1000002)",
        "empty.yaml": "empty.yaml:1: the file is empty",
        "missing.yaml": "missing.yaml: no such file",
        "": "a folder, not a file",
        "n" * 300: "cannot be read",
    }.items():
        with pytest.raises(InputError) as refusal:
            read(tmp_path / name)
        assert reason in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="must be at most 1000000 characters"):
        parse("a" * 1_000_001, "s.yaml")
