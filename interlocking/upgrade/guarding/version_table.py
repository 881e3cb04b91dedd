"""Alembic's version table, as the database knows it: its schema, its lock keys, what it holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from interlocking.postgres.identifiers import quote
from interlocking.postgres.versions import SCHEMA_OF_VERSION_TABLE
from interlocking.upgrade.audit.tables import progress_name
from interlocking.upgrade.guarding.side import SideConnection


@dataclass(frozen=True, slots=True)
class VersionTable:
    """One history of one database.

    Args:
        schema: where the table is, or will be made.
        name: its name.
    """

    schema: str
    name: str

    @property
    def quoted(self) -> str:
        """The table's name for SQL."""
        return f"{quote(self.schema)}.{quote(self.name)}"

    @property
    def progress(self) -> str:
        """The guard's own table, for SQL."""
        return f"{quote(self.schema)}.{quote(progress_name(self.name))}"

    def lock_key(self, purpose: str) -> int:
        """Return the advisory lock for one purpose: 64 bits with a sign; the database is part of it already."""
        digest = hashlib.sha256(f"interlocking {purpose} {self.quoted}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)

    def read(self, side: SideConnection) -> tuple[str, ...]:
        """Return the revisions it holds, sorted; none when it does not exist."""
        if side.row("SELECT to_regclass(%s)", (self.quoted,)) == (None,):
            return ()
        rows = side.rows(f"SELECT version_num FROM {self.quoted} ORDER BY 1")  # noqa: S608 - quoted
        return tuple(version for (version,) in rows)


def find_version_table(connection: Connection, *, schema: str | None, name: str) -> VersionTable:
    """Return where the version table is; leaves no transaction behind.

    Args:
        connection: the one that migrates: its search path counts.
        schema: as env.py configured it; None means wherever the search path finds the table.
        name: as env.py configured it.
    """
    found: Any = connection.exec_driver_sql(SCHEMA_OF_VERSION_TABLE, (schema, name)).scalar_one()
    connection.rollback()
    return VersionTable(str(found), name)
