"""Makes readings of revisions out of what the child says about their files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from interlocking.review.model import Direction, Operation, Problem, Reading, Statement, syntax_tree
from interlocking.review.reading.facts import Python, read_python
from interlocking.review.reading.parsing import split
from interlocking.revisions.model import Revision

_OURS = __name__.partition(".")[0]


def python_of(source: str, path: Path, root: Path) -> Python:
    """Return what a revision does besides its operations: what can be said before anything ran.

    Args:
        source: the text of its file.
        path: the file.
        root: the project's folder.
    """
    tree = syntax_tree(source)
    home = _home(path.parent)
    return read_python(tree, is_application=lambda module: is_application(module, root, home)) if tree else Python()


def writes_downgrade(source: str) -> bool:
    """Return whether a revision has a downgrade in which anything stands, read from its text alone."""
    tree = syntax_tree(source)
    facts = read_python(tree, is_application=lambda _: False).facts if tree else ()
    return tree is not None and not {"empty-downgrade", "missing-downgrade"} & {fact.name for fact in facts}


def make_reading(revision: Revision, source: str, python: Python, answer: Mapping[str, Any], *, root: Path) -> Reading:
    """Return the reading of a revision.

    Args:
        revision: which.
        source: the text of its file.
        python: see `python_of`.
        answer: what the child said about it: see `rendering.render`.
        root: the project's folder.
    """
    file = relative(revision.path, root)
    problems = tuple(Problem(**problem) for problem in answer["problems"])
    refusals = {fact.line for fact in python.facts if fact.name == "raising-downgrade"}

    def statements(direction: Direction) -> tuple[Statement, ...]:
        noted = answer[direction]["statements"]
        return tuple(
            each
            for note in noted
            for each in _statements(note, revision.id, direction, file=file, built=python.interpolated)
        )

    return Reading(
        revision=revision.id,
        file=file,
        source=source,
        upgrade=statements("upgrade"),
        downgrade=statements("downgrade"),
        problems=tuple(each for each in problems if each.direction != "downgrade" or each.line not in refusals),
        facts=python.facts,
        asked=(*answer["upgrade"]["asked"], *answer["downgrade"]["asked"]),
        message=revision.message,
    )


def relative(path: Path, root: Path) -> str:
    """Return a path from the project's root, with forward slashes; as it is when it stands elsewhere."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def is_application(module: str, root: Path, migrations: Path) -> bool:
    """Return whether a dotted module is code of the project; what the revisions share among them is not.

    Nor is this package, where it stands in the project's own folder: what it offers to revisions stays.
    """
    inside = Path(*module.split("."))
    shared = any((base / inside).is_relative_to(migrations) for base in (root, root / "src"))
    top = module.partition(".")[0]
    return not shared and top != _OURS and _is_in_project(top, root)


@cache
def _home(versions: Path) -> Path:
    """Return the folder with `env.py` that a folder of revisions belongs to."""
    return versions.parent if (versions.parent / "env.py").is_file() else versions


@cache
def _is_in_project(top: str, root: Path) -> bool:
    return any((base / top).is_dir() or (base / f"{top}.py").is_file() for base in (root, root / "src"))


def _statements(
    note: Mapping[str, Any], revision: str, direction: Direction, *, file: str, built: frozenset[int]
) -> Iterator[Statement]:
    operation = Operation(note["operation"], note["number"], note["options"], note["batch"])
    pieces = split(note["sql"])
    for part, sql in enumerate(pieces):
        yield Statement(
            sql=sql,
            revision=revision,
            direction=direction,
            file=file,
            line=note["line"],
            operation=operation,
            transaction=note["transaction"],
            autocommit=note["autocommit"],
            interpolated=note["line"] in built,
            implicit=note["implicit"],
            parameters=tuple(note["parameters"]),
            rows=note["rows"],
            part=part,
            parts=len(pieces),
        )
