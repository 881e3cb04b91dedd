"""The door to the disk: reads what may be fixed, writes what was fixed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from interlocking.durable import move, write_file
from interlocking.environment import Project
from interlocking.errors import IncompleteError, InterlockingError, RefusedError, UnavailableError
from interlocking.review.envpy import read_environment
from interlocking.review.files import locations_of, python_files, text_of
from interlocking.review.fixes.case import Surroundings
from interlocking.review.fixes.fixing import Question, find_fixes
from interlocking.review.fixes.result import FileChange, Fixes
from interlocking.review.lint_settings import lint_settings
from interlocking.review.result import Review
from interlocking.revisions.directory import Locations
from interlocking.revisions.graph import Graph


def propose_fixes(project: Project, graph: Graph, review: Review, *, today: date) -> Fixes:
    """Return what fixing would do; nothing is written.

    Args:
        project: whose revisions they are.
        graph: all of them.
        review: of the revisions that may be changed; the caller has made sure that none of them is applied.
        today: the date in the ids of new revisions.
    """
    locations = locations_of(project)
    around = _surroundings(project, locations)
    files = {each.path: each.path.read_bytes() for each in graph.revisions.values() if _is_plain(each.path, locations)}
    return find_fixes(Question(review, graph, files, project.root.resolve(), today, around))


def write_fixes(fixes: Fixes) -> None:
    """Write the files: new ones first, so that nothing points to what is not there.

    Raises:
        RefusedError: a file is not any more what it was when it was read; nothing was written.
        UnavailableError: the first file cannot be written; nothing was.
        IncompleteError: a later one cannot be written.
    """
    for each in fixes.files:
        if (each.path.read_bytes() if each.path.exists() else b"") != each.before:
            raise RefusedError(
                f"{each.name} was changed meanwhile",
                code="changed-meanwhile",
                why="the fix was made for the file as it was; nothing was written",
                next="invoke db.review --fix",
            )
    for number, each in enumerate(fixes.files):
        try:
            _replace(each)
        except OSError as error:
            raise _not_written(fixes.files, number, error) from error


def _replace(change: FileChange) -> None:
    """Write beside, then rename: whoever dies in between leaves the old file."""
    mode = change.path.stat().st_mode & 0o777 if change.path.exists() else 0o644
    beside = change.path.with_name(f".{change.path.name}.new")
    write_file(beside, change.after, mode=mode)
    move(beside, change.path)


def _not_written(files: Sequence[FileChange], number: int, error: OSError) -> InterlockingError:
    message = f"{files[number].name} cannot be written: {error.strerror}"
    if number == 0:
        return UnavailableError(
            message, code="fix-not-written", why="nothing was changed", next=f"ls -l {files[0].path.parent}"
        )
    done = ", ".join(each.name for each in files[:number])
    return IncompleteError(
        message, code="fix-not-written", why=f"written already: {done}", next="put them back from version control"
    )


def _surroundings(project: Project, locations: Locations) -> Surroundings:
    environment = locations.environment.resolve()
    folders = lint_settings(project).models
    texts = [text_of(path) for path in python_files(project.root.resolve(), folders, environment)]
    return Surroundings(
        transaction_mode=read_environment(text_of(environment / "env.py")).transaction_mode,
        naming_convention=any("naming_convention" in text for text in texts),
        renames_given_names=any("%(constraint_name)s" in text for text in texts),
    )


def _is_plain(path: Path, locations: Locations) -> bool:
    """Say whether a path is an ordinary file in one of the version folders, not one that a link leads out to."""
    inside = any(path.is_relative_to(folder.resolve()) for folder in locations.folders)
    return inside and path.suffix == ".py" and path.is_file() and not path.is_symlink()
