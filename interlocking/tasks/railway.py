"""The `railway` namespace: the platform's CLI, login, link and the dashboard's console."""
# ruff: noqa: PLC0415 - the bodies import what they need, so that listing the tasks stays fast

from __future__ import annotations

from invoke.collection import Collection

from interlocking.console.report import Report
from interlocking.tasks.asking import ENVIRONMENT_HELP
from interlocking.tasks.edge import Suite, suite_task


@suite_task(help={"environment": ENVIRONMENT_HELP["environment"]})
def check(suite: Suite, environment: str = "") -> Report:
    """Diagnose the way to Railway.

    CLI, token, link, services, variables, railway.toml. Read-only.
    Each check that fails names its remedy; exit 1 if one does.
    Example: invoke railway.check
    """
    from interlocking.console.doctor import doctor_report
    from interlocking.tasks.railway_checks import check_railway

    return doctor_report(check_railway(suite, environment))


@suite_task(interactive=True)
def login(suite: Suite) -> None:
    """Hand over to `railway login`.

    Needs a terminal. Not for CI: set RAILWAY_TOKEN there.
    """
    from interlocking.tasks import railway_access

    railway_access.login(suite)


@suite_task(interactive=True)
def link(suite: Suite) -> None:
    """Hand over to `railway link`.

    It says which project this folder belongs to. Needs a terminal, and a
    login. A project's token needs no link.
    """
    from interlocking.tasks import railway_access

    railway_access.link(suite)


@suite_task()
def console(suite: Suite) -> Report:
    """Print what to paste into Railway's console.

    For a machine without the CLI: each line, and what it has to answer.
    Reads the revision files only. Example: invoke railway.console
    """
    from interlocking.tasks import railway_console

    return railway_console.console(suite)


@suite_task(help={"environment": ENVIRONMENT_HELP["environment"]})
def migrate_config(suite: Suite, environment: str = "", *, dry_run: bool = False) -> Report:
    """Convert railway.toml to .railway/railway.py.

    Railway stops reading railway.toml on 2026-12-01. Every key is kept, or
    refused by its name; the variables stay as they are on Railway. The file is
    evaluated and compared before it is written; one that is there is never
    overwritten. Needs the package railway-sdk.
    Example: invoke railway.migrate-config --dry-run
    """
    from interlocking.tasks import railway_converting

    return railway_converting.migrate_config(suite, environment=environment, dry_run=dry_run)


TASKS = (check, login, link, console, migrate_config)


def collection() -> Collection:
    """Return the namespace; its default task is `railway.check`, which only reads."""
    namespace = Collection("railway")
    for each in TASKS:
        namespace.add_task(each, default=each is check)
    return namespace
