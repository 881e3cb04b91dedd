"""Alembic's commands, each in a child process of its own, on a database that is proven to be the one meant.

A process a command, because a second command would inherit what the first one left: loaded revisions,
logging, pools, the side effects of the application's import.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from interlocking.environment import Project
from interlocking.plan import Progress, silent
from interlocking.postgres.url import DatabaseUrl
from interlocking.revisions.model import Revision
from interlocking.upgrade.results import Drift, Moved, Operation, Written
from interlocking.upgrade.running.run import run_child


@dataclass(frozen=True, slots=True)
class Alembic:
    """Alembic on one project and one database.

    Every method raises:
        UsageError: the project cannot be loaded, or there is no such revision.
        CheckFailedError: a revision failed; nothing was changed.
        RefusedError: env.py connects to another database, the files do not know where this one is,
            or there are several heads; nothing was changed.
        UnavailableError: the database cannot be reached, or does not allow it; nothing was changed.
        IncompleteError: it stopped part-way; `why` says where the database stands.
        StoppedError: a signal ended it; `why` says where the database stands.

    Args:
        project: the project on disk.
        url: the only database that may be touched.
        progress: hears of every revision, and of every line that the project prints (`note`).
    """

    project: Project
    url: DatabaseUrl
    progress: Progress = silent

    def upgrade(self, revision: str = "heads") -> Moved:
        """Apply what is missing up to `revision`."""
        return self._move("upgrade", revision)

    def downgrade(self, revision: str = "-1") -> Moved:
        """Undo what stands above `revision`; `base` undoes everything."""
        return self._move("downgrade", revision)

    def stamp(self, revision: str, *, purge: bool = False) -> Moved:
        """Set the version table to `revision` and run nothing.

        Args:
            revision: what it shall hold.
            purge: empty it first: the only way when it holds a revision that no file has.
        """
        return self._move("stamp", revision, purge=purge)

    def sql(self, direction: Literal["upgrade", "downgrade"], revision: str) -> str:
        """Return the SQL of a range of revisions, as `--sql` writes it; the database is not asked.

        Args:
            direction: which way.
            revision: `FROM:TO`; an upgrade may leave `FROM:` out to begin at base.
        """
        arguments = {"direction": direction, "revision": revision}
        run = run_child(self.project, self.url, silent, command="sql", arguments=arguments)  # no step is taken
        return str(run.result["sql"])

    def write(self, *, message: str, revision_id: str, empty: bool = False, dry_run: bool = False) -> Written:
        """Write the revision that brings the migrations to the models; no file when they agree.

        Args:
            message: the first line of the file's docstring, as `revisions.naming.docstring_message` gives it.
            revision_id: its id, and its file's name.
            empty: write a revision without operations, whatever the models say.
            dry_run: write nothing, only say what it would contain.
        """
        result = self._ask("write", message=message, revision_id=revision_id, empty=empty, dry_run=dry_run)
        return _written(result)

    def merge(self, *, revisions: tuple[str, ...], message: str, revision_id: str) -> Written:
        """Write the revision that joins several heads.

        Args:
            revisions: the heads.
            message: as in `write`.
            revision_id: as in `write`.
        """
        result = self._ask("merge", revisions=list(revisions), message=message, revision_id=revision_id)
        return _written(result)

    def check(self) -> Drift:
        """Say what the models have and the migrations have not."""
        return Drift(_operations(self._ask("check")["operations"]))

    def revisions(self) -> tuple[Revision, ...]:
        """Return every revision as Alembic loads it, newest first; for files that cannot be read statically."""
        return tuple(loaded_revision(values) for values in self._ask("revisions")["revisions"])

    def call(self, target: str) -> str | None:
        """Call a function of the project, inside its Flask application's context when it has one.

        Args:
            target: `module:function`; it is called without arguments.

        Returns:
            What it returned, as text.
        """
        returned = self._ask("call", target=target)["returned"]
        return None if returned is None else str(returned)

    def _ask(self, command: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
        run = run_child(self.project, self.url, self.progress, command=command, arguments=arguments)
        return run.result

    def _move(self, command: str, revision: str, **options: bool) -> Moved:
        arguments = {"revision": revision, **options}
        run = run_child(self.project, self.url, self.progress, command=command, arguments=arguments)
        return Moved(before=run.before or (), after=run.after(), steps=tuple(run.steps))


def loaded_revision(values: dict[str, Any]) -> Revision:
    """Return the revision that a child described."""
    return Revision(
        id=values["id"],
        path=Path(values["path"]).resolve(),
        down_revisions=tuple(values["down_revisions"]),
        depends_on=tuple(values["depends_on"]),
        branch_labels=tuple(values["branch_labels"]),
        doc=values["doc"],
    )


def _written(result: dict[str, Any]) -> Written:
    return Written(
        revision=result["revision"],
        path=Path(result["path"]) if result["path"] else None,
        upgrade=_operations(result["upgrade"]),
        downgrade=_operations(result["downgrade"]),
    )


def _operations(listed: list[dict[str, Any]]) -> tuple[Operation, ...]:
    return tuple(Operation(each["words"], tuple(each["sql"])) for each in listed)
