"""Any spelling of a URL is read, none of them leaks its password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import parse_dsn
from sqlalchemy.engine import make_url

from interlocking.errors import UsageError
from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.redaction import Secret

_TEXT = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=12)


@pytest.mark.parametrize(
    "text",
    [
        "postgres://me:pw@db.example.com/app",
        "postgresql://me:pw@db.example.com:5432/app",
        "postgresql+psycopg2://me:pw@db.example.com/app",
        "POSTGRESQL://me:pw@db.example.com/app",
        "  postgresql://me:pw@db.example.com/app\n",
        "postgresql://db.example.com/app?user=me&password=pw&port=5432",
        "postgresql:///?host=db.example.com&dbname=app&user=me&password=pw",
    ],
)
def test_every_spelling_is_the_same_database(text: str) -> None:
    """Railway's, SQLAlchemy's and libpq's."""
    assert DatabaseUrl("db.example.com", 5432, "me", Secret("pw"), "app") == parse(text)


def test_the_driver_is_always_named() -> None:
    """SQLAlchemy 2.1 would take a bare postgresql:// for psycopg 3."""
    assert parse("postgres://h/app").sqlalchemy() == "postgresql+psycopg2://h:5432/app"


@given(user=_TEXT, password=_TEXT, database=_TEXT)
def test_what_is_written_is_read_back(user: str, password: str, database: str) -> None:
    """By us, by libpq and by SQLAlchemy, whatever characters are in it."""
    url = DatabaseUrl("h", 5433, user, Secret(password), database, (("sslmode", "disable"),))

    assert url == parse(url.libpq()) == parse(url.sqlalchemy())
    dsn = parse_dsn(url.libpq())
    assert (user, password, database) == (dsn["user"], dsn["password"], dsn["dbname"])
    read = make_url(url.sqlalchemy())
    assert (user, password, database) == (read.username, read.password, read.database)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("postgresql://[::1]:5433/app", "::1"),
        ("postgresql:///app?host=/var/run/postgresql&port=5433", "/var/run/postgresql"),
        ("postgresql://%2Fvar%2FRun:5433/app", "/var/Run"),
    ],
)
def test_addresses_and_sockets(text: str, host: str) -> None:
    """All of them are this machine, and survive being written."""
    url = parse(text)

    assert (host, 5433) == (url.host, url.port)
    assert url.is_local
    assert url == parse(url.libpq())
    assert (host, "5433") == (parse_dsn(url.libpq())["host"], parse_dsn(url.libpq())["port"])


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("db.localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("[::1]", True),
        ("127.0.0.1.example.com", False),
        ("notlocalhost", False),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("postgres.railway.internal", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, local: bool) -> None:
    """A destructive task relies on it."""
    assert local is parse(f"postgresql://{host}/app").is_local


def test_hostaddr_decides_where_it_really_goes() -> None:
    """libpq dials it instead of the host."""
    assert not parse("postgresql://localhost/app?hostaddr=10.0.0.1").is_local


@pytest.mark.parametrize(("host", "internal"), [("postgres.railway.internal", True), ("x.proxy.rlwy.net", False)])
def test_railways_private_network(host: str, internal: bool) -> None:
    """Its names resolve only there."""
    assert internal is parse(f"postgresql://{host}/app").is_railway_internal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sesame",
        "host=h password=sesame dbname=app",
        "mysql://me:sesame@h/app",
        "postgresql+asyncpg://me:sesame@h/app",
        "postgresql://me:sesame@h",
        "postgresql://me:sesame@/app",
        "postgresql://me:sesame@h:port/app",
        "postgresql://me:sesame@h:0/app",
        "postgresql://me:sesame@h:65536/app",
        "postgresql://me:sesame@one,two/app",
        "postgresql://me:sesame@h:5432,two:5432/app",
        "postgresql://me:se/sesame@h/app",
        "postgresql://me:se#sesame@h/app",
        "postgresql://me:se[sesame@h/app",
        "postgresql://me:se sesame@h/app",
        "postgresql://me:se\nsesame@h/app",
        "postgresql://me:sesame@h/app?sslmode",
        "postgresql://me:sesame@a%2Fb/app",
    ],
)
def test_a_malformed_url_is_refused_without_repeating_it(text: str) -> None:
    """The message says what is wrong with it; the password is nowhere, not even in a cause."""
    with pytest.raises(UsageError) as caught:
        parse(text)

    error = caught.value
    assert error.code == "bad-database-url"
    assert "sesame" not in f"{error.message} {error.why} {error.next} {error.__cause__!r}"
    assert error.next


def test_the_password_is_in_no_text() -> None:
    """Neither printed, nor in a traceback's repr, nor in an argv."""
    url = parse("postgresql://me:sesame@h/app?sslpassword=open-sesame&sslmode=require")

    assert "sesame" not in f"{url} {url!r} {url.masked} {url.without_password}"
    assert url.masked == "postgresql://me:***@h:5432/app?sslpassword=***&sslmode=require"
    assert url.without_password == "postgresql://me@h:5432/app?sslmode=require"


def test_another_database_of_the_same_server() -> None:
    """Everything else stays."""
    url = parse("postgresql://me:pw@h:5433/app?sslmode=require").with_database("x/y")

    assert url.libpq() == "postgresql://me:pw@h:5433/x%2Fy?sslmode=require"
