"""A connection that cannot be had says why, and what to do; one that is had says where it leads."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import psycopg2
import pytest

from interlocking.errors import UnavailableError, UsageError
from interlocking.postgres.connect import connect, identity, require_writable
from interlocking.postgres.failures import explain_connection_failure, unsupported_server
from interlocking.postgres.server_state import new_state
from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.redaction import Secret
from tests.servers import Server


def failure(url: DatabaseUrl, *, timeout_s: int = 60) -> UnavailableError:
    """The error with which it does not connect; it never shows the password."""
    with pytest.raises(UnavailableError) as caught:
        connect(url, timeout_s=timeout_s)
    error = caught.value
    secret = url.password.reveal()
    assert not secret or secret not in f"{error} {error.why} {error.next} {error.__cause__!r}"
    assert error.next
    return error


@pytest.fixture
def url(server: Server) -> DatabaseUrl:
    """The database `postgres` on each supported version."""
    return server.url


@pytest.fixture
def role(server: Server) -> Iterator[DatabaseUrl]:
    """An ordinary role's URL."""
    name = f"ordinary_{os.getpid()}"
    with connect(server.url) as session:
        session.cursor().execute(f"CREATE ROLE {name} LOGIN PASSWORD 'sesame'")
        yield replace(server.url, user=name, password=Secret("sesame"))
        session.cursor().execute(f"DROP ROLE {name}")


def test_leaving_the_block_closes_it(url: DatabaseUrl) -> None:
    """psycopg2's own block leaves it open."""
    with connect(url) as session:
        session.cursor().execute("SELECT 1")

    assert session.closed


def test_a_block_is_no_transaction(url: DatabaseUrl) -> None:
    """CREATE DATABASE and VACUUM work inside."""
    with connect(url) as session:
        session.cursor().execute("VACUUM pg_catalog.pg_description")


def test_it_can_be_found_among_others(url: DatabaseUrl) -> None:
    """By its application name."""
    with connect(url, application_name="interlocking test") as session, session.cursor() as cursor:
        cursor.execute("SELECT application_name FROM pg_stat_activity WHERE pid = pg_backend_pid()")
        assert cursor.fetchone() == ("interlocking test",)


def test_a_readonly_connection_cannot_write(url: DatabaseUrl) -> None:
    """PostgreSQL refuses."""
    with connect(url, readonly=True) as session, pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        session.cursor().execute("CREATE TABLE t ()")


def test_nothing_listens(url: DatabaseUrl, tmp_path) -> None:
    """How to start the embedded server is named."""
    error = failure(replace(url, port=new_state(tmp_path).port))

    assert error.code == "connection-refused"
    assert "invoke db.start" in error.next


def test_no_socket(url: DatabaseUrl, tmp_path) -> None:
    """The folder is named."""
    error = failure(replace(url, host=str(tmp_path)))

    assert error.code == "connection-refused"
    assert str(tmp_path) in error.message


def test_the_password_is_wrong(url: DatabaseUrl) -> None:
    """The user is named."""
    error = failure(replace(url, password=Secret("sesame")))

    assert error.code == "password-refused"
    assert "'interlocking'" in error.message


def test_there_is_no_password(url: DatabaseUrl) -> None:
    """libpq says so itself."""
    assert failure(replace(url, password=Secret(""))).code == "password-refused"


def test_there_is_no_such_database(url: DatabaseUrl) -> None:
    """The name is repeated."""
    error = failure(url.with_database("nowhere"))

    assert error.code == "database-missing"
    assert "no database 'nowhere'" in error.message


def test_there_is_no_such_host(url: DatabaseUrl) -> None:
    """`.invalid` never resolves (RFC 2606)."""
    assert failure(replace(url, host="db.invalid")).code == "host-not-found"


def test_a_host_inside_railway(url: DatabaseUrl) -> None:
    """The public URL is named as the way."""
    error = failure(replace(url, host="postgres.railway.internal"))

    assert error.code == "host-not-found"
    assert "DATABASE_PUBLIC_URL" in error.next


def test_too_many_connections(server: Server, role: DatabaseUrl) -> None:
    """A role's limit reads like the server's."""
    with connect(server.url) as session:
        session.cursor().execute(f"ALTER ROLE {role.user} CONNECTION LIMIT 1")

    with connect(role):
        assert failure(role).code == "too-many-connections"


def test_all_slots_of_the_server_are_taken(server: Server, role: DatabaseUrl) -> None:
    """The last ones are reserved for superusers."""
    with connect(server.url) as session, session.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        (slots,) = cursor.fetchone() or ("0",)

    with ExitStack() as opened:

        def take_all() -> None:
            for _ in range(int(slots)):
                opened.enter_context(connect(role))

        with pytest.raises(UnavailableError) as caught:
            take_all()

    assert caught.value.code == "too-many-connections"


def test_tls_where_there_is_none(postgres_server: Server) -> None:
    """The wheel's server has no TLS."""
    error = failure(replace(postgres_server.url, query=(("sslmode", "require"),)))

    assert error.code == "ssl-required"
    assert "sslmode" in error.next


def test_a_server_that_never_answers(postgres_server: Server) -> None:
    """It is given up after the time that was asked for."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()

        nowhere = replace(postgres_server.url, port=silent.getsockname()[1])
        assert failure(nowhere, timeout_s=2).code == "timeout"


def test_a_parameter_that_libpq_does_not_know(url: DatabaseUrl) -> None:
    """It is named, the password is not."""
    with pytest.raises(UsageError, match="pgbouncer") as caught:
        connect(replace(url, query=(("pgbouncer", "true"),)))

    assert url.password.reveal() not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("FATAL:  the database system is starting up", "server-starting"),
        ("FATAL:  the database system is in recovery mode", "server-starting"),
        ("FATAL:  sorry, too many clients already", "too-many-connections"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", no encryption', "ssl-required"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", SSL encryption', "host-refused"),
        ("server closed the connection unexpectedly", "not-postgresql"),
        ("FATAL:  Ungültige Anmeldung, sesame", "database-unreachable"),
    ],
)
def test_what_servers_say(said: str, code: str) -> None:
    """Texts that are hard to provoke; an unknown one is passed on without the password."""
    error = explain_connection_failure(said, parse("postgresql://u:sesame@h/d"))

    assert code == error.code
    assert "sesame" not in str(error)


@pytest.mark.parametrize(
    ("version", "supported"), [(90624, False), (120022, False), (130000, True), (150008, True), (180006, True)]
)
def test_which_servers_are_supported(version: int, supported: bool) -> None:
    """13 and newer."""
    error = unsupported_server(version)

    assert supported is (error is None)
    assert error is None or error.code == "unsupported-server"


def test_a_writable_database_passes(url: DatabaseUrl) -> None:
    """The usual case."""
    with connect(url) as session:
        require_writable(session, url)


def test_a_database_that_only_reads(server: Server) -> None:
    """It is said before a migration begins."""
    url = parse(server.make_database(settings="default_transaction_read_only = on"))

    with connect(url) as session, pytest.raises(UnavailableError, match="only allows reading") as caught:
        require_writable(session, url)

    assert caught.value.code == "read-only"
    server.drop(url.libpq())


def test_one_database_is_recognised_on_any_way(server: Server, role: DatabaseUrl) -> None:
    """Another name of the host, another role, a role that may not see the system identifier."""
    with connect(server.url) as session, connect(replace(role, host="localhost")) as other:
        session.cursor().execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        mine, theirs = identity(session), identity(other)
        session.cursor().execute("GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC")

    assert mine.system_identifier
    assert theirs.system_identifier is None
    assert mine.is_same_database(theirs)


def test_another_database_of_the_same_server_is_another(server: Server) -> None:
    """The system identifier alone does not tell."""
    other_url = server.make_database()
    with connect(server.url) as session, connect(parse(other_url)) as other:
        assert not identity(session).is_same_database(identity(other))
    server.drop(other_url)


def test_a_copy_of_the_server_is_another(server: Server) -> None:
    """A replica shares everything but the start of its process."""
    with connect(server.url) as session:
        mine = identity(session)

    assert not mine.is_same_database(replace(mine, postmaster_started_at=mine.postmaster_started_at.replace(year=2000)))
