"""The guard's tables stay out of autogenerate's sight."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from interlocking.postgres.url import parse
from interlocking.upgrade.audit.connection import open_beside
from interlocking.upgrade.audit.origin import Origin
from interlocking.upgrade.audit.tables import without_own_tables
from interlocking.upgrade.audit.trail import Recorder


@pytest.mark.parametrize("schema", [None, "keeper"])
def test_autogenerate_does_not_drop_them(empty: str, schema: str | None) -> None:
    """With `include_schemas` too; tables that nobody's model has are still found."""
    engine = sa.create_engine(parse(empty).sqlalchemy(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE stray (id int)")
        connection.commit()
        origin = Origin("a", "h", None)
        opener = lambda: open_beside(connection, application_name="audit")  # noqa: E731
        with Recorder(opener, version_table="alembic_version", origin=origin, schema=schema) as recorder:
            recorder.begin("r1", "upgrade", checksum=None)
        connection.commit()
        context = MigrationContext.configure(
            connection, opts={"include_name": without_own_tables(), "include_schemas": True}
        )
        found = [(operation[0], operation[1].name) for operation in compare_metadata(context, sa.MetaData())]

    assert [("remove_table", "stray")] == found


def test_the_projects_own_filter_still_decides() -> None:
    """About everything that is not the guard's."""
    decide = without_own_tables(lambda name, *_rest: name != "legacy")

    assert [False, False, True, True] == [
        decide("legacy", "table", {}),
        decide("interlocking_audit", "table", {}),
        decide("orders", "table", {}),
        decide("interlocking_audit", "column", {}),
    ]
