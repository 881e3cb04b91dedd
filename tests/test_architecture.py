"""DESIGN's rules that a program can check: one door for each effect, and a light front door."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "interlocking").rglob("*.py"))
STARTS_PROCESSES = {"interlocking/process.py"}
READS_ENVIRONMENT = {
    "interlocking/environment.py",
    "interlocking/upgrade/child/entry.py",  # the front door of a process of its own: its argument names its channel
    "interlocking/railway/local/cli/__main__.py",  # likewise: it stands in for another program
    "interlocking/railway/local/cli/relay.py",  # likewise: the ssh child of that program
}
PRINTS = {"interlocking/console/terminal.py"}
LONGEST_FILE = 300
LONGEST_BODY = 40


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def offenders(names: set[str], allowed: set[str]) -> list[str]:
    return [
        f"{relative}:{node.lineno}"
        for path in SOURCES
        if (relative := str(path.relative_to(ROOT))) not in allowed
        for node in ast.walk(parsed(path))
        if mentioned(node) & names
    ]


def mentioned(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return {f"{node.func.id}()"}
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return {f"{node.value.id}.{node.attr}"}
    return set()


def test_only_one_module_starts_processes() -> None:
    """`grep` answers who can start one."""
    starters = {f"subprocess.{name}" for name in ("Popen", "run", "call", "check_call", "check_output")}
    starters |= {"os.system", "os.popen", "os.posix_spawn", "os.execv", "os.execve", "os.execvp"}

    assert [] == offenders(starters, STARTS_PROCESSES)


def test_only_one_module_reads_the_environment() -> None:
    """`grep` answers who reads os.environ, the command line and the terminal."""
    readers = {"os.environ", "os.getenv", "sys.argv"}

    assert [] == offenders(readers, READS_ENVIRONMENT)


def test_only_the_console_prints_and_asks() -> None:
    """Operations return data."""
    assert [] == offenders({"print()", "input()"}, PRINTS)


def documented(path: Path) -> str:
    return ast.get_docstring(parsed(path)) or ""


PURE = [path for path in SOURCES if re.search(r"\bPure\b", documented(path))]
DOORS = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in SOURCES
    if documented(path).startswith("The door")
}
OUTSIDE = {
    "interlocking.process",
    "interlocking.postgres.connect",
    "subprocess",
    "psycopg2",
    "socket",
    "urllib.request",
}
ON_DISK = {
    "exists",
    "is_dir",
    "is_file",
    "mkdir",
    "open",
    "read_bytes",
    "read_text",
    "unlink",
    "write_bytes",
    "write_text",
}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (str(node.module), *(f"{node.module}.{each.name}" for each in node.names))


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_calls_itself_pure_reaches_nothing_outside(path: Path) -> None:
    """Data in, data out: no door of its room, no process, no database, no file."""
    tree = parsed(path)
    calls = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }

    assert set() == set(imported(tree)) & (DOORS | OUTSIDE)
    assert set() == calls & ON_DISK


def test_rooms_have_pure_modules_and_doors() -> None:
    """And say so in their first lines, which the tests above go by."""
    assert len(PURE) > 100
    assert {"interlocking.revisions.directory", "interlocking.review.files", "interlocking.postgres.catalog"} <= DOORS


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def body_length(function: ast.FunctionDef) -> int:
    first = function.body[0]
    has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    body = function.body[1:] if has_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_small(path: Path) -> None:
    """The budgets of DESIGN.md: what is longer wants another design."""
    text = path.read_text()
    long = [f"{each.name}: {body_length(each)}" for each in functions(parsed(path)) if body_length(each) > LONGEST_BODY]

    assert [] == long
    assert len(text.splitlines()) <= LONGEST_FILE


def test_listing_the_tasks_imports_nothing_heavy() -> None:
    """Invoke imports the task tree at every completion keystroke."""
    script = (
        "import sys; import interlocking.tasks;"
        "print(sorted({name.partition('.')[0] for name in sys.modules} &"
        " {'alembic', 'sqlalchemy', 'flask', 'rich', 'psycopg2', 'tomllib', 'dotenv'}))"
    )

    assert (
        "[]"
        == subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    )
