"""The door to the revision files: reads them, or takes from the cache what was read before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from interlocking.environment import Project
from interlocking.review.files import digest, fingerprint, load, locations_of, read_text, save
from interlocking.review.lint_settings import LintSettings
from interlocking.review.model import Reading
from interlocking.review.readings import make_reading
from interlocking.review.rendering import Rendering, render
from interlocking.revisions.model import Revision

_CACHE = Path("review") / "readings.json"
_MANY = 2_000


def read_revisions(
    project: Project, revisions: Sequence[Revision], settings: LintSettings, *, server_version: int
) -> dict[str, Reading]:
    """Read revisions in both directions.

    Files that have not changed since they were last read are not run again.

    Args:
        project: where they stand.
        revisions: which, oldest first.
        settings: say how long one may take.
        server_version: PostgreSQL's major version, for code that asks.

    Returns:
        One reading a revision, by id, in the given order. What could not be read is a problem of its reading.
    """
    root = project.root.resolve()
    sources = {revision.id: read_text(revision.path) for revision in revisions}
    shelf = _Shelf(project.home / _CACHE, f"{fingerprint()} {server_version}")
    answers = {id_: shelf.find(source) for id_, source in sources.items()}
    missing = [revision for revision in revisions if answers[revision.id] is None]
    by_path = {str(revision.path): revision for revision in missing}
    readings = {
        revision.id: make_reading(revision, sources[revision.id], answers[revision.id] or {}, root=root)
        for revision in revisions
        if answers[revision.id] is not None
    }
    for answer in _rendered(project, missing, settings, server_version):
        revision = by_path[answer["file"]]
        shelf.put(sources[revision.id], answer)
        readings[revision.id] = make_reading(revision, sources[revision.id], answer, root=root)
    shelf.save(sources.values())
    return {revision.id: readings[revision.id] for revision in revisions}


def _rendered(
    project: Project, revisions: Sequence[Revision], settings: LintSettings, server_version: int
) -> Iterator[dict[str, Any]]:
    if not revisions:
        return
    rendering = Rendering(
        root=project.root,
        ini=project.alembic_ini,
        environment=locations_of(project).environment,
        server_version=server_version,
        deadline=settings.deadline,
    )
    yield from render(rendering, [revision.path for revision in revisions])


class _Shelf:
    """What the child said about files, kept under `.interlocking/`.

    Args:
        path: the file.
        edition: what was kept under another one is of no use.
    """

    def __init__(self, path: Path, edition: str) -> None:
        self._path = path
        self._edition = edition
        kept = load(path)
        self._answers: dict[str, Any] = kept.get("answers", {}) if kept.get("edition") == edition else {}
        self._changed = False

    def find(self, source: str) -> dict[str, Any] | None:
        """Return what was said about a file with this text, unless a module that it uses has changed."""
        answer: dict[str, Any] | None = self._answers.get(digest(source))
        if answer is None or any(_mark(file) != mark for file, mark in answer["marks"].items()):
            return None
        return answer

    def put(self, source: str, answer: Mapping[str, Any]) -> None:
        """Keep what was said; a file that held the child up is tried again next time."""
        if any(problem["kind"] in ("deadline", "memory", "ended") for problem in answer["problems"]):
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
