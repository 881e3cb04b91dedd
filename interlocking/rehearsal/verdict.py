"""From what was seen to what is said: whether a revision came through its round trip. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from interlocking.errors import InterlockingError
from interlocking.postgres.diff import Comparison, Difference, Remark, compare, sentence
from interlocking.postgres.snapshot import Snapshot
from interlocking.rehearsal.results import RevisionTrip, StepDifference, StepName
from interlocking.revisions.graph import Graph

_AFTER: dict[StepName, str] = {"down": "the downgrade of", "up-again": "the second upgrade of"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A database at one moment.

    Args:
        snapshot: its schema.
        versions: the rows of Alembic's version table, sorted.
    """

    snapshot: Snapshot
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one step went.

    Args:
        error: why it failed; None when it did not.
        seconds: how long the revision's own function took; None when it failed.
        remarks: what else is worth knowing, as sentences.
    """

    error: InterlockingError | None
    seconds: float | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of one revision, as far as it went.

    Args:
        before: the database before it.
        after: the database after its upgrade.
        up: the upgrade.
        down: the downgrade.
        after_down: the database after that; None when it failed.
        again: the second upgrade; None when there was none.
        after_again: the database after that; None when it failed.
    """

    before: Picture
    after: Picture
    up: Outcome
    down: Outcome
    after_down: Picture | None = None
    again: Outcome | None = None
    after_again: Picture | None = None


def judge(revision: str, seen: Sighting, graph: Graph) -> RevisionTrip:
    """Return the verdict on one revision.

    A downgrade that refuses on purpose is reported and no failure. One that does nothing after an upgrade
    that changed the schema is a failure, because of what it leaves behind.

    Args:
        revision: its id.
        seen: what was seen.
        graph: what each revision includes, to read the version table by.
    """
    differences: list[StepDifference] = []
    remarks = [*seen.up.remarks, *seen.down.remarks]
    for step, expected, found in _pairs(seen):
        comparison = _compared(expected, found, graph)
        after = f"{_AFTER[step]} {revision}"
        harmless = [each for each in comparison.differences if _is_harmless(each, seen)]
        differences += [_difference(step, each, after) for each in comparison.differences if each not in harmless]
        noted: list[Difference | Remark] = [*harmless, *comparison.remarks]
        remarks += [sentence(each, after=after) for each in noted]
    failure = _failure(seen)
    irreversible = _is_irreversible(seen.down)
    if irreversible and seen.down.error is not None:
        remarks.append(seen.down.error.message)
    return RevisionTrip(
        revision,
        ok=not differences and failure is None,
        error=failure,
        irreversible=irreversible,
        remarks=tuple(dict.fromkeys(remarks)),
        differences=tuple(differences),
        seconds_up=seen.up.seconds,
        seconds_down=seen.down.seconds,
    )


def _pairs(seen: Sighting) -> list[tuple[StepName, Picture, Picture]]:
    pairs: list[tuple[StepName, Picture, Picture]] = []
    if seen.after_down is not None:
        pairs.append(("down", seen.before, seen.after_down))
    if seen.after_again is not None:
        pairs.append(("up-again", seen.after, seen.after_again))
    return pairs


def _is_harmless(each: Difference, seen: Sighting) -> bool:
    """Whether it is an extension made with IF NOT EXISTS: the second upgrade did not mind it.

    Its downgrade cannot know whether the extension was there before, and so leaves it.
    """
    return each.kind == "extension" and each.change == "left-behind" and seen.after_again is not None


def _compared(expected: Picture, found: Picture, graph: Graph) -> Comparison:
    """Compare the schema, and the rows of the version table by what they include."""
    schema = compare(expected.snapshot, found.snapshot)
    if expected.versions == found.versions:
        return schema
    held, was = (", ".join(each.versions) or "nothing" for each in (found, expected))
    if _applied(expected, graph) == _applied(found, graph):
        text = f"holds {held} and held {was}, which Alembic takes for the same"  # as after undoing some merges
        return Comparison(schema.differences, (*schema.remarks, Remark("version", "alembic_version", text)))
    difference = Difference("version", "alembic_version", "altered", (f"it holds {held}, and held {was}",))
    return Comparison((*schema.differences, difference), schema.remarks)


def _applied(picture: Picture, graph: Graph) -> set[str]:
    """Return all that is applied; an id without a file is only itself."""
    known = [version for version in picture.versions if version in graph.revisions]
    return graph.ancestors(known) | set(picture.versions)


def _difference(step: StepName, each: Difference, after: str) -> StepDifference:
    return StepDifference(step, each.kind, each.name, each.change, sentence(each, after=after))


def _is_irreversible(down: Outcome) -> bool:
    return down.error is not None and down.error.code == "irreversible"


def _failure(seen: Sighting) -> str | None:
    if seen.down.error is not None:
        return None if _is_irreversible(seen.down) else seen.down.error.message
    if seen.again is not None and seen.again.error is not None:
        return f"after its downgrade it cannot be applied again: {seen.again.error.message}"
    return None
