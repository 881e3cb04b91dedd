"""Infrastructure as code (`.railway/railway.py`) through the CLI: `config plan` and `config apply`.

Exit codes say little here: 2 is a usage error or a change, 0 can hide a change that failed, and `apply` without a
file would write one. So the file is looked for first, and the document is read.
"""

from __future__ import annotations

from pathlib import Path

from interlocking.errors import IncompleteError, RefusedError, UsageError
from interlocking.railway import answers
from interlocking.railway.calls import failure_of
from interlocking.railway.cli import RailwayCli
from interlocking.railway.results import ConfigPlan

_SECONDS = 300.0
_FILES = ("railway.py", "railway.ts", "railway.go")


def plan_configuration(cli: RailwayCli) -> ConfigPlan:
    """Say what the file would change; nothing is changed.

    Raises:
        UsageError: there is no file, or it cannot be evaluated.
        UnavailableError: Railway or the CLI cannot be had.
    """
    return _ask(cli, "plan")


def apply_configuration(cli: RailwayCli, *, allow_destructive: bool = False) -> ConfigPlan:
    """Bring the environment to what the file says; the deployments that this begins are not waited for.

    Args:
        cli: where.
        allow_destructive: whether something may be deleted.

    Raises:
        RefusedError: something would be deleted; nothing was changed.
        UsageError: there is no file, or it cannot be used.
        IncompleteError: some changes failed.
    """
    planned = plan_configuration(cli)
    if not planned.ok:
        raise UsageError(
            "the configuration in .railway/ cannot be used",
            code="railway-config",
            why="\n".join(planned.problems),
            next="correct the file",
        )
    if planned.destructive and not allow_destructive:
        raise RefusedError(
            "the configuration would delete something on Railway",
            code="railway-destructive",
            why="\n".join(change.summary for change in planned.destructive),
            next="declare what shall stay, or mark the file as PARTIAL",
        )
    applied = _ask(cli, "apply", *(["--confirm-destructive"] if allow_destructive else []))
    if applied.failed:
        raise IncompleteError(
            "Railway did not make every change of the configuration",
            code="railway-apply-failed",
            why="\n".join((*applied.failed, *applied.problems)),
            next="correct the file and apply it again",
        )
    return applied


def _ask(cli: RailwayCli, command: str, *flags: str) -> ConfigPlan:
    _require_file(cli.root)
    cli.version()
    completed = cli.targeted.start(["config", command, "--json", *flags], timeout=_SECONDS)
    if not completed.stdout.strip():
        if completed.returncode:
            raise failure_of(completed, asked=f"config {command}").error
        return ConfigPlan(ok=True)  # `apply` without a change says nothing
    return answers.config_plan(answers.document(completed.stdout, asked=f"config {command}"))


def _require_file(root: Path) -> None:
    if not any((root / ".railway" / name).is_file() for name in _FILES):
        raise UsageError(
            "there is no .railway/railway.py",
            code="railway-config-missing",
            why="railway config apply would write one that nobody asked for",
            next="invoke railway.migrate-config",
        )
