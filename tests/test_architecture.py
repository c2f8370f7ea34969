"""The shape of the house: who imports whom, how long things are, which doors third parties use.

Sources are read with `ast`; nothing is imported. A test lists what breaks its rule.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from tests.doors import BOUNDED_FOR_OTHERS, DATA_ONLY, DISTRIBUTIONS, DOORS, PLUGINS

ROOT = Path(__file__).parents[1]

# A package uses those of lower levels only; packages of one level do not know each other.
_HIGH = {"run": 6, "dashboard": 5, "scenarios": 4, "model": 3}
LEVELS = _HIGH | {"agents": 2, "forecasting": 1, "market": 1, "profiles": 0}
# The market is told numbers; it never reads a profile.
MARKET_KNOWS_OF_PROFILES = {"profiles.arrays", "profiles.config", "profiles.errors"}

LINES_MAX, BODY_LINES_MAX = 300, 50
WITHOUT_TEST = {
    "profiles/arrays.py": "three names for types",
    "profiles/tariffs/grid_prices.py": "a record without a method",
}

FORBIDDEN_IMPORTS = {"pickle", "cPickle", "dill", "marshal", "shelve"}
FORBIDDEN_CALLS = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "yaml.full_load"}
FILE_CALL = re.compile(
    r"open|print|(read|write)_\w+|mkdir|iterdir|r?glob|unlink|connect|urlopen|basicConfig|run"
)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One module."""

    path: str  # from the root, with forward slashes
    name: str  # dotted
    text: str
    tree: ast.Module


def _read(path: Path) -> Source:
    relative = path.relative_to(ROOT)
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Source(relative.as_posix(), name, text, ast.parse(text))


@cache
def _sources() -> tuple[Source, ...]:
    """Read the modules of the project: run.py and the packages."""
    packages = (file for name in LEVELS for file in (ROOT / name).rglob("*.py"))
    return tuple(_read(file) for file in sorted((*ROOT.glob("*.py"), *packages)))


@cache
def _others() -> tuple[Source, ...]:
    """Read tests and benchmarks."""
    folders = (ROOT / "tests", ROOT / "benchmarks")
    return tuple(_read(file) for folder in folders for file in sorted(folder.rglob("*.py")))


@cache
def _imports(source: Source) -> frozenset[str]:
    """List the modules that a module imports, within functions and for types too."""
    known = {each.name for each in _sources()}
    found = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = {f"{module}.{alias.name}" for alias in node.names}
            found |= {name if name in known else module for name in names}
    return frozenset(found)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _third_parties(sources: Iterable[Source]) -> set[str]:
    ours = {*LEVELS, "benchmarks", "tests", *sys.stdlib_module_names}
    return {_top(name) for source in sources for name in _imports(source)} - ours


def _package_edges() -> set[tuple[str, str]]:
    edges = {(_top(s.name), _top(name)) for s in _sources() for name in _imports(s)}
    return {(user, used) for user, used in edges if used in LEVELS and user != used}


def _pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _distributions(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s<>=!~;\[]", line, maxsplit=1)[0].lower() for line in requirements}


def test_every_module_stands_in_a_package_with_a_place() -> None:
    packages = {folder.parent.name for folder in ROOT.glob("*/__init__.py")}
    assert packages | {file.stem for file in ROOT.glob("*.py")} <= set(LEVELS)


def test_imports_run_downhill_only() -> None:
    assert [edge for edge in _package_edges() if LEVELS[edge[0]] <= LEVELS[edge[1]]] == []


def test_imports_name_their_module_in_full() -> None:
    relative = [(s.path, name) for s in _sources() for name in _imports(s) if name[0] == "."]
    assert relative == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = TopologicalSorter({source.name: _imports(source) for source in _sources()})
    try:
        graph.prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_the_market_never_reads_a_profile() -> None:
    names = {name for s in _sources() if _top(s.name) == "market" for name in _imports(s)}
    assert {name for name in names if _top(name) == "profiles"} <= MARKET_KNOWS_OF_PROFILES


def test_the_drawn_packages_are_the_real_ones() -> None:
    """The diagram leaves out what follows from it: an arrow that a longer way makes needless."""
    edges = _package_edges()
    below = {user: {used for other, used in edges if other == user} for user, _ in edges}
    for name in sorted(below, key=LEVELS.__getitem__):  # the lowest first
        below[name] |= {far for near in below[name] for far in below.get(near, ())}
    needed = {
        (user, used)
        for user, used in edges
        if not any(used in below.get(near, ()) for near in below[user] - {used})
    }
    page = (ROOT / "docs" / "data-flow.md").read_text(encoding="utf-8")
    diagram = page.partition("%% who imports whom")[2].partition("```")[0]
    drawn = re.findall(r"^ *(\w+) --> (\w+)$", diagram, flags=re.MULTILINE)
    assert sorted(drawn) == sorted(needed)


def test_third_parties_come_in_by_their_doors() -> None:
    astray = [
        (source.path, party)
        for source in _sources()
        for party in _third_parties([source])
        if not any(fnmatch(source.path, door) for door in DOORS.get(party, ()))
    ]
    assert astray == []
    assert _third_parties(_sources()) == set(DOORS)


def test_what_is_declared_is_what_is_imported() -> None:
    project = _pyproject()["project"]
    core, extras = _distributions(project["dependencies"]), project["optional-dependencies"]
    test, _ = _distributions(extras.pop("test")), extras.pop("lint")
    optional = _distributions([line for lines in extras.values() for line in lines])
    ours, theirs = (
        {DISTRIBUTIONS.get(n, n.replace("_", "-")) for n in _third_parties(sources)}
        for sources in (_sources(), _others())
    )
    assert core ^ optional == ours | DATA_ONLY | BOUNDED_FOR_OTHERS  # nothing stands in both
    assert test == theirs - core | optional | PLUGINS  # what is optional is tested too


def test_what_is_needed_to_lint_is_what_is_called() -> None:
    extras = _pyproject()["project"]["optional-dependencies"]
    pages = (".ci/run", "docs/contributing.md")
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in pages)
    called = re.findall(r"^ *(?:\$ )?(ruff|mypy|pre-commit)\b", text, re.MULTILINE)
    assert _distributions(extras["lint"]) == set(called)


def test_what_is_installed_is_what_there_is() -> None:
    installed = _pyproject()["tool"]["setuptools"]
    packages = {s.name for s in _sources() if s.path.endswith("/__init__.py")}
    assert set(installed["packages"]) == packages
    assert set(installed["py-modules"]) == {file.stem for file in ROOT.glob("*.py")}


def test_modules_are_short() -> None:
    every = (*_sources(), *_others())
    lengths = {source.path: len(source.text.splitlines()) for source in every}
    assert {path: lines for path, lines in lengths.items() if lines > LINES_MAX} == {}


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_fit_a_screen() -> None:
    lengths = {
        f"{source.path}: {node.name}": _body_lines(node)
        for source in (*_sources(), *_others())
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > BODY_LINES_MAX} == {}


def test_init_files_are_empty_and_tests_have_none() -> None:
    """One under tests/ would hide the package of the same name."""
    inits = [source for source in _sources() if source.path.endswith("__init__.py")]
    assert [source.path for source in inits if source.text] == []
    folders = {file.parent for name in LEVELS for file in (ROOT / name).rglob("*.py")}
    assert {folder for folder in folders if not (folder / "__init__.py").exists()} == set()
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def _mirrors(path: str) -> list[Path]:
    """Name the places where a module's test may stand."""
    module = Path(path)
    test, folder = f"test_{module.name}", ROOT / "tests"
    return [folder / module.parent / test, folder / module.parts[0] / test]


def test_every_module_has_its_test() -> None:
    modules = {source.path for source in _sources() if not source.path.endswith("__init__.py")}
    untested = {path for path in modules if not any(test.exists() for test in _mirrors(path))}
    assert untested == set(WITHOUT_TEST)


def test_nothing_unsafe_is_called_and_only_the_program_prints() -> None:
    forbidden = []
    for source in _sources():
        calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
        names = {ast.unparse(call.func) for call in calls} | {_top(n) for n in _imports(source)}
        refused = FORBIDDEN_CALLS | FORBIDDEN_IMPORTS
        refused = refused if source.path == "run.py" else refused | {"print"}
        forbidden += [(source.path, name) for name in names & refused]
    assert forbidden == []


def _at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when a module is imported: everything but the bodies of functions."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        defaults = [default for default in node.args.kw_defaults if default is not None]
        children = [*getattr(node, "decorator_list", []), *node.args.defaults, *defaults]
    elif isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
        children = []
    else:
        children = list(ast.iter_child_nodes(node))
    for child in children:
        yield child
        yield from _at_import(child)


def test_importing_touches_no_file() -> None:
    calls = {
        (source.path, ast.unparse(node.func).rpartition(".")[2])
        for source in _sources()
        for node in _at_import(source.tree)
        if isinstance(node, ast.Call)
    }
    assert {call for call in calls if FILE_CALL.fullmatch(call[1])} == set()
