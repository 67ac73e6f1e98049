"""The rules of ARCHITECTURE.md that a reader could break without noticing."""

import ast
from pathlib import Path

import pytest

import otrs_web

ROOT = Path(otrs_web.__file__).parent
CORE = ("models", "tickets", "imports", "adopt", "stats", "exports", "updates", "backups")
EDGES = ("web", "api", "jobs", "cli")
MODULES = sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module that a file imports, as dotted names; imports inside functions count too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def belongs(name: str, *packages: str) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in packages)


def ours(*packages: str) -> tuple[str, ...]:
    return tuple(f"otrs_web.{package}" for package in packages)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_who_may_import_whom(path):
    package, names = package_of(path), imported(path)
    if package in CORE:
        wrong = [n for n in names if belongs(n, "litestar", "saq", "uvicorn", *ours(*EDGES))]
        assert not wrong, f"the core knows nothing of the edges: {wrong}"
    allowed = {
        "stats": ("imports", "exports"),
        "imports": ("stats", "exports"),
        "tickets": ("imports", "stats", "exports"),
    }
    wrong = [n for n in names if belongs(n, *ours(*allowed.get(package, ())))]
    assert not wrong, f"{package} may not import {wrong}"
    if package in EDGES:
        others = [edge for edge in EDGES if edge != package]
        wrong = [n for n in names if belongs(n, *ours(*others))]
        assert not wrong, f"edges do not import each other: {wrong}"
        assert "select(" not in path.read_text("utf-8"), "edges hold no SQL"
    if package not in ("app", "serve"):
        assert not [n for n in names if belongs(n, "otrs_web.app")], "nothing imports the application"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_environment_and_the_clock_have_one_reader(path):
    text, name = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
    if name != "settings.py":
        wrong = [word for word in ("os.environ", "getenv") if word in text]
        assert not wrong, "the environment is read in settings.py alone"
    if name != "clock.py":
        words = ("datetime.now(", "utcnow(", "date.today(", "time.time(")
        assert not [word for word in words if word in text], "time is asked of the one clock"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_and_functions_stay_small_and_say_why(path):
    text = path.read_text("utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= 260, "a module stays under about 250 lines"
    assert ast.get_docstring(tree), "a module opens with its reason"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.body[0].lineno + 1
            assert lines <= 40, f"{node.name} has {lines} lines"
