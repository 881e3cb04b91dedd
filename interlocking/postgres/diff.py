"""What one snapshot has that another has not, object by object, in words.

Pure: data in, data out. A `Difference` is something that a migration left wrong. A `Remark` is something
that PostgreSQL cannot put back, or that changes nothing a query could see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from interlocking.postgres.casts import same_but_for_casts
from interlocking.postgres.snapshot import Attribute, CatalogObject, ObjectKey, Snapshot

Change: TypeAlias = Literal["missing", "left-behind", "altered"]
Changes: TypeAlias = dict[str, tuple[Attribute, Attribute]]
"""What was and what is, by attribute."""

_LONGEST_SHOWN = 80
_REWRITTEN_BY_SERVER = frozenset({"constraint", "index", "statistics"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is not as it was.

    Attributes:
        kind: what it is, in PostgreSQL's word: "table", "column", "type", "constraint", ...
        name: as the reader knows it: `table.column`, without the schema when that is `public`.
        change: "missing" (it was there), "left-behind" (it was not) or "altered".
        detail: what changed of an altered object: ("type is text, was character varying(80)",).
    """

    kind: str
    name: str
    change: Change
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth knowing about one object that is no fault of a migration.

    Attributes:
        text: what is so, to be read after the object's kind and name: "has its columns in another order".
    """

    kind: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict on two snapshots; both parts are sorted by kind and name."""

    differences: tuple[Difference, ...]
    remarks: tuple[Remark, ...]


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """Say how `after` differs from `before`.

    What vanished or came with its container (a column with its table, an index with its constraint, everything
    with its schema) is not said again, nor what follows from a view's new definition.
    """
    old, new = _keyed(before.objects - after.objects), _keyed(after.objects - before.objects)
    gone, came = old.keys() - new.keys(), new.keys() - old.keys()
    redefined = {key for key in old.keys() & new.keys() if key.kind == "view" and _is_redefined(old[key], new[key])}
    differences = [
        *_vanished([old[key] for key in gone], "missing", covered=gone | redefined),
        *_vanished([new[key] for key in came], "left-behind", covered=came | redefined),
    ]
    remarks: list[Remark] = []
    for key, changes in _alterations(old, new, covered=gone | came | redefined).items():
        texts = dict(_excused(key.kind, changes))
        remarks += [Remark(key.kind, key.shown, text) for text in texts.values() if text]
        detail = tuple(_phrase(name, *pair) for name, pair in changes.items() if name not in texts)
        if detail:
            differences.append(Difference(key.kind, key.shown, "altered", detail))
    return Comparison(
        tuple(sorted(differences, key=lambda each: (each.kind, each.name, each.change))),
        tuple(sorted(remarks, key=lambda each: (each.kind, each.name, each.text))),
    )


def sentence(finding: Difference | Remark, *, after: str) -> str:
    """Say a difference or a remark to a person.

    Args:
        finding: what to say.
        after: the step that led there, such as "the downgrade of 20250615_companion".

    Returns:
        "after the downgrade of 20250615_companion, type goal_status is left behind".
    """
    subject = f"after {after}, {finding.kind} {finding.name}"
    if isinstance(finding, Remark):
        return f"{subject} {finding.text}"
    if finding.change == "altered":
        return f"{subject}: {'; '.join(finding.detail)}"
    return f"{subject} is {finding.change.replace('-', ' ')}"


def _keyed(objects: Iterable[CatalogObject]) -> dict[ObjectKey, CatalogObject]:
    return {each.key: each for each in objects}


def _is_redefined(old: CatalogObject, new: CatalogObject) -> bool:
    return old.described()["definition"] != new.described()["definition"]


def _vanished(objects: Iterable[CatalogObject], change: Change, *, covered: set[ObjectKey]) -> Iterator[Difference]:
    """Yield a difference for each object that none of the `covered` containers explains."""
    for each in objects:
        if not each.within() & covered:
            yield Difference(each.kind, each.key.shown, change)


def _alterations(
    old: dict[ObjectKey, CatalogObject], new: dict[ObjectKey, CatalogObject], *, covered: set[ObjectKey]
) -> dict[ObjectKey, Changes]:
    """Return the changes of each object that is in both, unless its container explains them."""
    found = {
        key: _changes(old[key].described(), new[key].described())
        for key in old.keys() & new.keys()
        if not (old[key].within() | new[key].within()) & covered
    }
    return {key: changes for key, changes in found.items() if not _follows_container(old[key], found)}


def _follows_container(member: CatalogObject, found: dict[ObjectKey, Changes]) -> bool:
    """Say whether a container of the same kind changed alike, as the column of a partition follows its parent's."""
    changes = found[member.key]
    return any(
        holder.kind == member.kind and holder in found and changes.items() <= found[holder].items()
        for holder in member.within()
    )


def _changes(old: dict[str, Attribute], new: dict[str, Attribute]) -> Changes:
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def _excused(kind: str, changes: Changes) -> Iterator[tuple[str, str | None]]:
    """Yield the changes that are no differences: the attribute and the remark, or None if there is nothing to say."""
    for name, (old, new) in changes.items():
        if name == "columns" and isinstance(old, tuple) and isinstance(new, tuple):
            yield name, _column_order(old, new)
        elif name == "labels" and isinstance(old, tuple) and isinstance(new, tuple) and sorted(old) == sorted(new):
            yield name, f"has its labels in another order: {', '.join(new)}; it was {', '.join(old)}"
        elif name == "validity" and kind != "index":
            yield name, f"is {new}, was {old}"
        elif name == "definition" and kind in _REWRITTEN_BY_SERVER and same_but_for_casts(str(old), str(new)):
            yield name, "was rewritten by PostgreSQL with other casts, because the type of a column changed and back"


def _column_order(old: tuple[str, ...], new: tuple[str, ...]) -> str | None:
    """Return the remark on two orders of columns; which columns there are is said column by column."""
    if [name for name in old if name in new] == [name for name in new if name in old]:
        return None
    return f"has its columns in another order: {', '.join(new)}; it was {', '.join(old)}"


def _phrase(name: str, old: Attribute, new: Attribute) -> str:
    """Say one change, without the text of a long definition or of what may hold a secret."""
    if isinstance(old, tuple) and isinstance(new, tuple) and set(old) != set(new):
        return f"{name} {_gained_and_lost(old, new)}"
    was, is_ = _word(name, old), _word(name, new)
    several = name.endswith("s")
    if any("\n" in word or len(word) > _LONGEST_SHOWN or word.startswith("md5:") for word in (was, is_)):
        return f"{name} {'differ' if several else 'differs'}"
    return f"{name} are {is_}, were {was}" if several else f"{name} is {is_}, was {was}"


def _gained_and_lost(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    gained = ", ".join(each for each in new if each not in old)
    lost = ", ".join(each for each in old if each not in new)
    return " and ".join(f"{verb} {what}" for verb, what in (("gained", gained), ("lost", lost)) if what)


def _word(name: str, value: Attribute) -> str:
    if value is None:
        return "the default" if name == "privileges" else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    return re.sub(r"\bpublic\.", "", text) or "none"
