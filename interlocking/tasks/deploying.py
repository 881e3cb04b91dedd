"""The bodies of `deploy.backend`, `deploy.frontend`, `deploy.all` and `deploy.rollback`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from interlocking.console.deployed import deployed_report
from interlocking.console.report import Report
from interlocking.errors import IncompleteError, InterlockingError, StoppedError, UsageError
from interlocking.plan import Plan, Step
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import ROLES, Role, Services, find_services
from interlocking.railway.results import Service
from interlocking.railway.ways import parse_via
from interlocking.release import rolling_back
from interlocking.release.deploying import (
    Delivery,
    Deployed,
    deliver_to,
    deploy,
    deploy_plan,
    require_clean,
)
from interlocking.release.git import read_tree
from interlocking.release.recovery import described
from interlocking.release.schema import deployed_position, unmigrated_words
from interlocking.tasks.asking import confirm_environment, open_railway
from interlocking.tasks.edge import Suite
from interlocking.tasks.overriding import overrides_of

_STATUS = "invoke deploy.status"
_LOOK_BACK = 100
_SHORT = 12


def deploy_roles(
    suite: Suite, roles: Sequence[Role], *, environment: str, confirm: str, yes: bool, dry_run: bool
) -> Report:
    """Upload the working tree for each of `roles`, one after the other.

    Raises:
        RefusedError: the tree is not clean, or it was not confirmed; nothing was uploaded.
        InterlockingError: a deployment did not become live.
    """
    cli = open_railway(suite, environment)
    tree = read_tree(suite.root)
    held = overrides_of(suite).journal.changes()
    files = {change.subject["file"] for change in held if change.state == "held" and "file" in change.subject}
    require_clean(tree, allowed=files)
    services = find_services(cli)
    remarks = tuple(described(change) for change in held)
    if "backend" in roles and not held:
        remarks += _unmigrated(suite, cli, services)
    deliveries = [deliver_to(suite.project, cli, services, role, commit=tree.commit, remarks=remarks) for role in roles]
    plan = deploy_plan(deliveries, cli, suite.root)
    if dry_run:
        return suite.console.plan(plan)
    _ask_about_dotenv(suite, deliveries, yes=yes)
    confirm_environment(suite, plan, cli, confirm=confirm)
    return deployed_report(_deploy_all(suite, cli, deliveries), next=_STATUS)


def roll_back(
    suite: Suite,
    *,
    commit: str,
    service: str,
    environment: str,
    via: str,
    accept_newer_schema: bool,
    confirm: str,
    yes: bool,
    dry_run: bool,
) -> Report:
    """Deploy an earlier commit, after comparing its revision files with the database.

    Raises:
        UsageError: the commit is not known.
        RefusedError: it is older than the schema, or it was not confirmed; nothing was uploaded.
        InterlockingError: the deployment did not become live.
    """
    wanted = parse_via(via)
    cli = open_railway(suite, environment)
    services = find_services(cli)
    role = _role_of(services, service)
    full = _commit_to_deploy(suite, cli, services.of(role), commit)
    with rolling_back.tree_of(suite.root, full) as tree:
        if role == "backend":
            position = deployed_position(suite.project, cli, services, via=wanted)
            fit = rolling_back.fit_of(suite.project, tree, position.current)
            rolling_back.require_fit(fit, commit=full, accept_newer=accept_newer_schema)
        there = replace(suite.project, root=tree)
        live = [each for each in overrides_of(suite).journal.changes() if "service" in each.subject]
        remarks = tuple(described(change) for change in live)  # one in a file is not in that commit
        delivery = deliver_to(there, cli, services, role, commit=full, note="rollback", remarks=remarks)
        plan = deploy_plan([delivery], cli, tree, called=f"the commit {full[:_SHORT]}")
        if dry_run:
            return suite.console.plan(plan)
        _ask_about_dotenv(suite, [delivery], yes=yes)
        confirm_environment(suite, plan, cli, confirm=confirm)
        return deployed_report(_deploy_all(suite, cli, [delivery]), next=_STATUS)


def _unmigrated(suite: Suite, cli: RailwayCli, services: Services) -> tuple[str, ...]:
    """Return what the code will miss in its database; code can be deployed where nobody reaches that."""
    try:
        said = unmigrated_words(deployed_position(suite.project, cli, services, via="auto"))
    except InterlockingError as error:
        said = f"nobody can tell whether a revision is pending: {error.message}"
    return (said,) if said else ()


def _commit_to_deploy(suite: Suite, cli: RailwayCli, service: Service, commit: str) -> str:
    earlier = commit or rolling_back.earlier_commit(service, cli.deployments(service.id, limit=_LOOK_BACK))
    return rolling_back.full_commit(suite.root, earlier)


def _role_of(services: Services, name: str) -> Role:
    """Return which of the project's services a name means; the backend when none is given."""
    for role in ROLES:
        if name == role or ((found := services.find(role)) is not None and name in (found.name, found.id)):
            return role
    if not name:
        return "backend"
    raise UsageError(
        f"{name!r} is neither the backend nor the frontend",
        code="railway-service-not-found",
        next="--service backend, or --service frontend",
    )


def _ask_about_dotenv(suite: Suite, deliveries: Sequence[Delivery], *, yes: bool) -> None:
    for folder in {delivery.folder for delivery in deliveries if delivery.parcel.dotenv}:
        step = Step(f"upload the .env of {folder.name}/ too", "nothing ignores it, and it may hold passwords")
        plan = Plan("uploading .env", str(folder), (step,))
        suite.console.confirm(plan, assume_yes=yes)


def _deploy_all(suite: Suite, cli: RailwayCli, deliveries: Sequence[Delivery]) -> list[Deployed]:
    """Deploy one after the other; the first that is not live ends it."""
    done: list[Deployed] = []
    for delivery in deliveries:
        try:
            done.append(_deploy_one(suite, cli, delivery))
        except InterlockingError as error:
            if not done or isinstance(error, StoppedError):
                raise
            live = ", ".join(each.delivery.service.name for each in done)
            why = "\n".join(part for part in (f"{live} is live already", error.why) if part)
            raise IncompleteError(error.message, code=error.code, why=why, next=error.next) from error
    return done


def _deploy_one(suite: Suite, cli: RailwayCli, delivery: Delivery) -> Deployed:
    result = deploy(cli, delivery, suite.console.progress)
    result.verdict.require_success(next=f"invoke deploy.logs --deployment {result.verdict.deployment_id}")
    if result.health is not None and not result.health.ok:
        raise IncompleteError(
            f"{delivery.service.name} is live and does not answer 200: {result.health.words}",
            code="unhealthy",
            why="Railway's own healthcheck passed, or there is none: it is never repeated after a deployment",
            next="invoke deploy.logs, then invoke deploy.rollback",
        )
    return result
