"""What every task does before its own work: put back what a dead one left, and say what is held.

Costs one look at the disk where nothing is pending.
"""

from __future__ import annotations

from interlocking.change import Change
from interlocking.errors import InterlockingError
from interlocking.plan import Event, Progress
from interlocking.release.commands import words
from interlocking.release.overrides import Overrides
from interlocking.release.planning import REVERT


def recover(overrides: Overrides, task: str, tell: Progress, *, touch: bool = True) -> None:
    """Finish what a dead process left, in one line each; nothing that goes wrong here stops the task.

    Args:
        overrides: of the project.
        task: what was typed.
        tell: told what was found and done.
        touch: whether anything may be put back; otherwise it is only told.
    """
    if not overrides.journal.pending:
        return
    try:
        changes = overrides.journal.changes()
        for change in changes:
            _recover_one(overrides, change, task, tell, touch=touch)
        if touch and not changes:
            with overrides.journal.hold(task):
                pass  # holding it sweeps away what a death left half-made
    except InterlockingError as error:
        tell(Event("note", error.message))


def _recover_one(overrides: Overrides, change: Change, task: str, tell: Progress, *, touch: bool) -> None:
    if touch and (change.is_orphaned or (change.state != "owned" and overrides.is_gone(change))):
        tell(Event("note", _put_back(overrides, change, task)))
    elif not change.is_own:
        tell(Event("note", described(change)))


def described(change: Change) -> str:
    """Return the state of an override for a person, with what ends it."""
    what = f"a temporary {words(change.subject['kind'])} {_place(change)}"
    if change.is_orphaned:
        return f"{what} was left behind by {change.owner.described}; {REVERT} puts the original back"
    if change.state == "held":
        return f"{what} is held since {change.owner.moment}; {REVERT} puts the original back"
    if change.state == "conflict":
        return f"{what} was edited and is not put back over that; {REVERT} shows the difference"
    return f"{what} belongs to {change.owner.described}, which puts it back"


def _put_back(overrides: Overrides, change: Change, task: str) -> str:
    left = f"the temporary {words(change.subject['kind'])} {_place(change)}"
    try:
        reverted = overrides.revert(change, task=task)
    except InterlockingError as error:
        return f"{left}, left behind by {change.owner.described}, is still there: {error.message}; next: {REVERT}"
    if reverted.how == "found as it was":
        return f"{left}, made by {change.owner.described}, is gone: the original stands there"
    deployed = f"; Railway deploys that as {reverted.deployment}" if reverted.deployment else ""
    return f"{left}, left behind by {change.owner.described}, was taken out: the original stands there again{deployed}"


def _place(change: Change) -> str:
    subject = change.subject
    return f"in {subject['file']}" if subject["door"] == "file" else f"of {subject['name']} in {subject['environment']}"
