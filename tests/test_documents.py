"""The documents say what is true: their code runs, their links lead on, their words exist."""

import ast
import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")))
DECISIONS = sorted(f"docs/decisions/{page.name}" for page in (ROOT / "docs/decisions").glob("*.md"))
PACKAGES = ("profiles", "forecasting", "market", "agents", "model", "scenarios")

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(rf"test_\w+|({'|'.join(PACKAGES)})\.[\w.]+")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

# Commands that set up a machine or check the project itself. A test does neither.
SETUP = ("pip install", "pytest", "ruff", "mypy", "pre-commit", "bash .ci/run", "python -m venv")

# A word that begins the unit in a name; with "per" and the word behind it the unit goes on.
UNIT = re.compile(
    r"[kmg]?wh?|(micro)?cents|usd|eur|s|seconds|minutes|hours|days|fraction|percent|pct|count"
    r"|c|k|kg|degrees"
)

PUBLISHED = {"savings_percent"}  # a name that the format of a run's summary fixes

# In two parts, so that this file does not break its own rule.
MACHINE_PATH = re.compile(r"(?<![\w.$}*-])/(?:" + r"work|root|tmp|home|farm|Users)/")
EMOJI = re.compile("[\u2600-\u27bf\u2b50-\u2b55\ufe0f\U0001f000-\U0001faff]")


def _text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _python(document: str) -> str:
    """Join a document's Python, each line in the place it has there."""
    lines = [""] * _text(document).count("\n")
    for block in BLOCK.finditer(_text(document)):
        if block[1] == "python":
            first = _text(document)[: block.start(2)].count("\n")
            lines[first : first + block[2].count("\n")] = block[2].splitlines()
    return "\n".join(lines)


def _commands(document: str) -> Iterator[str]:
    """List what a document tells its reader to type, one command each."""
    for language, block in BLOCK.findall(_text(document)):
        for line in block.splitlines():
            if language == "console" and line.startswith("$ "):
                yield from line.removeprefix("$ ").split(" && ")
            elif language in ("bash", "sh") and line and not line.startswith("#"):
                yield from line.split(" && ")


PROGRAMS = [
    (document, command.strip())
    for document in DOCUMENTS
    for command in _commands(document)
    if not command.strip().startswith(SETUP)
]


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if _python(name).strip()])
def test_the_python_of_a_document_runs(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / f"{Path(document).stem}_blocks.py"
    script.write_text(_python(document), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(script))


@pytest.mark.parametrize(("document", "command"), PROGRAMS)
def test_the_commands_of_a_document_run(document: str, command: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    if words[:2] == ["python", "-m"]:
        assert (ROOT / words[2].replace(".", "/")).with_suffix(".py").exists(), document
        return
    program = ["commonwatt"] if words[0] == "commonwatt" else ["python", "run.py"]
    assert words[: len(program)] == program, f"{document}: {command}: what is this?"
    done = subprocess.run(
        [sys.executable, ROOT / "run.py", *words[len(program) :]],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{document}: {command}: {done.stderr[-2000:]}"


def test_the_readme_opens_with_how_to_run_and_test() -> None:
    commands = list(_commands("README.md"))
    assert commands[:4] == [
        "pip install -e .",
        "python run.py",
        'pip install -e ".[test]"',
        "pytest",
    ]


def test_the_checks_run_what_the_readme_tells_its_reader() -> None:
    assert 'pip install -e ".[test]" && pytest' in _text("README.md")
    assert 'pip install -e ".[test]" && pytest' in _text(".ci/run")


def _anchors(text: str) -> set[str]:
    """Name the headings of a page as a link does."""
    return {
        re.sub(r"[^\w\- ]", "", h).strip().lower().replace(" ", "-") for h in HEADING.findall(text)
    }


@pytest.mark.parametrize("document", [*DOCUMENTS, *DECISIONS])
def test_the_links_of_a_document_lead_somewhere(document: str) -> None:
    for link in LINK.findall(_text(document)):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target.read_text(encoding="utf-8")), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, waiting = set(), ["README.md"]
    while waiting:
        document = waiting.pop()
        seen.add(document)
        links = (link.partition("#")[0] for link in LINK.findall(_text(document)))
        pages = ((ROOT / document).parent / link for link in links if link.endswith(".md"))
        found = {page.resolve().relative_to(ROOT).as_posix() for page in pages}
        waiting += found - seen
    assert seen >= {*DOCUMENTS, *DECISIONS}


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(Path(document).name[:4]) for document in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


@cache
def _trees(*folders: str) -> dict[str, ast.Module]:
    """Parse the modules of some folders, by dotted name."""
    files = [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]
    names = (file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for file in files)
    return {
        name: ast.parse(file.read_text(encoding="utf-8"))
        for name, file in zip(names, files, strict=True)
    }


def _functions(tree: ast.Module) -> set[str]:
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@pytest.mark.parametrize("document", [*DOCUMENTS, *DECISIONS])
def test_the_code_that_a_document_names_exists(document: str) -> None:
    modules = _trees(*PACKAGES)
    known = {f"{name}.{one}" for name, tree in modules.items() for one in _functions(tree)}
    known |= {one for tree in _trees("tests").values() for one in _functions(tree)}
    knobs = r"^(?:## |\| )`([\w.]+)`"
    known |= set(re.findall(knobs, _text("docs/parameters.md"), re.MULTILINE))
    for name in re.findall(r"(?<!`)`([\w./]+)`(?!`)", _text(document)):
        if "/" in name:
            assert (ROOT / name).exists(), name
        elif CODE.fullmatch(name):
            assert name in known | modules.keys(), name


def _fields() -> set[str]:
    """Name the fields of all records."""
    return {
        item.target.id
        for tree in _trees(*PACKAGES).values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }


def _arguments_and_properties() -> set[str]:
    names = set()
    for tree in _trees(*PACKAGES).values():
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.FunctionDef) and node.decorator_list:
                names |= {node.name for d in node.decorator_list if ast.unparse(d) == "property"}
    return names


def _terms() -> set[str]:
    """List what stands as code in the first column of the nomenclature's tables."""
    cells = re.findall(r"^\| *([^|]*`[^|]*?) *\|", _text("docs/nomenclature.md"), re.MULTILINE)
    return {term for cell in cells for term in re.findall(r"`([^`]+)`", cell)}


def _unit(name: str) -> str:
    """Cut the unit out of a name: `price_cents_per_kwh_min` gives `_cents_per_kwh`."""
    words = name.split("_")
    first = next((place for place, word in enumerate(words) if UNIT.fullmatch(word)), len(words))
    end = first
    for place, word in enumerate(words[first:], first):
        if not UNIT.fullmatch(word) and word != "per" and words[place - 1] != "per":
            break
        end = place + 1
    return "".join(f"_{word}" for word in words[first:end])


def test_units_are_cut_out_of_names() -> None:
    names = ("price_cents_per_kwh_min", "fade_fraction_per_cycle", "sold_per_day_max_kwh", "row")
    assert [_unit(name) for name in names] == ["_cents_per_kwh", "_fraction_per_cycle", "_kwh", ""]


def test_every_term_of_the_nomenclature_is_a_name_in_the_code() -> None:
    terms = {term for term in _terms() if not term.startswith("_")}
    assert len(terms) > 20
    assert terms - _fields() - _arguments_and_properties() == set()


def test_every_unit_of_a_field_is_in_the_nomenclature() -> None:
    units = {_unit(name) for name in _fields() - PUBLISHED} - {""}
    assert units == {term for term in _terms() if term.startswith("_")}


def _texts() -> Iterator[tuple[str, str]]:
    """Read all text files but those that git ignores."""
    rules = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    ignored = [".git", *(rule.strip("/") for rule in rules)]
    for folder, folders, files in os.walk(ROOT):
        if Path(folder, "pyvenv.cfg").exists():
            folders.clear()
            continue
        folders[:] = [name for name in folders if not any(fnmatch(name, i) for i in ignored)]
        for name in files:
            data = Path(folder, name).read_bytes()
            if b"\0" not in data:
                yield Path(folder, name).relative_to(ROOT).as_posix(), data.decode("utf-8")


def test_texts_hold_no_path_of_a_machine_and_no_emoji() -> None:
    found = [
        (path, match[0])
        for path, text in _texts()
        for match in (*MACHINE_PATH.finditer(text), *EMOJI.finditer(text))
    ]
    assert found == []


def test_the_figures_of_the_readme_are_those_of_today() -> None:
    check = [sys.executable, "-m", "benchmarks.readme", "--check"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
