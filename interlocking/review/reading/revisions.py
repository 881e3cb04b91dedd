"""The door to the revision files: reads them, or takes from the cache what was read before."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from interlocking.environment import Project
from interlocking.review.files import digest, fingerprint, is_application, load, read_text, save
from interlocking.review.finding import TRANSIENT_PROBLEMS
from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import Reading
from interlocking.review.reading.making import make_reading, python_of
from interlocking.review.reading.rendering import Ahead, Rendering, render
from interlocking.revisions.directory import locations_of
from interlocking.revisions.model import Revision

_CACHE = Path("review") / "readings.json"
_MANY = 2_000


def read_revisions(
    project: Project,
    revisions: Sequence[Revision],
    settings: LintSettings,
    *,
    server_version: int,
    ahead: Ahead | None = None,
) -> Iterator[Reading]:
    """Read revisions in both directions, one after the other.

    Files that have not changed since they were last read are not run again.

    Args:
        project: where they stand.
        revisions: which, oldest first.
        settings: say how long one may take.
        server_version: PostgreSQL's major version, for code that asks.
        ahead: a child that was started ahead.

    Yields:
        One reading a revision, in the given order. What could not be read is a problem of its reading.
    """
    root = project.root.resolve()
    sources = {revision.id: read_text(revision.path) for revision in revisions}
    cache = ReadingCache(project, server_version)
    answers = {id_: cache.find(source) for id_, source in sources.items()}
    # before the child's first answer: it starts meanwhile, which takes longer than this
    python = {
        each.id: python_of(sources[each.id], partial(is_application, root=root, versions=each.path.parent))
        for each in revisions
    }
    missing = [revision for revision in revisions if answers[revision.id] is None]
    rendered = _rendered(project, missing, settings, server_version, ahead)
    for revision in revisions:
        source, answer = sources[revision.id], answers[revision.id]
        if answer is None:
            answer = next(rendered)
            cache.put(source, answer)
        yield make_reading(revision, source, python[revision.id], answer, root=root)
    rendered.close()
    cache.save(sources.values())


def _rendered(
    project: Project, revisions: Sequence[Revision], settings: LintSettings, server_version: int, ahead: Ahead | None
) -> Generator[dict[str, Any]]:
    """Yield what the child says about each revision, in the given order."""
    if not revisions:
        return
    rendering = Rendering(
        root=project.root,
        ini=project.alembic_ini,
        environment=locations_of(project).environment,
        server_version=server_version,
        deadline=settings.deadline,
    )
    yield from render(rendering, [revision.path for revision in revisions], ahead)


class ReadingCache:
    """What the child said about files, cached under `.interlocking/` by their text.

    Args:
        project: whose files.
        server_version: what was kept for another one is of no use.
    """

    def __init__(self, project: Project, server_version: int) -> None:
        self._path = project.home / _CACHE
        self._edition = f"{fingerprint()} {server_version}"
        kept = load(self._path)
        self._answers: dict[str, Any] = kept.get("answers", {}) if kept.get("edition") == self._edition else {}
        self._changed = False

    def has(self, marks: Collection[str]) -> bool:
        """Return whether something is known about every text with these marks."""
        return all(mark in self._answers for mark in marks)

    def find(self, source: str) -> dict[str, Any] | None:
        """Return what was said about a file with this text, unless a module that it uses has changed."""
        answer: dict[str, Any] | None = self._answers.get(digest(source))
        if answer is None or any(_mark(file) != mark for file, mark in answer["marks"].items()):
            return None
        return answer

    def put(self, source: str, answer: Mapping[str, Any]) -> None:
        """Keep what was said; a file that held the child up is tried again next time."""
        if any(problem["kind"] in TRANSIENT_PROBLEMS for problem in answer["problems"]):
            return
        marks = {file: _mark(file) for file in answer["modules"]}
        self._answers[digest(source)] = {**answer, "marks": marks}
        self._changed = True

    def save(self, sources: Iterable[str]) -> None:
        """Write what was learnt; texts that are not among `sources` are forgotten when there are too many."""
        if not self._changed:
            return
        wanted = {digest(source) for source in sources}
        kept = {key: answer for key, answer in self._answers.items() if key in wanted or len(self._answers) < _MANY}
        save(self._path, {"edition": self._edition, "answers": kept})


def _mark(file: str) -> str:
    try:
        return digest(read_text(Path(file)))
    except OSError:
        return ""
