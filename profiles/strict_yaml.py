"""Strict YAML and JSON: what a person typed, with line numbers, or one line that says why not.

YAML guesses: `NO` is false, 12:30 is 750, 010 is 8, a date is an object, a second key of the same
name silently wins. Here a plain value is text, `true`, `false`, `null` or a decimal number, and
whatever other readers of YAML would take for something else has to be quoted. JSON is YAML, and
the same rules hold for it.

Only the events of PyYAML's parser are used; its constructors, which can build any object, never.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from profiles.errors import InputError

BYTES_MAX = 1_000_000
DEPTH_MAX = 20
VALUES_MAX = 50_000  # keys count too; PyYAML takes 30 microseconds for each
INTEGER_DIGITS_MAX = 18  # what 64 bits hold for certain

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[a-z]+(_[a-z0-9]+)*")
# Plain text that YAML 1.1, YAML 1.2 or a JSON writer would not take for text.
_TRAPS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.ASCII), advice)
    for pattern, advice in (
        (r"yes|no|on|off", "write true or false, or put it in quotes"),
        (r"true|false|null", "write it in small letters, or put it in quotes"),
        (r"[-+]?\.?(nan|inf|infinity)", "must be a finite number, or put it in quotes"),
        (r"[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?", "put a time in quotes"),
        (r"[-+]?0\d+(\.\d*)?(e[-+]?\d+)?", "write a number without leading zeros, or in quotes"),
        (r"[-+]?0[xob][0-9a-f_]+", "write a number in decimal digits, or in quotes"),
        (r"[-+]?[\d.][\d_.]*_[\d_.]*(e[-+]?\d+)?", "write a number without _, or in quotes"),
        (r"<<", "merge keys are not allowed"),
    )
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's content and where each part of it stands."""

    data: dict[str, Value]
    lines: Mapping[str, int]  # by dotted path ("homes.without_pv.0", "" the top), 1 is the first
    name: str  # of the file, as messages give it

    def place(self, path: str) -> str:
        """Give "name:line" of a dotted path, or of its nearest parent that the file holds."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return f"{self.name}:{self.lines[path]}" if path in self.lines else self.name

    def blame(self, path: str) -> str:
        """Say where to look for what is wrong with the value at a dotted path."""
        return self.place(path)


def read(path: Path) -> Document:
    """Read a YAML or JSON file.

    Parameters
    ----------
    path : Path
        A UTF-8 file of at most 1 MB.

    Returns
    -------
    Document
        Named as the path was given.

    Raises
    ------
    InputError
        If the file cannot be read or is not a strict document.
    """
    try:
        if not path.is_file():
            raise InputError(
                f"{path}: {'a folder, not a file' if path.is_dir() else 'no such file'}"
            )
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if len(content) > BYTES_MAX:
        raise InputError(f"{path}: must be at most {BYTES_MAX} bytes (got {path.stat().st_size})")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: not UTF-8 text (byte {error.start})") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Document:
    """Parse YAML or JSON text.

    Parameters
    ----------
    text : str
        One document whose top level is a mapping.
    name : str
        Stands for the file in messages.

    Returns
    -------
    Document
        Content made of dict, list, str, int, float, bool and None only.

    Raises
    ------
    InputError
        With name, line and reason, in one line.
    """
    if len(text) > BYTES_MAX:
        raise InputError(f"{name}: must be at most {BYTES_MAX} characters (got {len(text)})")
    if name.endswith(".json"):
        text = text.replace("\t", " ")  # where JSON allows a tab it is a space
    if "\t" in text:
        raise InputError(f"{name}:{_line(text, text.index(chr(9)))}: use spaces, not tabs")
    return _Builder(text, name).document()


def dump(data: Mapping[str, Value]) -> str:
    """Write YAML that `parse` reads back to the same data."""
    text: str = yaml.dump(
        dict(data), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=math.inf
    )
    return text


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML has no types
    """Writes text in double quotes, but for simple words, which every reader takes for text."""

    def text(self, text: str) -> yaml.ScalarNode:
        simple = _WORD.fullmatch(text) and text not in _CONSTANTS
        quote = None if simple and not any(trap.fullmatch(text) for trap, _ in _TRAPS) else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=quote)


_Dumper.add_representer(str, _Dumper.text)


class _Builder:
    """Turns the events of one text into a document."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.lines: dict[str, int] = {}
        self.end = len(text.rstrip())
        self.values_count = 0
        try:
            self.parser = yaml.SafeLoader(text)
        except yaml.reader.ReaderError as error:
            line = _line(text, error.position)
            raise InputError(
                f"{name}:{line}: character U+{ord(text[error.position]):04X} is not allowed"
            ) from None

    def document(self) -> Document:
        try:
            self.parser.get_event()  # the stream starts
            start = self.parser.get_event()
            if isinstance(start, yaml.StreamEndEvent):
                raise self._refusal(1, "the file is empty")
            line = start.start_mark.line + 1
            if start.version or start.tags:
                raise self._refusal(line, "directives (%) are not allowed")
            data = self._node("", 0)
            if not isinstance(data, dict):
                raise self._refusal(line, "the top level must be a mapping (key: value)")
            self.parser.get_event()  # the document ends
            second = self.parser.get_event()
            if not isinstance(second, yaml.StreamEndEvent):
                raise self._refusal(second.start_mark.line + 1, "only one document is allowed")
        except yaml.MarkedYAMLError as error:
            raise self._refusal(self._fault_line(error), error.problem) from None
        except InputError:
            raise
        # What PyYAML lets through when an escape names a character that does not exist.
        except (ValueError, OverflowError) as error:
            raise self._refusal(self.parser.line + 1, str(error)) from None
        return Document(data, self.lines, self.name)

    def _node(self, path: str, depth: int) -> Value:
        event = self.parser.get_event()
        line = event.start_mark.line + 1
        self._count(line)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refusal(line, "anchors (&) and aliases (*) are not allowed")
        if event.tag is not None:
            raise self._refusal(line, f"tags are not allowed (got {event.tag})")
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, line)
        if depth == DEPTH_MAX:
            raise self._refusal(line, f"must be nested at most {DEPTH_MAX} deep")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return self._mapping(path, depth)

    def _sequence(self, path: str, depth: int) -> list[Value]:
        items: list[Value] = []
        while not self.parser.check_event(yaml.SequenceEndEvent):
            items.append(self._node(_joined(path, str(len(items))), depth + 1))
        self.parser.get_event()
        return items

    def _mapping(self, path: str, depth: int) -> dict[str, Value]:
        members: dict[str, Value] = {}
        while not self.parser.check_event(yaml.MappingEndEvent):
            line = self.parser.peek_event().start_mark.line + 1
            key = self._key(line)
            place = _joined(path, key)
            if key in members:
                raise self._refusal(
                    line, f"{place}: given twice, first in line {self.lines[place]}"
                )
            self.lines[place] = line
            members[key] = self._node(place, depth + 1)
        self.parser.get_event()
        return members

    def _count(self, line: int) -> None:
        self.values_count += 1
        if self.values_count > VALUES_MAX:
            raise self._refusal(line, f"must hold at most {VALUES_MAX} keys and values")

    def _key(self, line: int) -> str:
        self._count(line)
        event = self.parser.get_event()
        if isinstance(event, yaml.ScalarEvent) and event.anchor is None and event.tag is None:
            key = self._scalar(event, line)
            if isinstance(key, str):
                return key
        raise self._refusal(line, "a key must be plain or quoted text")

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> Value:
        text: str = event.value
        try:
            # JSON writes a character beyond U+FFFF as two escapes.
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise self._refusal(line, "half of a surrogate pair is not a character") from None
        if event.style is not None:
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        for trap, advice in _TRAPS:
            if trap.fullmatch(text):
                raise self._refusal(line, f"{advice} (got {text[:40]})")
        if _INTEGER.fullmatch(text):
            if len(text.lstrip("+-")) > INTEGER_DIGITS_MAX:
                raise self._refusal(line, f"must have at most {INTEGER_DIGITS_MAX} digits")
            return int(text)
        if _FLOAT.fullmatch(text):
            if math.isinf(float(text)):
                raise self._refusal(line, f"must be a finite number (got {text[:40]})")
            return float(text)
        return text

    def _fault_line(self, error: yaml.MarkedYAMLError) -> int:
        """Find the line to correct; a missing end or colon is noticed only further down."""
        late = error.problem.startswith("could not find expected")
        late |= error.problem_mark.index >= self.end
        mark = error.context_mark if late and error.context_mark else error.problem_mark
        return int(mark.line) + 1

    def _refusal(self, line: int, reason: str) -> InputError:
        # A key or tag may hold line breaks and control characters.
        shown = "".join(character if character.isprintable() else " " for character in reason)
        return InputError(f"{self.name}:{line}: {' '.join(shown.split())}")


def _joined(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def _line(text: str, position: int) -> int:
    """Count lines as PyYAML does."""
    return len(re.findall("\r\n|[\n\r\x85\u2028\u2029]", text[:position])) + 1
