"""The bodies of deploy.plan, deploy.with-migrations and deploy.rehearse: read, plan, confirm, act, report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from interlocking.checks import Check
from interlocking.console.doctor import check_lines
from interlocking.console.release import rehearsed_report, released_report
from interlocking.console.report import Report
from interlocking.errors import InterlockingError
from interlocking.plan import Event
from interlocking.railway.access import API_TOKEN, PROJECT_TOKEN
from interlocking.railway.discovery import find_services
from interlocking.release.judging import review_check, review_path
from interlocking.release.migrating import Options, path_of, pending_files
from interlocking.release.planning import PlannedOverride, plan_override
from interlocking.release.preflight import clean_tree, migration_checks, release_checks, require_all
from interlocking.release.production import Production, serving_deployment, survey
from interlocking.release.rehearsing import rehearse as rehearse_release
from interlocking.release.releasing import TASK, Release, carry_out
from interlocking.release.saving import chosen
from interlocking.tasks.asking import confirm_environment, open_railway
from interlocking.tasks.backing_up import backups_of
from interlocking.tasks.edge import Suite
from interlocking.tasks.overriding import overrides_of, wish_from
from interlocking.tasks.production_moving import parse_backup
from interlocking.tasks.production_reading import reached


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed.

    Args:
        environment: which one; empty takes the setting.
        via: the way to its database.
        override: which command is changed for a while; empty takes the setting.
        via_file: change it in `railway.toml`.
        via_service: change it in the service's live configuration.
        backup: the restore point.
        redeploy: deploy once more without it.
        watch: seconds to watch afterwards.
    """

    environment: str
    via: str
    override: str
    backup: str
    via_file: bool = False
    via_service: bool = False
    redeploy: bool = False
    watch: float = 30.0


def plan(suite: Suite, request: Request) -> Report:
    """Show the plan of a release, and what would keep it from being carried out."""
    with _prepared(suite, request) as (release, checks):
        suite.console.story(*check_lines(checks))
        return suite.console.plan(release.plan)


def release(suite: Suite, request: Request, *, confirm: str, dry_run: bool) -> Report:
    """Carry a release out.

    Raises:
        RefusedError: a check failed, or it was not confirmed.
        InterlockingError: it stopped; the message says how the environment stands.
    """
    with _prepared(suite, request) as (prepared, checks):
        suite.console.story(*check_lines(checks))
        require_all(checks, purpose=TASK)
        if dry_run:
            return suite.console.plan(prepared.plan)
        confirm_environment(suite, prepared.plan, prepared.production.cli, confirm=confirm)
        done = carry_out(prepared, overrides_of(suite), suite.console.progress)
        return released_report(done)


def rehearse(suite: Suite, *, keep: bool, ask_railway: bool = True) -> Report:
    """Rehearse the release of this tree.

    Args:
        suite: this run.
        keep: leave everything where it is.
        ask_railway: replace the commit that is deployed, where that can be found out.
    """
    deployed = _deployed_commit(suite) if ask_railway and _has_login(suite.project.variables) else ""
    return rehearsed_report(rehearse_release(suite.project, suite.console.progress, deployed=deployed, keep=keep))


def _has_login(variables: Mapping[str, str]) -> bool:
    """Whether Railway can be asked at all: without network, asking would only take long."""
    login = Path(variables.get("HOME", "")) / ".railway" / "config.json"
    return any(variables.get(name) for name in (PROJECT_TOKEN, API_TOKEN)) or login.is_file()


def _deployed_commit(suite: Suite) -> str:
    """Return the commit that is deployed; empty when Railway or the deployment does not say."""
    try:
        cli = open_railway(suite)
        serving = serving_deployment(cli, find_services(cli).backend)
    except InterlockingError as error:
        suite.console.progress(Event("note", f"the deployed commit is not known: {error.message}"))
        return ""
    return serving.commit if serving else ""


@contextmanager
def _prepared(suite: Suite, request: Request) -> Iterator[tuple[Release, list[Check]]]:
    """Read everything that a release needs to be planned; the way to the database stays open for the block."""
    backup = parse_backup(request.backup)
    with reached(suite, environment=request.environment, via=request.via) as production:
        found = survey(suite.project, production)
        options = Options(
            "upgrade", "heads", chosen(backup, production), backups_of(suite.project), watch=request.watch
        )
        pending = path_of(production, found, options) if not found.position.unknown else ()
        planned = _planned(suite, production, request) if pending else None
        prepared = Release(suite.project, production, found, planned, options, redeploy=request.redeploy)
        changes = overrides_of(suite).journal.changes()
        checks = [
            clean_tree(found, changes),
            *migration_checks(found, pending_files(production, pending), suite.project.root, releases=True),
            *([review_check(review_path(suite.project, production, found, pending))] if pending else []),
            *release_checks(production, changes, uses_flask=suite.project.uses_flask),
        ]
        yield prepared, checks


def _planned(suite: Suite, production: Production, request: Request) -> PlannedOverride | None:
    """Plan the temporary command; None where the command migrates already."""
    wish = wish_from(
        suite,
        via=request.override,
        via_file=request.via_file,
        via_service=request.via_service,
        environment=production.environment,
    )
    planned = plan_override(suite.project, wish, lambda: production.cli)
    return None if planned.nothing_to_do else planned
