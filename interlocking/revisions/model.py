"""A revision file as data, and the history that a folder of them makes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision file, as Alembic would understand it.

    Attributes:
        id: the `revision` variable.
        path: the file.
        down_revisions: the parents, in written order; empty for a base, several for a merge.
        depends_on: ids or branch labels that must be applied first without being parents.
        branch_labels: names given to the branch that starts here.
        doc: the file's docstring, stripped.
    """

    id: str
    path: Path
    down_revisions: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    doc: str = ""

    @property
    def message(self) -> str:
        """The first line of the docstring: what `-m` said when the file was written."""
        return self.doc.partition("\n")[0].rstrip()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A revision file whose identity can only be learnt by running it.

    Attributes:
        path: the file.
        reason: why it cannot be read, with the line number.
    """

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class History:
    """Everything that the version folders hold, in Alembic's own reading order.

    Attributes:
        files: one entry a file. The order matters: Alembic breaks ties between branches by it.
    """

    files: tuple[Revision | Unreadable, ...]

    @property
    def revisions(self) -> tuple[Revision, ...]:
        """The files that could be read."""
        return tuple(file for file in self.files if isinstance(file, Revision))

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The files that only Alembic can read, by running them."""
        return tuple(file for file in self.files if isinstance(file, Unreadable))

    def completed(self, revisions: Iterable[Revision]) -> History:
        """Return the history with each unreadable file replaced by the revision of the same path.

        Args:
            revisions: what someone else (Alembic) found in the unreadable files.
        """
        found = {revision.path: revision for revision in revisions}
        return History(
            tuple(found.get(file.path, file) if isinstance(file, Unreadable) else file for file in self.files)
        )
