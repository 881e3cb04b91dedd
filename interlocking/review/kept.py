"""Results of earlier reviews, kept under `.interlocking/` by all that they depend on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from interlocking.environment import Project
from interlocking.review.files import digest, fingerprint, load, python_files, save, text_of
from interlocking.review.finding import TRANSIENT_PROBLEMS
from interlocking.review.lint_settings import LintSettings, is_stated
from interlocking.review.result import Review, from_data, to_data
from interlocking.revisions.directory import locations_of, revision_files

_FOLDER = Path("review") / "results"
_MOST = 8
_GIT = ("HEAD", "packed-refs", "logs/HEAD", "refs/heads/main", "refs/heads/master", "refs/remotes/origin")


class ResultCache:
    """Where the result of one review is kept.

    Args:
        project: whose revisions.
        settings: of the review.
        selection: what was asked for; with the files it decides what is reviewed.
        one_release: see `Context.one_release`.

    Attributes:
        marks: of the texts of the revision files.
    """

    def __init__(
        self, project: Project, settings: LintSettings, selection: Sequence[str], *, one_release: bool
    ) -> None:
        self._folder = project.home / _FOLDER
        locations = locations_of(project)
        environment = locations.environment.resolve()
        root = project.root.resolve()
        files = {path.name: digest(text_of(path)) for path in revision_files(locations)}
        self.marks = tuple(files.values())
        parts = [
            fingerprint(),
            asdict(settings),
            is_stated(project, "postgres"),
            files,
            list(selection),
            one_release,
            digest(text_of(environment / "env.py")),
            digest(text_of(root / settings.statistics)) if settings.statistics else "",
            [_stamp(path) for path in python_files(root, settings.models, environment)],
            _branches(root),
        ]
        self._path = self._folder / f"{digest(json.dumps(parts, default=str))}.json"

    @staticmethod
    def are_kept(project: Project) -> bool:
        """Return whether any result of the project is kept: without one there is no need to look at its files."""
        return (project.home / _FOLDER).is_dir()

    def kept(self) -> Review | None:
        """Return the result of an earlier review of the very same."""
        try:
            return from_data(load(self._path))
        except (KeyError, TypeError):  # there is none, or it is damaged
            return None

    def keep(self, review: Review) -> Review:
        """Keep a result and return it; one that a busy machine may have caused is not kept."""
        if not any(each.kind in TRANSIENT_PROBLEMS for each in review.unreadable):
            save(self._path, to_data(review))
            self._forget()
        return review

    def _forget(self) -> None:
        """Remove all but the latest results."""
        with suppress(OSError):
            files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
            for path in files[:-_MOST]:
                path.unlink()


def _branches(root: Path) -> list[tuple[str, int]]:
    """Return what changes when git's branches move."""
    folder = next((each / ".git" for each in (root, *root.parents) if (each / ".git").is_dir()), None)
    return [_stamp(folder / name) for name in _GIT if (folder / name).exists()] if folder else []


def _stamp(path: Path) -> tuple[str, int]:
    return str(path), path.stat().st_mtime_ns
