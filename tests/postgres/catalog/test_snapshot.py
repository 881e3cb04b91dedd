"""A snapshot shows everything once, in one consistent moment, and leaves the session as it was."""

from __future__ import annotations

import pickle

import pytest
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from interlocking.errors import UnavailableError
from interlocking.postgres.catalog import take_snapshot
from interlocking.postgres.connect import connect
from interlocking.postgres.session import Session
from interlocking.postgres.snapshot import ObjectKey


def keys(session: Session, **options) -> set[ObjectKey]:
    """What a snapshot holds."""
    return {each.key for each in take_snapshot(session, **options).objects}


def test_an_ignored_table_takes_its_parts_along(emptied):
    """Neither the version table nor its columns, constraints, indexes and sequences are seen; a namesake elsewhere is."""
    empty = keys(emptied)
    emptied.cursor().execute(
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY, n serial, i int GENERATED ALWAYS AS IDENTITY);"
        "CREATE SCHEMA s; CREATE TABLE s.alembic_version (n int)"
    )

    assert {
        ObjectKey("schema", "s", "", "s"),
        ObjectKey("table", "s", "", "alembic_version"),
        ObjectKey("column", "s", "alembic_version", "n"),
    } == keys(emptied, ignore=["public.alembic_version"]) - empty


def test_what_an_extension_brought_is_the_extension(emptied):
    """A type, its functions, operators and casts that belong to an extension are not seen one by one."""
    empty = keys(emptied)
    emptied.cursor().execute("CREATE EXTENSION citext; CREATE EXTENSION hstore")

    assert {ObjectKey("extension", "", "", "citext"), ObjectKey("extension", "", "", "hstore")} == (
        keys(emptied) - empty
    )


def test_temporary_objects_are_not_seen(emptied):
    """They end with the session that made them."""
    empty = keys(emptied)
    emptied.cursor().execute("CREATE TEMPORARY TABLE t (id serial PRIMARY KEY)")

    assert empty == keys(emptied)


def test_the_session_does_not_colour_the_snapshot(emptied):
    """Definitions read the same whatever the session's path, formats and quoting are."""
    emptied.cursor().execute(
        "CREATE TYPE y AS ENUM ('a');"
        "CREATE TABLE t (k y, d timestamptz DEFAULT '2020-01-02', i interval DEFAULT '1 day 2 hours',"
        " f float8 DEFAULT 0.1, z bytea DEFAULT '\\x00ff')"
    )
    plain = take_snapshot(emptied)
    emptied.cursor().execute(
        "SET search_path = pg_catalog; SET DateStyle = 'German'; SET IntervalStyle = 'iso_8601';"
        "SET TimeZone = 'Asia/Tokyo'; SET extra_float_digits = -10; SET bytea_output = 'escape';"
        "SET quote_all_identifiers = on"
    )

    assert plain == take_snapshot(emptied)


@pytest.mark.parametrize("autocommit", [True, False])
def test_the_session_is_left_as_it_was(autocommit, emptied):
    """No open transaction, the same mode, the same settings."""
    emptied.autocommit = autocommit
    take_snapshot(emptied)

    assert (autocommit, TRANSACTION_STATUS_IDLE) == (emptied.autocommit, emptied.info.transaction_status)
    with emptied.cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert ('"$user", public',) == cursor.fetchone()
        cursor.execute("SHOW transaction_read_only")
        assert ("off",) == cursor.fetchone()


def test_an_open_transaction_is_refused_and_kept(emptied):
    """A snapshot would have to end it, and with it somebody's work."""
    emptied.autocommit = False
    emptied.cursor().execute("CREATE TABLE t (id int)")

    with pytest.raises(ValueError, match="outside a transaction"):
        take_snapshot(emptied)
    emptied.commit()
    assert ObjectKey("table", "public", "", "t") in keys(emptied)


def test_a_snapshot_that_fails_leaves_the_session_usable(server, emptied):
    """A server that gives up half-way is said to be unavailable, and the connection can be used again."""
    emptied.cursor().execute("SET statement_timeout = 100")
    with connect(server.url.with_database(emptied.info.dbname), autocommit=False) as other:
        other.cursor().execute("LOCK TABLE pg_event_trigger")  # which a snapshot reads, and hardly anybody else
        with pytest.raises(UnavailableError, match="could not be read"):
            take_snapshot(emptied)
    emptied.cursor().execute("RESET statement_timeout")

    assert ObjectKey("schema", "public", "", "public") in keys(emptied)


def test_a_lost_connection_is_unavailable(server):
    """The server ended the session: an error of the family, not the driver's."""
    with connect(server.url) as lost, connect(server.url) as other:
        other.cursor().execute("SELECT pg_terminate_backend(%s, 60000)", [lost.info.backend_pid])

        with pytest.raises(UnavailableError) as caught:
            take_snapshot(lost)
    assert caught.value.code == "catalog-unreadable"


def test_a_snapshot_survives_pickling(emptied):
    """It can be handed to another process and compared there."""
    snapshot = take_snapshot(emptied)
    copy = pickle.loads(pickle.dumps(snapshot))

    assert (snapshot, hash(snapshot)) == (copy, hash(copy))


def test_every_object_is_said_once(emptied):
    """No join multiplies an object: keys are unique however rich the table."""
    emptied.cursor().execute(
        "CREATE TABLE m (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, UNIQUE (n), CHECK (n > 0));"
        "CREATE TABLE r (id int REFERENCES m, n int REFERENCES m (n)); CREATE TABLE c (id int) INHERITS (m, r);"
        "COMMENT ON COLUMN m.id IS 'x'; GRANT SELECT (id), UPDATE (id) ON m TO PUBLIC; GRANT SELECT ON m TO PUBLIC"
    )
    objects = take_snapshot(emptied).objects

    assert len({each.key for each in objects}) == len(objects)


def test_an_unprivileged_role_sees_the_same(emptied):
    """Nothing that is read needs a superuser."""
    emptied.cursor().execute("CREATE TABLE t (id serial PRIMARY KEY); CREATE PUBLICATION b FOR TABLE t")
    expected = take_snapshot(emptied)
    emptied.cursor().execute("SET SESSION AUTHORIZATION pg_monitor")

    assert expected == take_snapshot(emptied)
