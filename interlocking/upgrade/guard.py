"""The guard: the one call of a project's `env.py` that makes its migrations safe on a live database.

    from interlocking.upgrade import guard

    guard.run(engine, target_metadata)

It needs Alembic, SQLAlchemy and psycopg2, and nothing else of the suite. What it does: docs/guard.md.
"""

from __future__ import annotations

import atexit
import gc
from typing import Any

from alembic import context as environment
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData

from interlocking.errors import exit_code
from interlocking.upgrade.guarding.aftermath import explained, needs_traceback
from interlocking.upgrade.guarding.command import Command
from interlocking.upgrade.guarding.observer import OBSERVER, Observer
from interlocking.upgrade.guarding.telling import LogObserver, log_error, logger


def run(
    engine: Engine | Connection,
    target_metadata: MetaData | list[MetaData] | None = None,
    **options: Any,  # noqa: ANN401 - Alembic's
) -> None:
    """Run the Alembic command that env.py was loaded for, with the guard around whatever it changes.

    Args:
        engine: of the database; the guard opens two connections. Or the connection that shall migrate, for an
            env.py that has prepared one; it must have no transaction open.
        target_metadata: what `--autogenerate` and `check` compare with.
        options: for `context.configure`, as they are: Flask-Migrate's `configure_args`, `version_table`,
            `version_table_schema`, `include_schemas`, `include_name`, ...

    Raises:
        SystemExit: with the suite's exit code (1 a revision failed, 2 setting, 3 refused, 4 unavailable, 5 stopped
            part-way, 130 and 143 interrupted), after the error was logged.
    """
    atexit.register(gc.freeze)  # Python's last search for garbage takes longer than a small revision
    observer: Observer | None = environment.config.attributes.get(OBSERVER)
    command = Command(engine, {"target_metadata": target_metadata, **options}, observer or LogObserver())
    try:
        command.run()
    except BaseException as error:
        if observer is not None:
            raise
        shown = explained(error, command.failed, standing=command.standing, changed=command.changed)
        if shown is None:
            raise
        log_error(shown, traceback=error if needs_traceback(error) else None)
        raise SystemExit(exit_code(shown)) from error


def drop_empty_revision(_context: MigrationContext, _revision: object, directives: list[MigrationScript]) -> None:
    """Write no file when the models have not changed: for `process_revision_directives`."""
    options = environment.config.cmd_opts
    upgrade = directives[0].upgrade_ops if directives else None
    if getattr(options, "autogenerate", False) and upgrade is not None and upgrade.is_empty():
        directives.clear()
        logger.info("No changes in schema detected.")
