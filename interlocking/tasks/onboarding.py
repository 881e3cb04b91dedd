"""`invoke onboard`: a fresh clone becomes a working machine, and the main job runs once in front of the newcomer."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from interlocking.console.report import Report, Span, line, mark
from interlocking.plan import Event
from interlocking.postgres.target import open_target
from interlocking.process import run
from interlocking.railway.config_file import find_config_file
from interlocking.tasks import db_prove, filling, moving, releasing, writing
from interlocking.tasks.db_read import status
from interlocking.tasks.edge import Suite
from interlocking.tasks.frontend import prepare_frontend

_UNFILLED = re.compile(r"^DATABASE_URL=(embedded:)?[ \t]*$", re.MULTILINE)


def onboard(suite: Suite) -> None:
    """Prepare everything, then show the workflow.

    Raises:
        InterlockingError: a step failed; what was done before it stays, and running it again goes on from there.
    """
    _install_dependencies(suite)
    _write_dotenv(suite)
    prepare_frontend(suite.project, suite.console.progress)
    _fill_dotenv(suite)
    _show(
        suite, "invoke db.upgrade", lambda: moving.move(suite, "upgrade", "heads", sql=False, dry_run=False, yes=False)
    )
    if suite.project.settings.seed:
        _show(suite, "invoke db.seed", lambda: filling.seed(suite))
    _show(suite, "invoke db.migrate --dry-run", lambda: writing.migrate(suite, message="", empty=False, dry_run=True))
    _show(suite, "invoke db.test-rollback --all", lambda: db_prove.prove(suite, every=True))
    _show(suite, "invoke db.status", lambda: status.body(suite))
    if find_config_file(suite.root):
        _show(suite, "invoke deploy.rehearse", lambda: releasing.rehearse(suite, keep=False, ask_railway=False))
    suite.console.story(*_GOODBYE)


def _install_dependencies(suite: Suite) -> None:
    """Run `bin/venv` where the project has one: it does nothing when the pinned dependencies are installed."""
    script = suite.root / "bin" / "venv"
    if script.is_file():
        run([str(script)], cwd=suite.root, show=True)


def _write_dotenv(suite: Suite) -> None:
    example, dotenv = suite.root / ".env.example", suite.root / ".env"
    if dotenv.exists():
        suite.console.progress(Event("done", ".env is kept as it is"))
    elif example.is_file():
        dotenv.write_bytes(example.read_bytes())
        dotenv.chmod(0o600)
        suite.console.progress(Event("done", "wrote .env from .env.example"))


def _fill_dotenv(suite: Suite) -> None:
    """Start the server; replace `embedded:` by its real URL, so that flask, gunicorn and psql need no suite."""
    target = open_target(suite.project)
    dotenv = suite.root / ".env"
    if target.server is not None and dotenv.is_file():
        _replace_unfilled(dotenv, target.url.libpq())
    suite.console.progress(Event("done", f"PostgreSQL answers at {target.url.masked}"))


def _replace_unfilled(dotenv: Path, url: str) -> None:
    text = dotenv.read_text(encoding="utf-8")
    filled = _UNFILLED.sub(lambda _: f"DATABASE_URL={url}", text)
    if filled != text:
        dotenv.write_text(filled, encoding="utf-8")


def _show(suite: Suite, command: str, work: Callable[[], Report | None]) -> None:
    suite.console.story("", line(Span(f"$ {command}", "accent")))
    report = work()
    if report is not None:
        suite.console.result(report)
        report.require_success(command)


_GOODBYE = (
    line(""),
    mark("ok", Span("this machine is ready", "bold")),
    line("      . .venv/bin/activate            once a terminal, so that `invoke` and `flask` are found"),
    line("      invoke dev                      database, backend and frontend; Ctrl-C ends all"),
    line('      invoke db.migrate -m "..."      after changing a model: write the revision'),
    line("      invoke db.test-rollback         prove that it goes down and up again"),
    line("      invoke db.upgrade               apply it"),
    line("      invoke --list                   everything else; ./bin/test runs all checks"),
)
