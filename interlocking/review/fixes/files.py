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
    """Write all files or, when one cannot be written or the task is stopped, none.

    New ones come first, so that nothing ever points to what is not there.

    Raises:
        RefusedError: a file is not any more what it was when it was read; nothing was written.
        UnavailableError: a file cannot be written; nothing was changed.
        IncompleteError: a file cannot be written, nor can those before it be put back.
    """
    _require_unchanged(fixes.files)
    for number, each in enumerate(fixes.files):
        try:
            _replace(each.path, each.after)
        except BaseException as error:
            _put_back(fixes.files[: number + 1])
            if isinstance(error, OSError):
                raise _not_written(each, error) from error
            raise


def _require_unchanged(files: Sequence[FileChange]) -> None:
    for each in files:
        if (each.path.read_bytes() if each.path.exists() else b"") != each.before:
            raise RefusedError(
                f"{each.name} was changed meanwhile",
                code="changed-meanwhile",
                why="the fix was made for the file as it was; nothing was written",
                next="invoke db.review --fix",
            )


def _replace(path: Path, data: bytes) -> None:
    """Write beside, then rename: whoever dies in between leaves the old file."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    beside = path.with_name(f".{path.name}.new")
    write_file(beside, data, mode=mode)
    move(beside, path)


def _put_back(files: Sequence[FileChange]) -> None:
    """Take back what was written, the last file first."""
    for each in reversed(files):
        try:
            if each.change == "written":
                each.path.unlink(missing_ok=True)
            elif each.path.read_bytes() != each.before:
                _replace(each.path, each.before)
        except OSError as error:
            raise IncompleteError(
                f"{each.name} cannot be put back: {error.strerror}",
                code="fix-not-written",
                why="some files were written and others not",
                next="put the revision files back from version control",
            ) from error


def _not_written(change: FileChange, error: OSError) -> InterlockingError:
    return UnavailableError(
        f"{change.name} cannot be written: {error.strerror}",
        code="fix-not-written",
        why="nothing was changed",
        next=f"ls -la {change.path.parent}",
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
