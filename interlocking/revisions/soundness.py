"""What must be true of a set of revision files before their order means anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from interlocking.errors import UsageError
from interlocking.revisions.model import History, Revision

_CLOSEST_SHOWN = 3


def require_readable(history: History) -> None:
    """Refuse a history with a file whose identity is still unknown."""
    for file in history.unreadable:
        raise UsageError(
            f"{file.path} cannot be read without running it: {file.reason}",
            code="revision-unreadable",
            why="without its id and its parents the order of the migrations is unknown",
            next=f"give `revision` and `down_revision` plain values in {file.path.name}",
        )


def require_unique_ids(revisions: Iterable[Revision]) -> None:
    """Refuse two files with one id; Alembic would silently drop the first."""
    seen: dict[str, Revision] = {}
    for revision in revisions:
        other = seen.setdefault(revision.id, revision)
        if other is not revision:
            raise UsageError(
                f"two files have the revision id {revision.id}: {other.path} and {revision.path}",
                code="revision-id-duplicate",
                why="Alembic would run one of them and never the other",
                next="delete one of them if it is a copy; otherwise give it an id of its own",
            )


def require_unique_labels(revisions: Mapping[str, Revision]) -> None:
    """Refuse a branch label that is declared twice or is also a revision id."""
    owners = dict(revisions)
    for revision in revisions.values():
        for label in revision.branch_labels:
            other = owners.setdefault(label, revision)
            if other is not revision or label in revisions:
                raise UsageError(
                    f"the branch label {label} of {revision.path} is already taken by {other.path}",
                    code="branch-label-duplicate",
                    why="a label must name exactly one branch",
                    next=f"choose another label in {revision.path.name}",
                )


def require_known_parents(revisions: Mapping[str, Revision], labels: Collection[str]) -> None:
    """Refuse a `down_revision` or `depends_on` that names nothing."""
    for revision in revisions.values():
        for parent in revision.down_revisions:
            if parent not in revisions:
                raise _missing(revision, field="down_revision", name=parent, known=revisions)
        for name in revision.depends_on:
            if name not in revisions and name not in labels:
                raise _missing(revision, field="depends_on", name=name, known=(*revisions, *labels))


def require_acyclic(revisions: Mapping[str, Revision], dependencies: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse revisions that wait for each other."""
    from graphlib import CycleError, TopologicalSorter  # noqa: PLC0415 - beside its only use

    sorter = TopologicalSorter({id_: (*revisions[id_].down_revisions, *dependencies[id_]) for id_ in revisions})
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = error.args[1]
        raise UsageError(
            f"the revisions form a cycle: {' -> '.join(cycle)}",
            code="revision-cycle",
            why="each of them waits for the one before it, so none can ever be applied",
            next=f"correct `down_revision` or `depends_on` in {_files(cycle, revisions)}",
        ) from error


def closest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean a, b?` for the names that look most like `name`, or nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed for an error only

    matches = get_close_matches(name, list(known), n=_CLOSEST_SHOWN, cutoff=0.5)
    return f"; did you mean {' or '.join(matches)}?" if matches else ""


def _missing(revision: Revision, *, field: str, name: str, known: Iterable[str]) -> UsageError:
    return UsageError(
        f"{revision.path}: `{field}` names {name!r}, which no file has{closest(name, known)}",
        code="revision-parent-missing",
        why="a file was deleted or renamed, was never committed, or its id was edited",
        next=f"bring the missing file back, or correct `{field}` in {revision.path.name}",
    )


def _files(ids: Iterable[str], revisions: Mapping[str, Revision]) -> str:
    return ", ".join(dict.fromkeys(revisions[id_].path.name for id_ in ids))
