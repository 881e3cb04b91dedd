"""`deploy.*` for code: upload, status, logs, back to an earlier commit."""
# ruff: noqa: PLC0415 - the bodies import what they need, so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.asking import ENVIRONMENT_HELP
from interlocking.tasks.edge import Suite, suite_task

_READ_HELP = {"environment": ENVIRONMENT_HELP["environment"]}
_VIA = "The way to the database: auto, tunnel, public, ssh, run or inside. Default: auto."


@suite_task(help={**_READ_HELP, "via": _VIA})
def status(suite: Suite, environment: str = "", via: str = "auto") -> Report:
    """Show what runs where, and its schema.

    Read-only. A newest deployment that does not serve is named: behind
    an old one that serves, a failed one looks healthy from outside.
    Example: invoke deploy.status --environment staging
    """
    from interlocking.tasks import deploy_reading

    return deploy_reading.status(suite, environment=environment, via=via)


@suite_task(help=ENVIRONMENT_HELP)
def backend(
    suite: Suite, environment: str = "", confirm: str = "", *, dry_run: bool = False, yes: bool = False
) -> Report:
    """Upload the backend; wait until it is live.

    Runs no migrations. The working tree has to be clean, because it is
    what is uploaded.
    The verdict is that of this very deployment, and must last.
    Example: invoke deploy.backend --confirm production
    """
    from interlocking.tasks import deploying

    return deploying.deploy_roles(
        suite, ("backend",), environment=environment, confirm=confirm, yes=yes, dry_run=dry_run
    )


@suite_task(help=ENVIRONMENT_HELP)
def frontend(
    suite: Suite, environment: str = "", confirm: str = "", *, dry_run: bool = False, yes: bool = False
) -> Report:
    """Upload the frontend; wait until it is live.

    Its own folder is uploaded, unless its service picks the folder itself.
    Example: invoke deploy.frontend --confirm production
    """
    from interlocking.tasks import deploying

    return deploying.deploy_roles(
        suite, ("frontend",), environment=environment, confirm=confirm, yes=yes, dry_run=dry_run
    )


@suite_task(name="all", help=ENVIRONMENT_HELP)
def deploy_all(
    suite: Suite, environment: str = "", confirm: str = "", *, dry_run: bool = False, yes: bool = False
) -> Report:
    """Upload the backend, then the frontend.

    Runs no migrations. The frontend waits for the backend to be live,
    because it calls it.
    Example: invoke deploy.all --dry-run
    """
    from interlocking.tasks import deploying

    return deploying.deploy_roles(
        suite, ("backend", "frontend"), environment=environment, confirm=confirm, yes=yes, dry_run=dry_run
    )


@suite_task(
    help={
        **_READ_HELP,
        "service": "A service's name, backend or frontend. Default: backend.",
        "deployment": "A deployment's id. Default: the newest, not the last that succeeded.",
        "build": "The build's log. Default: the running container's.",
        "lines": "How many lines at most. Default: 200.",
        "since": "A time ago such as 5m, or a timestamp. Default: from the start.",
    }
)
def logs(
    suite: Suite,
    service: str = "",
    deployment: str = "",
    environment: str = "",
    *,
    build: bool = False,
    lines: str = "200",
    since: str = "",
) -> Report:
    """Show the log of one deployment, by its id.

    Read-only. Example: invoke deploy.logs --build
    """
    from interlocking.tasks import deploy_reading

    return deploy_reading.logs(
        suite, service=service, deployment=deployment, environment=environment, build=build, lines=lines, since=since
    )


@suite_task(
    help={
        **ENVIRONMENT_HELP,
        "commit": "What to deploy: a hash, tag or branch. Default: what was live before.",
        "service": "A service's name, backend or frontend. Default: backend.",
        "via": _VIA,
        "accept_newer_schema": "Deploy although the commit does not know the database's revision.",
    }
)
def rollback(
    suite: Suite,
    commit: str = "",
    *,
    service: str = "",
    environment: str = "",
    via: str = "auto",
    accept_newer_schema: bool = False,
    confirm: str = "",
    dry_run: bool = False,
    yes: bool = False,
) -> Report:
    """Deploy an earlier commit that still fits.

    Its tree is checked out beside this one and uploaded. Refused when its
    migration files do not know the revision that the database is at.
    Example: invoke deploy.rollback --commit 1a2b3c4 --confirm production
    """
    from interlocking.tasks import deploying

    return deploying.roll_back(
        suite,
        commit=commit,
        service=service,
        environment=environment,
        via=via,
        accept_newer_schema=accept_newer_schema,
        confirm=confirm,
        yes=yes,
        dry_run=dry_run,
    )


TASKS = (status, backend, frontend, deploy_all, logs, rollback)
