"""Deploying an earlier commit: which one, can it live with the schema, and its tree for as long as it is uploaded.

Railway's CLI has no rollback; `up` of an old tree is one. The tree is a temporary git worktree, so nothing of the
working tree is touched.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from interlocking.environment import Project
from interlocking.errors import InterlockingError, RefusedError, UsageError
from interlocking.railway.results import Deployment, Service
from interlocking.release.git import git
from interlocking.revisions.position import locate_database
from interlocking.upgrade.status import load_graph

_SHORT = 12
_LIVED = frozenset({"SUCCESS", "SLEEPING", "REMOVED", "REMOVING", "CRASHED"})


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether an earlier commit can live with the schema.

    Args:
        heads: the heads of its revision files.
        unknown: revisions of the database that its files do not have: it is older than the schema.
        pending: revisions that it has and the database has not.
    """

    heads: tuple[str, ...]
    unknown: tuple[str, ...]
    pending: tuple[str, ...]


def earlier_commit(service: Service, deployments: Sequence[Deployment]) -> str:
    """Return the commit of the newest deployment that was live before the one that serves.

    Args:
        service: what serves now.
        deployments: newest first.

    Raises:
        UsageError: none is known: uploads of other tools do not say which commit they are.
    """
    ids = [each.id for each in deployments]
    serving = ids.index(service.deployment_id) if service.deployment_id in ids else -1
    now = deployments[serving].commit if serving >= 0 else ""
    older = (each for each in deployments[serving + 1 :] if each.status in _LIVED and each.commit not in ("", now))
    found = next(older, None)
    if found is None:
        raise UsageError(
            f"it is not known which commit {service.name} ran before",
            code="no-earlier-commit",
            why="no earlier deployment that was live names its commit",
            next="invoke deploy.rollback --commit COMMIT; git log shows them",
        )
    return found.commit


def full_commit(root: Path, name: str) -> str:
    """Return the full hash of a commit.

    Args:
        root: the repository.
        name: a hash, a tag, a branch.

    Raises:
        UsageError: git does not know it.
    """
    try:
        return git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").strip()
    except InterlockingError:
        raise UsageError(
            f"git does not know the commit {name!r}",
            code="unknown-commit",
            why="a shallow clone lacks older commits",
            next="git fetch --unshallow, or another --commit",
        ) from None


@contextmanager
def tree_of(root: Path, commit: str) -> Iterator[Path]:
    """Check out a commit beside the working tree for the length of the block.

    Args:
        root: the folder of the project, which may be below the repository's.
        commit: a full hash.

    Yields:
        The folder of the project at that commit.
    """
    below = git(root, "rev-parse", "--show-prefix").strip()
    holder = Path(tempfile.mkdtemp(prefix="interlocking-rollback-"))
    tree = holder / "tree"
    try:
        git(root, "worktree", "add", "--quiet", "--detach", str(tree), commit)
        yield tree / below
    finally:
        with suppress(InterlockingError):
            git(root, "worktree", "remove", "--force", str(tree))
        shutil.rmtree(holder, ignore_errors=True)


def fit_of(project: Project, tree: Path, current: Collection[str]) -> Fit:
    """Compare an earlier commit's revision files with the database.

    Args:
        project: whose settings say where the migrations are.
        tree: the folder of the project at that commit.
        current: what the database's version table holds.
    """
    position = locate_database(load_graph(replace(project, root=tree)), current)
    return Fit(position.heads, position.unknown, position.pending)


def require_fit(fit: Fit, *, commit: str, accept_newer: bool) -> None:
    """Refuse code that does not know the schema it would meet.

    Args:
        fit: how they compare.
        commit: the earlier one.
        accept_newer: whether a person answers for it that the old code works with the newer schema.

    Raises:
        RefusedError: the database is at revisions that the commit's files do not have; nothing was deployed.
    """
    if fit.unknown and not accept_newer:
        back = f"invoke db.prod-downgrade -r {fit.heads[0]}" if len(fit.heads) == 1 else "invoke db.prod-downgrade"
        raise RefusedError(
            f"{commit[:_SHORT]} does not know the revision the database is at: {', '.join(fit.unknown)}",
            code="schema-newer-than-code",
            why="code that is older than the schema breaks where a later revision removed or renamed something,"
            " and cannot migrate any more",
            next=f"{back} (loses what the newer revisions added), or --accept-newer-schema when they only added",
        )
