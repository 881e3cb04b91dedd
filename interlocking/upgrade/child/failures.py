"""From an exception in the child to one of our errors: what failed, whose fault, what to type next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from alembic.runtime.migration import RevisionStep
from alembic.script.revision import CycleDetected, MultipleHeads, ResolutionError
from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from interlocking.errors import (
    CheckFailedError,
    InterlockingError,
    RefusedError,
    UnavailableError,
    UsageError,
)
from interlocking.postgres.extensions import explain_missing_extension
from interlocking.upgrade.child.application import driver_remedy
from interlocking.upgrade.child.environment import Watch, described
from interlocking.upgrade.child.sources import is_deliberate, place_in_file, place_in_project
from interlocking.upgrade.guarding import sqlstates

Explanation = tuple[type[InterlockingError], str, str, str]
_HISTORY = "invoke db.history"

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_BY_SQLSTATE: dict[str, Explanation] = {
    "55P03": (
        UnavailableError,
        "lock-timeout",
        "another session holds the lock; the statement waited until lock_timeout",
        "see who with: select pid, query from pg_stat_activity; then try again",
    ),
    "57014": (
        UnavailableError,
        "statement-timeout",
        "statement_timeout ended the statement, or someone cancelled it",
        "raise statement_timeout for the migration's role, then try again",
    ),
    "25006": (
        UnavailableError,
        "read-only-database",
        "the server is a standby, or default_transaction_read_only is on",
        "point DATABASE_URL at the primary",
    ),
    "42501": (
        UnavailableError,
        "permission-denied",
        "the role of DATABASE_URL may not do what the revision asks",
        "grant it the right, or use the role that owns the objects",
    ),
}


def explain(error: BaseException, watch: Watch) -> InterlockingError:
    """Return the error to show for `error`, naming the revision that ran when it was raised."""
    if isinstance(error, InterlockingError):
        return error
    if watch.running is not None:
        return _in_revision(error, watch.running, watch)
    if watch.finished and _in_chain(error, DBAPIError) is not None:
        return _at_commit(error, watch.finished)
    for kind, explanation in _OUTSIDE:
        if (culprit := _in_chain(error, kind)) is not None:
            return explanation(culprit, watch)
    return _anything_else(error, watch)


def is_irreversible(error: BaseException, step: RevisionStep, root: Path) -> bool:
    """Return whether a downgrade refused on purpose, rather than failed."""
    return step.is_downgrade and not _in_chain(error, DBAPIError) and is_deliberate(error, root)


def sentence(error: BaseException) -> str:
    """Return one line that says what went wrong; Alembic's own errors need no type before their text."""
    original = getattr(error, "orig", None) or error
    if isinstance(original, CommandError):
        return str(original).strip().splitlines()[0]
    return sqlstates.sentence(error)


def _in_revision(error: BaseException, step: RevisionStep, watch: Watch) -> InterlockingError:
    names = described(step)
    path = Path(step.revision.path)
    place = place_in_file(error, path)
    where = place.relative(watch.target.root) if place else path.name
    if is_irreversible(error, step, watch.target.root):
        return CheckFailedError(
            f"{names['revision']} cannot be downgraded: {sentence(error)} ({where})",
            code="irreversible",
            why="its author says that there is no way back",
            next="restore a backup, or write a new revision that repairs what is wrong",
        )
    failed = f"{names['revision']} failed in its {names['direction']}"
    missing = explain_missing_extension(sentence(error), embedded=watch.target.embedded)
    if missing is not None:
        return UnavailableError(f"{failed}: {missing} ({where})", code="missing-extension")
    kind, code, why, next_ = _database_explanation(error) or _ordinary(names["direction"])
    return kind(f"{failed}: {sentence(error)} ({where})", code=code, why=why, next=next_)


def _ordinary(direction: str) -> Explanation:
    return CheckFailedError, "revision-failed", "", f"correct the {direction}() of that file, then try again"


def _at_commit(error: BaseException, finished: list[str]) -> InterlockingError:
    return CheckFailedError(
        f"{', '.join(finished)} failed when its transaction was committed: {sentence(error)}",
        code="revision-failed",
        why="a deferred constraint is checked at the end of the transaction",
        next="correct the data or the constraint in that file, then try again",
    )


def _database_explanation(error: BaseException) -> Explanation | None:
    states = map(sqlstates.sqlstate, _chain(error))
    return next((_BY_SQLSTATE[state] for state in states if state in _BY_SQLSTATE), None)


def _unknown_revision(error: BaseException, watch: Watch) -> InterlockingError:
    name = getattr(error, "argument", "") or ""
    if name in watch.heads:
        return RefusedError(
            f"the database is at {name}, which no revision file has",
            code="revision-unknown-to-files",
            why="it was migrated by other code: newer than this, or from another branch",
            next="check out the code that has the file, or pull",
        )
    return UsageError(f"there is no revision {name!r}", code="revision-not-found", next=_HISTORY)


def _several_heads(error: BaseException, _watch: Watch) -> InterlockingError:
    heads = ", ".join(getattr(error, "heads", ()))
    return RefusedError(
        f"there are several heads: {heads}",
        code="several-heads",
        why="a new revision needs one parent, and `head` means one revision",
        next="invoke db.merge",
    )


def _cycle(error: BaseException, _watch: Watch) -> InterlockingError:
    return UsageError(
        f"the revisions form a cycle: {', '.join(getattr(error, 'revisions', ()))}",
        code="revision-cycle",
        next="correct down_revision or depends_on in one of these files",
    )


def _unloadable(error: BaseException, watch: Watch) -> InterlockingError:
    place = place_in_project(error, watch.target.root)
    where = f" ({place.relative(watch.target.root)})" if place else ""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    missing = isinstance(error, ModuleNotFoundError)
    return UsageError(
        f"{type(error).__name__}: {said}{where}",
        code="unloadable-file",
        why="Alembic runs every file of the migrations folder to learn their order",
        next=driver_remedy(str(error)) or ("install it beside Alembic, or " * missing + "correct that line"),
    )


def _unreachable(error: BaseException, watch: Watch) -> InterlockingError:
    kind, code, why, next_ = _database_explanation(error) or (
        UnavailableError,
        "database-error",
        "nothing was changed",
        "invoke doctor",
    )
    place = place_in_project(error, watch.target.root)
    where = f" ({place.relative(watch.target.root)})" if place else ""
    return kind(f"the database refused: {sentence(error)}{where}", code=code, why=why, next=next_)


def _command(error: BaseException, _watch: Watch) -> InterlockingError:
    said = sentence(error)
    if said.startswith("Target database is not up to date"):
        return RefusedError(
            "the database is not at head",
            code="not-at-head",
            why="what pending revisions bring would be written a second time",
            next="invoke db.upgrade",
        )
    if "does not provide a MetaData" in said:
        return UsageError(
            "env.py names no models that the database could be compared with",
            code="no-models",
            why="its target_metadata is None, or it gives none to context.configure()",
            next='name them there, or write revisions by hand: invoke db.migrate --empty -m "..."',
        )
    return UsageError(said, code="alembic-refused", next=_HISTORY)


def _anything_else(error: BaseException, watch: Watch) -> InterlockingError:
    place = place_in_project(error, watch.target.root)
    where = f" ({place.relative(watch.target.root)})" if place else ""
    return CheckFailedError(
        f"{sentence(error)}{where}",
        code="env-failed",
        why="it was raised while env.py or the application ran, outside any revision",
        next="correct that line",
    )


_OUTSIDE: tuple[tuple[type[BaseException], Callable[[BaseException, Watch], InterlockingError]], ...] = (
    (MultipleHeads, _several_heads),
    (ResolutionError, _unknown_revision),
    (CycleDetected, _cycle),
    (DBAPIError, _unreachable),
    (CommandError, _command),
    (SyntaxError, _unloadable),
    (ImportError, _unloadable),
)


def _in_chain(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    return next((link for link in _chain(error) if isinstance(link, kind)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and what it was explicitly raised from."""
    link: BaseException | None = error
    while link is not None:
        yield link
        link = link.__cause__
