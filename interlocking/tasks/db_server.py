"""The tasks about the server and what is in it: start, stop, shell, url, seed, reset."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report, Span, line, mark
from interlocking.tasks.edge import Suite, suite_task


@suite_task()
def start(suite: Suite) -> Report:
    """Start the embedded PostgreSQL.

    It stays up between tasks and after the terminal is closed; data and log
    are under .interlocking/. End it with db.stop. Where DATABASE_URL names
    another server, this only checks that it answers.
    """
    from interlocking.postgres.connect import connect
    from interlocking.postgres.target import open_target

    target = open_target(suite.project)
    with connect(target.url):
        whose = "the embedded server" if target.server else "a server that is not the suite's"
        return Report(
            {"url": target.url.masked, "embedded": target.server is not None},
            [mark("ok", f"{whose} answers at ", Span(target.url.masked, "accent"))],
        )


@suite_task()
def stop(suite: Suite) -> Report:
    """Stop the embedded PostgreSQL; its data stay.

    A server that is not the suite's own is left alone.
    """
    from interlocking.postgres.target import embedded_server

    stopped = embedded_server(suite.project).stop()
    text = "the embedded server has stopped" if stopped else "the embedded server was not running"
    return Report({"stopped": stopped}, [mark("ok", text)])


@suite_task(interactive=True)
def shell(suite: Suite) -> Report:
    """Open psql on the target database.

    The password goes through the environment, never the command line.
    """
    from interlocking.environment import child_environment
    from interlocking.postgres.programs import psql
    from interlocking.postgres.target import open_target
    from interlocking.process import hand_over

    url = open_target(suite.project).url
    environment = child_environment({"PGPASSWORD": url.password.reveal() or None})
    return Report({}, exit_code=hand_over([psql(), url.without_password], env=environment))


@suite_task(help={"reveal": "Print the real URL, password included, alone on stdout."})
def url(suite: Suite, *, reveal: bool = False) -> Report | None:
    """Print the target's URL, its password masked.

    For scripts: DATABASE_URL=$(invoke db.url --reveal)
    """
    from interlocking.postgres.target import open_target

    found = open_target(suite.project).url
    if reveal:
        suite.console.reveal(found.libpq())
        return None
    return Report({"url": found.masked}, [line(found.masked)])


@suite_task()
def seed(suite: Suite) -> Report:
    """Insert the sample rows. Local only.

    Calls the function that the setting `seed` names; safe to repeat if that
    function is.
    """
    from interlocking.tasks import filling

    return filling.seed(suite)


@suite_task()
def reset(suite: Suite, *, yes: bool = False, dry_run: bool = False) -> Report:
    """Start again: drop, create, upgrade, seed.

    Local databases only. Everything in the database is lost, so it asks
    first.
    """
    from interlocking.tasks import filling

    return filling.reset(suite, yes=yes, dry_run=dry_run)


TASKS = (start, stop, shell, url, seed, reset)
