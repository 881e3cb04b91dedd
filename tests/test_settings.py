"""Settings merge from weak to strong, remember their origin, and refuse what would be ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.environment import asks_for_help, load_project, run_context, secrets
from interlocking.errors import UsageError
from interlocking.redaction import Secret
from interlocking.settings import Layer, Settings, resolve


def test_the_last_layer_wins_and_is_remembered() -> None:
    """Stronger layers come later."""
    resolved = resolve([Layer("weak", {"app": "a:b", "migrations": "m"}), Layer("strong", {"app": "c:d"})])

    assert "c:d" == resolved.settings.app
    assert "strong" == resolved.origin("app")
    assert "weak" == resolved.origin("migrations")
    assert "default" == resolved.origin("frontend")


def test_an_unknown_setting_is_named_with_its_origin_and_the_nearest_name() -> None:
    """A misspelling must not be ignored."""
    with pytest.raises(UsageError, match=r"pyproject.toml has a setting 'migratoins'") as caught:
        resolve([Layer("pyproject.toml", {"migratoins": "m"})])

    assert "did you mean 'migrations'?" == caught.value.next


@pytest.mark.parametrize(("name", "value"), [("app", 3), ("migrations", ["a"]), ("test", 3), ("test", [1])])
def test_a_value_of_the_wrong_type_is_named(name: str, value: object) -> None:
    """The message names the key and where it came from."""
    with pytest.raises(UsageError, match=f"{name} in here must be"):
        resolve([Layer("here", {name: value})])


def test_a_database_url_is_a_secret() -> None:
    """It is never shown by printing the settings."""
    settings = resolve([Layer("x", {"database_url": "postgresql://a:canary@h/d"})]).settings

    assert "canary" not in repr(settings)
    assert Secret("postgresql://a:canary@h/d") == settings.database_url


@pytest.mark.parametrize(("url", "embedded"), [("", True), ("embedded:", True), ("postgresql://h/d", False)])
def test_no_url_means_the_embedded_server(url: str, *, embedded: bool) -> None:
    """Unset and `embedded:` mean the same."""
    assert embedded == Settings(database_url=Secret(url)).uses_embedded


def write_project(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.interlocking]\napp = "from.pyproject:app"\ntest = ["pytest"]\n')
    (root / ".env").write_text("DATABASE_URL=postgresql://env/file\nFLASK_APP=from.flask:app\n")


def test_process_environment_beats_dotenv_beats_pyproject(tmp_path: Path) -> None:
    """The order of DESIGN: environment, .env, pyproject, FLASK_APP, defaults."""
    write_project(tmp_path)

    project = load_project(tmp_path, {"INTERLOCKING_APP": "from.environment:app"})

    assert "from.environment:app" == project.settings.app
    assert "postgresql://env/file" == project.settings.database_url.reveal()
    assert "DATABASE_URL in .env" == project.resolved.origin("database_url")
    assert ("pytest",) == project.settings.test


def test_flask_app_counts_when_nothing_else_names_the_application(tmp_path: Path) -> None:
    """The guide's variable means what it says."""
    assert "a:b" == load_project(tmp_path, {"FLASK_APP": "a:b"}).settings.app


def test_dotenv_is_not_read_in_ci(tmp_path: Path) -> None:
    """A stray .env must not decide what CI tests."""
    write_project(tmp_path)

    assert load_project(tmp_path, {"CI": "true"}).settings.uses_embedded


def test_a_broken_pyproject_is_an_error_of_the_user(tmp_path: Path) -> None:
    """No traceback of the TOML parser."""
    (tmp_path / "pyproject.toml").write_text("[tool\n")

    with pytest.raises(UsageError, match=r"pyproject.toml is not valid TOML"):
        load_project(tmp_path, {})


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["invoke", "db.migrate", "-m", "--help"], True),
        (["invoke", "db.migrate", "-h"], True),
        (["invoke", "db.migrate", "-m", "help"], False),
        (["invoke"], False),
    ],
)
def test_help_is_recognised_anywhere(argv: list[str], *, expected: bool) -> None:
    """Also where Invoke would take the word for a value."""
    assert expected == asks_for_help(argv[1:])


@pytest.mark.parametrize(
    ("environ", "tty", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_colour_follows_the_terminal_and_the_conventions(environ: dict[str, str], *, tty: bool, expected: bool) -> None:
    """no-color.org, TERM=dumb, FORCE_COLOR."""
    assert expected == run_context(environ).colour(tty=tty)


def test_every_secret_of_the_environment_is_collected(tmp_path: Path) -> None:
    """Tokens by their name, passwords inside any URL; not a password that is also the user's name."""
    environ = {
        "RAILWAY_TOKEN": "tok-canary",
        "DATABASE_URL": "postgresql://app:pw-canary@h/d",
        "OTHER_URL": "postgresql://postgres:postgres@h/d",
        "HARMLESS": "value",
    }

    assert ["tok-canary", "pw-canary"] == secrets(tmp_path, environ)
