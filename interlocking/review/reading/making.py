"""Makes readings of revisions out of what the child says about their files. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from interlocking.review.model import Direction, Operation, Problem, Reading, Statement, syntax_tree
from interlocking.review.reading.facts import Python, read_python
from interlocking.review.reading.parsing import split
from interlocking.revisions.model import Revision


def python_of(source: str, is_application: Callable[[str], bool]) -> Python:
    """Return what a revision does besides its operations: what can be said before anything ran.

    Args:
        source: the text of its file.
        is_application: tells whether a dotted module is the project's own code.
    """
    tree = syntax_tree(source)
    return read_python(tree, is_application=is_application) if tree else Python()


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
