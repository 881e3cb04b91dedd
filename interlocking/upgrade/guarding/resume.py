"""A revision that an earlier run left half applied: go on after it, or say exactly what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alembic.runtime.migration import MigrationContext

from interlocking.errors import RefusedError
from interlocking.upgrade.guarding.ledger import Ledger
from interlocking.upgrade.guarding.observer import Step
from interlocking.upgrade.guarding.progress import Entry, Owner, ProgressTable, listing
from interlocking.upgrade.guarding.settings import ChangedFile
from interlocking.upgrade.verifying.checksum import checksum

Found = tuple[Owner, list[Entry]]


def open_ledger(step: Step, progress: ProgressTable, found: Found | None, *, say: Callable[[str], None]) -> Ledger:
    """Return the memory of a revision, with what an earlier run has left of it.

    Args:
        step: the revision that is about to run.
        progress: the table beside the version table.
        found: what it holds; checked by `check_unfinished`.
        say: is told that the revision goes on where it stopped.
    """
    owner = Owner(step.revision, step.direction, _checksum(step))
    entries: Sequence[Entry] = ()
    if found and (found[0].revision, found[0].direction) == (step.revision, step.direction):
        owner, entries = found
        say(f"{step.revision} was interrupted: going on after {len(entries)} statements that have committed")
    return Ledger(owner, progress, entries, warn=say)


def check_unfinished(
    context: MigrationContext,
    heads: Sequence[str],
    first: Step,
    progress: ProgressTable,
    *,
    changed_file: ChangedFile,
) -> Found | None:
    """Return what an earlier run has left unfinished, when it is for the first step to go on with.

    Args:
        context: knows the files.
        heads: where the database stands.
        first: the step that is about to run.
        progress: the table beside the version table; emptied when what it holds is of no use any more.
        changed_file: what to do when the file was edited since.

    Raises:
        RefusedError: another revision is unfinished, or this one's file is not the same any more.
    """
    found = progress.load()
    if found is None:
        return None
    owner, _entries = found
    if changed_file == "forget" or _is_over(context, heads, owner):
        progress.drop()
        return None
    if (owner.revision, owner.direction) != (first.revision, first.direction):
        raise _unfinished(
            found, f"{owner.revision} is half applied, and {first.direction} {first.revision} comes first"
        )
    same = _checksum(first)() == owner.checksum()
    if not same and changed_file == "refuse":
        raise _unfinished(found, f"{owner.revision} is half applied, and its file was edited since")
    return found


def _checksum(step: Step) -> Callable[[], str]:
    source = step.path.read_bytes() if step.path else b""
    return lambda: checksum(source) if source else ""


def _is_over(context: MigrationContext, heads: Sequence[str], owner: Owner) -> bool:
    """Return whether the version table says meanwhile what the unfinished revision was to bring about."""
    if context.script is None:
        return False
    applied = {script.revision for script in context.script.iterate_revisions(tuple(heads), "base")} if heads else set()
    return (owner.revision in applied) == (owner.direction == "upgrade")


def _unfinished(found: Found, message: str) -> RefusedError:
    owner, entries = found
    return RefusedError(
        message,
        code="half-applied",
        why=f"of its {owner.direction} this is in the database already:\n{listing(entries)}",
        next="put the file back as it was and run again; or, with the new file, set INTERLOCKING_GUARD_CHANGED_FILE"
        " to resume (pass over these statements) or forget (run all of it, after undoing these by hand)",
    )
