"""What `db.verify` does: compare a project's files with the audit of a database, or sign one of them."""

from __future__ import annotations

from interlocking.environment import Project
from interlocking.errors import RefusedError, UnavailableError, UsageError
from interlocking.postgres.connect import connect
from interlocking.postgres.session import Session
from interlocking.postgres.url import DatabaseUrl
from interlocking.postgres.versions import SCHEMA_OF_VERSION_TABLE, current_revisions
from interlocking.revisions.graph import Graph
from interlocking.upgrade.audit.origin import read_origin
from interlocking.upgrade.audit.trail import Recorder, last_applied
from interlocking.upgrade.status import load_graph
from interlocking.upgrade.verifying.verify import Verification, file_checksum, verify


def verify_project(project: Project, url: DatabaseUrl) -> Verification:
    """Compare the files of all applied revisions with what was applied.

    Raises:
        UsageError: the files are missing or do not hang together.
        UnavailableError: the database cannot be reached.
    """
    graph = load_graph(project, url)
    with connect(url, readonly=True) as connection:
        return _verify(project, graph, connection)


def accept(project: Project, url: DatabaseUrl, revision: str) -> Verification:
    """Sign the file of an applied revision as it is now, or its absence, and verify again.

    Raises:
        UsageError: neither a file nor the audit knows the revision.
        RefusedError: it is not applied, or its file cannot be read as Python.
        UnavailableError: the audit cannot be written.
    """
    graph = load_graph(project, url)
    with connect(url) as connection:
        signature = _signature(project, graph, connection, revision)
        warnings: list[str] = []
        recorder = Recorder(
            lambda: connect(url, application_name="interlocking audit"),
            version_table=_version_table(project, connection),
            origin=read_origin(project.root, project.variables),
            warn=warnings.append,
        )
        with recorder:
            if not recorder.accept(revision, checksum=signature):
                raise UnavailableError(
                    f"the signature could not be written: {'; '.join(warnings)}", code="audit-not-writable"
                )
        return _verify(project, graph, connection)


def _signature(project: Project, graph: Graph, connection: Session, revision: str) -> str | None:
    """Return the checksum to sign; None for a file that is gone."""
    if revision not in graph.revisions:
        if revision in last_applied(connection, _version_table(project, connection)):
            return None
        raise UsageError(f"there is no revision {revision!r}", code="revision-not-found", next="invoke db.history")
    current = [id_ for id_ in _current(project, connection) if id_ in graph.revisions]
    if revision not in graph.ancestors(current):
        raise RefusedError(
            f"{revision} is not applied",
            code="revision-not-applied",
            why="until it is, its file may be edited freely",
            next="invoke db.status",
        )
    signature = file_checksum(graph.revisions[revision].path)
    if signature is None:
        raise RefusedError(
            f"{graph.revisions[revision].path.name} cannot be read as Python", code="unreadable-revision"
        )
    return signature


def _verify(project: Project, graph: Graph, connection: Session) -> Verification:
    current = _current(project, connection)
    return verify(graph, connection, current=current, version_table=_version_table(project, connection))


def _current(project: Project, connection: Session) -> tuple[str, ...]:
    settings = project.settings
    schema = settings.version_table_schema or None
    return current_revisions(connection, version_table=settings.version_table, schema=schema)


def _version_table(project: Project, connection: Session) -> str:
    """Return the version table as the guard names it in the audit: with its schema."""
    settings = project.settings
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA_OF_VERSION_TABLE, (settings.version_table_schema or None, settings.version_table))
        (schema,) = cursor.fetchone() or (None,)
    return f"{schema}.{settings.version_table}"
