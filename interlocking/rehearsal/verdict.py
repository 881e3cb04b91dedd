"""From what was seen to what is said: whether a revision came through its round trip. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from interlocking.errors import InterlockingError
from interlocking.postgres.diff import Difference, compare, sentence
from interlocking.postgres.snapshot import Snapshot
from interlocking.rehearsal.results import RevisionTrip, StepDifference, StepName

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
    """

    error: InterlockingError | None
    seconds: float | None


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


def judge(revision: str, seen: Sighting) -> RevisionTrip:
    """Return the verdict on one revision.

    A downgrade that refuses on purpose is reported and no failure. One that does nothing after an upgrade
    that changed the schema is a failure, because of what it leaves behind.
    """
    differences: list[StepDifference] = []
    remarks: list[str] = []
    for step, expected, found in _pairs(seen):
        comparison = compare(expected.snapshot, found.snapshot)
        after = f"{_AFTER[step]} {revision}"
        for each in (*comparison.differences, *_versions(expected, found)):
            if _is_harmless(each, seen):
                remarks.append(sentence(each, after=after))
            else:
                differences.append(_difference(step, each, after))
        remarks += [sentence(each, after=after) for each in comparison.remarks]
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


def _versions(expected: Picture, found: Picture) -> list[Difference]:
    if expected.versions == found.versions:
        return []
    held, was = (", ".join(each.versions) or "nothing" for each in (found, expected))
    return [Difference("version", "alembic_version", "altered", (f"it holds {held}, and held {was}",))]


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
