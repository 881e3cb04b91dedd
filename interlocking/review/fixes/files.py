"""The door to the disk: reads what may be fixed, writes what was fixed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

from interlocking.environment import Project
from interlocking.errors import IncompleteError, InterlockingError, UnavailableError
from interlocking.review.files import python_files, text_of
from interlocking.review.fixes.case import Surroundings
from interlocking.review.fixes.fixing import Question, find_fixes
from interlocking.review.fixes.result import Change, Fixes
from interlocking.review.lint_settings import lint_settings
from interlocking.review.result import Review
from interlocking.review.surroundings.code import on_main_branch
from interlocking.review.surroundings.envpy import read_environment
from interlocking.revisions.directory import Locations, locations_of
from interlocking.revisions.graph import Graph
from interlocking.rewriting import Rewrite, is_unfinished, put_back, rewrite


def propose_fixes(
    project: Project, graph: Graph, review: Review, *, today: date, spared: Mapping[str, str] | None = None
) -> Fixes:
    """Return what fixing would do; nothing is written.

    Args:
        project: whose revisions they are.
        graph: all of them.
        review: of the revisions that may be changed; the caller has made sure that none of them is applied.
        today: the date in the ids of new revisions.
        spared: revisions that are not touched, and why, a clause.
    """
    locations = locations_of(project)
    around = _surroundings(project, locations)
    files = {each.path: each.path.read_bytes() for each in graph.revisions.values() if _is_plain(each.path, locations)}
    taken = {path.stem for folder in locations.folders for path in folder.iterdir()}
    return find_fixes(Question(review, graph, files, project.root.resolve(), today, around, taken, spared or {}))


def write_fixes(project: Project, fixes: Fixes) -> None:
    """Write all files or, whatever happens, none.

    New ones come first, so that nothing ever points to what is not there, and the revisions that were found fault with
    last: whoever edits one after a death edits what he wrote.

    Raises:
        RefusedError: a file is not any more what it was when it was read; nothing was written.
        UnavailableError: a file cannot be written; nothing was changed.
        IncompleteError: a file cannot be written, nor can those before it be put back.
    """
    order: tuple[Change, ...] = ("written", "re-pointed", "rewritten")
    ordered = sorted(fixes.files, key=lambda each: order.index(each.change))
    files = [Rewrite(each.path, None if each.change == "written" else each.before, each.after) for each in ordered]
    try:
        rewrite(project.home, files)
    except OSError as error:
        raise _not_written(project, error) from error


def put_back_fixes(project: Project) -> tuple[Path, ...]:
    """Put back what an interrupted fix had written; return those files.

    Raises:
        IncompleteError: it cannot be put back.
    """
    try:
        return put_back(project.home)
    except OSError as error:
        raise _not_written(project, error) from error


def _not_written(project: Project, error: OSError) -> InterlockingError:
    path = Path(error.filename or project.home)
    what = f"{path} cannot be written: {error.strerror}"
    if is_unfinished(project.home):
        return IncompleteError(
            what,
            code="fix-not-put-back",
            why="some files of the fix are written and others not",
            next="mend that; the next task puts them back: invoke db.review --fix",
        )
    return UnavailableError(
        what, code="fix-not-written", why="nothing was changed", next="see who owns it, and mend that"
    )


def perhaps_applied(project: Project, graph: Graph, *, pending: bool, named: Collection[str]) -> dict[str, str]:
    """Return the revisions that a database may have which nobody asked, and why they are not touched, a clause.

    A database that says that a revision is pending says it for itself alone: of one that is on the main branch, another
    may know more. Who names such a revision decides.

    Args:
        project: whose revisions they are.
        graph: all of them.
        pending: a database was asked, and has none of those that are meant.
        named: ids that somebody typed.
    """
    files = {each.path: id_ for id_, each in graph.revisions.items()}
    known = on_main_branch(project.root, files, main_branch=lint_settings(project).main_branch)
    if known is None:
        unknown = () if pending else graph.revisions
        return dict.fromkeys(unknown, "neither a database nor git says that it is not applied")
    shared = {files[path] for path in known}
    if not pending:
        return dict.fromkeys(shared, "the main branch has it, and no database says that it is pending")
    return {
        id_: f"the main branch has it, so another database may; -r {id_} fixes it all the same"
        for id_ in shared.difference(named)
    }


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
