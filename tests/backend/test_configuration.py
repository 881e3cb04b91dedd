"""What Wingman accepts from its environment."""

from __future__ import annotations

import pytest

from backend import create_app
from backend.config import Config, ConfigurationError, load_config
from backend.database_url import InvalidDatabaseUrlError, parse_database_url

URL = "postgresql://wingman:p%40ss@db.example:5433/wingman?sslmode=require"
SECRET = "s3cret-Pa55"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_postgresql_url_gets_its_driver_named(scheme):
    """Whatever the platform calls it, the rest stays as it was."""
    url = parse_database_url(URL.replace("postgresql", scheme, 1))

    assert url.render_as_string(hide_password=False) == URL.replace("postgresql", "postgresql+psycopg2", 1)


def test_a_socket_url_is_accepted():
    """PostgreSQL may be reached through a directory."""
    assert parse_database_url("postgresql:///wingman?host=/run/postgresql").host is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SECRET, "malformed"),
        (f"//wingman:{SECRET}@db.example/wingman", "malformed"),
        (f"postgresql://wingman:{SECRET}@db.example:port/wingman", "malformed"),
        (f"postgresql://wingman:{SECRET}@db.example:70000/wingman", "port"),
        (f"postgresql://wingman:{SECRET}@db.example", "names no database"),
        (f"postgresql://wingman:{SECRET}@db.example/", "names no database"),
        (f"mysql://wingman:{SECRET}@db.example/wingman", "not mysql://"),
        (f"sqlite:///{SECRET}", "not sqlite://"),
        (f"postgresql+psycopg://wingman:{SECRET}@db.example/wingman", r"not postgresql\+psycopg://"),
        (f"postgresql://wingman:{SECRET}@db.example/wingman?pgbouncer=true", "parameter"),
    ],
)
def test_a_wrong_url_is_explained_without_its_password(text, message):
    """Nothing of it is quoted but its scheme."""
    with pytest.raises(InvalidDatabaseUrlError, match=message) as caught:
        parse_database_url(text)

    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("environ", [{}, {"DATABASE_URL": "  "}, {"DATABASE_URL": "embedded:"}])
def test_a_missing_database_says_what_to_do(environ):
    """Unset, blank, and the suite's own word for its server are the same to Wingman."""
    with pytest.raises(ConfigurationError, match=r"Run \./bin/onboard, or set DATABASE_URL"):
        load_config(environ)


def test_production_is_the_default_and_allows_no_other_origin():
    """Development must be asked for."""
    assert load_config({"DATABASE_URL": URL}).frontend_origins == ()


def test_development_allows_the_vite_server():
    """A developer sets nothing for the frontend to work."""
    config = load_config({"DATABASE_URL": URL, "FLASK_ENV": "development"})

    assert "http://localhost:5173" in config.frontend_origins


def test_an_unknown_environment_is_an_error():
    """A typo does not become production by silence."""
    with pytest.raises(ConfigurationError, match="FLASK_ENV is 'prod'"):
        load_config({"DATABASE_URL": URL, "FLASK_ENV": "prod"})


def test_origins_are_separated_by_commas():
    """Spaces and a final slash do no harm."""
    config = load_config({"DATABASE_URL": URL, "FRONTEND_ORIGIN": "https://a.example/, http://b.example:8080,"})

    assert config.frontend_origins == ("https://a.example", "http://b.example:8080")


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "wingman.example",
        "https://a.example/path",
        "ftp://a.example",
        "https://user:pw@a.example",
        "https://a.example:port",
        "https://",
    ],
)
def test_what_is_no_origin_is_an_error(text):
    """CORS would silently never match it."""
    with pytest.raises(ConfigurationError, match="FRONTEND_ORIGIN"):
        load_config({"DATABASE_URL": URL, "FRONTEND_ORIGIN": text})


def test_the_password_is_not_shown_by_a_config():
    """Neither by its own text nor by Flask's settings."""
    config = load_config({"DATABASE_URL": f"postgresql://wingman:{SECRET}@db.example/wingman"})

    assert SECRET not in repr(config)
    assert SECRET not in repr(create_app(config).config)


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://a.example", "https://a.example"), ("https://evil.example", None)]
)
def test_only_the_frontends_origin_may_read_answers(origin, allowed):
    """CORS, also on an answer that is an error."""
    config = Config(database_url=parse_database_url(URL), frontend_origins=("https://a.example",))

    answer = create_app(config).test_client().get("/api/nothing", headers={"Origin": origin})

    assert answer.headers.get("Access-Control-Allow-Origin") == allowed


def test_a_browser_may_ask_before_it_writes():
    """The preflight of a PUT with JSON is answered."""
    config = Config(database_url=parse_database_url(URL), frontend_origins=("https://a.example",))
    headers = {
        "Origin": "https://a.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }

    answer = create_app(config).test_client().options("/api/users/1/skills/1", headers=headers)

    assert answer.status_code == 200
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
