"""What must hold before an environment is changed, as checks; nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from interlocking.change import Change
from interlocking.checks import Check
from interlocking.errors import RefusedError
from interlocking.release.production import Production, Survey
from interlocking.upgrade.unstamped import named

_SHORT = 12
_SHOWN = 3
_WHERE = "invoke db.prod-stamp: it says at which revision the database stands"
_NEEDED_VARIABLES = {
    "DATABASE_URL": "the migrations need it",
    "FLASK_APP": "`flask db upgrade` finds the application through it",
}


def migration_checks(survey: Survey, files: Sequence[Path], root: Path, *, releases: bool = False) -> list[Check]:
    """Judge the revisions that would be applied.

    Args:
        survey: where the environment stands.
        files: the files of the pending revisions.
        root: the project's root: git's paths start there.
        releases: whether this tree is deployed with them, so that other code may be there now.
    """
    return [
        _one_head(survey),
        _known(survey),
        _unedited(survey),
        _committed(survey, files, root),
        _replaced_code(survey) if releases else _same_code(survey),
        _marked(survey),
    ]


def clean_tree(survey: Survey, changes: Sequence[Change] = ()) -> Check:
    """Judge the working tree: `railway up` uploads it, whatever is committed.

    Args:
        survey: where the environment stands.
        changes: the temporary commands that are in place; a file that one stands in is judged with it.
    """
    tree = survey.tree
    loose = [name for name in tree.changed if name not in {change.subject.get("file") for change in changes}]
    if not tree.is_known:
        return Check("working tree", "warn", "git is not there: nobody can tell which code is uploaded", "git init")
    if not loose:
        return Check("working tree", "ok", f"clean at {tree.commit[:_SHORT]}")
    shown = ", ".join(loose[:_SHOWN]) + (f" and {len(loose) - _SHOWN} more" if len(loose) > _SHOWN else "")
    are = "is" if len(loose) == 1 else "are"
    return Check(
        "working tree",
        "fail",
        f"{shown} {are} not committed, and would be deployed all the same",
        "git commit, or git stash --include-untracked",
    )


def release_checks(production: Production, changes: Sequence[Change], *, uses_flask: bool) -> list[Check]:
    """Judge what a release needs beside its revisions.

    Args:
        production: where it goes.
        changes: the temporary commands that the journal has as open.
        uses_flask: whether `flask db` migrates.
    """
    return [_no_override(changes), *_variables(production, uses_flask=uses_flask)]


def require_all(checks: Sequence[Check], *, purpose: str) -> None:
    """Refuse when a check failed.

    Args:
        checks: all that were made.
        purpose: what was about to happen, in words.

    Raises:
        RefusedError: code `preflight-failed`; it names each check that failed, with its remedy.
    """
    failed = [check for check in checks if check.verdict == "fail"]
    if failed:
        raise RefusedError(
            f"{purpose} is refused: " + "; ".join(f"{check.name}: {check.message}" for check in failed),
            code="preflight-failed",
            why="nothing was changed",
            next="\n".join(check.remedy for check in failed if check.remedy),
        )


def _no_override(changes: Sequence[Change]) -> Check:
    if not changes:
        return Check("temporary command", "ok", "none is in place")
    made = changes[0]
    return Check(
        "temporary command",
        "fail",
        f"one is in place, made by {made.owner.described}",
        "invoke deploy.revert-start-command",
    )


def _variables(production: Production, *, uses_flask: bool) -> list[Check]:
    backend = production.services.backend.name
    values = production.cli.variables(backend)
    checks = []
    needed = {name: why for name, why in _NEEDED_VARIABLES.items() if uses_flask or name != "FLASK_APP"}
    for name, why in needed.items():
        if values.get(name):
            checks.append(Check(name, "ok", f"set on {backend}"))
        else:
            checks.append(Check(name, "warn", f"not visible on {backend}: not set, or sealed; {why}"))
    return checks


def _one_head(survey: Survey) -> Check:
    heads = survey.position.heads
    if len(heads) <= 1:
        return Check("heads", "ok", f"one head: {heads[0]}" if heads else "there are no revisions")
    return Check("heads", "fail", f"{len(heads)} heads: {', '.join(heads)}", 'invoke db.merge -m "..."')


def _known(survey: Survey) -> Check:
    unknown = survey.position.unknown
    if survey.in_the_way:
        made = named(survey.in_the_way)
        return Check("history", "fail", f"no revision is recorded, but there is already {made}", _WHERE)
    if not unknown:
        return Check("history", "ok", "these files know where the database is")
    return Check(
        "history",
        "fail",
        f"the database is at {', '.join(unknown)}, which these files do not know",
        "git checkout the code that has it",
    )


def _unedited(survey: Survey) -> Check:
    verification = survey.verification
    if verification is None:
        return Check("applied files", "skip", "compared by the guard inside the service")
    if not (verification.edited or verification.missing):
        compared = f"{verification.compared} compared, none was edited since it was applied"
        return Check("applied files", "ok", compared if verification.compared else "there is nothing to compare yet")
    names = [each.revision for each in verification.edited] + list(verification.missing)
    return Check(
        "applied files",
        "fail",
        f"edited or missing since they were applied: {', '.join(names)}",
        "git checkout them, and write a new revision for the change; invoke db.verify shows the difference",
    )


def _committed(survey: Survey, files: Sequence[Path], root: Path) -> Check:
    tree = survey.tree
    if not tree.is_known:
        return Check("revision files", "warn", "git is not there: nobody can tell whether they are committed")
    names = {str(path.relative_to(root)) for path in files if path.is_relative_to(root)}
    loose = sorted(names & set(tree.changed))
    if not loose:
        return Check("revision files", "ok", "the pending ones are committed" if names else "none is pending")
    return Check("revision files", "fail", f"not committed: {', '.join(loose)}", f"git add {' '.join(loose)}")


def _same_code(survey: Survey) -> Check:
    deployed = survey.deployed
    if deployed is None:
        return Check("deployed code", "warn", "nothing is deployed yet")
    if not deployed.commit or not survey.tree.is_known:
        return Check("deployed code", "warn", f"nobody can tell which commit {deployed.id} was built from")
    ours, theirs = survey.tree.commit, deployed.commit
    if ours.startswith(theirs) or theirs.startswith(ours):
        return Check("deployed code", "ok", f"{theirs[:_SHORT]} is deployed, the same as here")
    return Check(
        "deployed code",
        "warn",
        f"{theirs[:_SHORT]} is deployed, and these files are of {ours[:_SHORT]}",
        f"git checkout {theirs[:_SHORT]} to migrate with the code that runs, or deploy this first",
    )


def _replaced_code(survey: Survey) -> Check:
    deployed = survey.deployed
    if deployed is None:
        return Check("deployed code", "ok", "nothing is deployed yet")
    theirs = deployed.commit[:_SHORT] or deployed.id
    return Check("deployed code", "ok", f"{theirs}; this tree takes its place")


def _marked(survey: Survey) -> Check:
    if survey.verification is None:
        return Check("environment mark", "skip", "not needed inside the service")
    if survey.mark:
        return Check("environment mark", "ok", f"the database says that it is {survey.mark}")
    return Check("environment mark", "warn", "the database is not marked yet; the first upgrade from here marks it")
