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


@dataclass(frozen=True, slots=True)
class _Alteration:
    """An object that is in both snapshots with other attributes."""

    before: CatalogObject
    changes: dict[str, tuple[Attribute, Attribute]]


def compare(before: Snapshot, after: Snapshot) -> Comparison:
    """Say how `after` differs from `before`.

    What vanished or came with its container (a column with its table, an index with its constraint, everything
    with its schema) is not said again.
    """
    old = {each.key: each for each in before.objects - after.objects}
    new = {each.key: each for each in after.objects - before.objects}
    gone = {key: each for key, each in old.items() if key not in new}
    came = {key: each for key, each in new.items() if key not in old}
    alterations = _alterations(old, new, replaced=gone.keys() | came.keys())
    rewritten = {key for key, each in alterations.items() if key.kind == "view" and "definition" in each.changes}
    differences = [
        *_vanished(gone, "missing", covered=gone.keys() | rewritten),
        *_vanished(came, "left-behind", covered=came.keys() | rewritten),
    ]
    remarks = []
    for key, alteration in alterations.items():
        if alteration.before.within() & rewritten:
            continue
        texts = dict(_remarkable(key.kind, alteration.changes))
        remarks += [Remark(key.kind, key.shown, text) for text in texts.values() if text]
        detail = tuple(_phrase(name, *pair) for name, pair in alteration.changes.items() if name not in texts)
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


def _vanished(
    objects: dict[ObjectKey, CatalogObject], change: Change, *, covered: Iterable[ObjectKey]
) -> Iterator[Difference]:
    """Yield a difference for each object whose container did not vanish as well."""
    containers = frozenset(covered)
    for key, each in objects.items():
        if not each.within() & containers:
            yield Difference(key.kind, key.shown, change)


def _alterations(
    old: dict[ObjectKey, CatalogObject], new: dict[ObjectKey, CatalogObject], *, replaced: Iterable[ObjectKey]
) -> dict[ObjectKey, _Alteration]:
    """Return what is in both, but for what changed because its container did: was replaced, or changed alike."""
    containers = frozenset(replaced)
    found = {
        key: _Alteration(old[key], _changes(old[key].described(), new[key].described()))
        for key in old.keys() & new.keys()
        if not (old[key].within() | new[key].within()) & containers
    }
    return {key: each for key, each in found.items() if not _follows_container(each, found)}


def _follows_container(alteration: _Alteration, found: dict[ObjectKey, _Alteration]) -> bool:
    """Say whether the object changed exactly as a container did, as a partition's column follows its parent's."""
    return any(
        holder.kind == alteration.before.kind and holder in found and found[holder].changes == alteration.changes
        for holder in alteration.before.within()
    )


def _changes(old: dict[str, Attribute], new: dict[str, Attribute]) -> dict[str, tuple[Attribute, Attribute]]:
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def _remarkable(kind: str, changes: dict[str, tuple[Attribute, Attribute]]) -> Iterator[tuple[str, str | None]]:
    """Yield the changes that are no differences: the attribute and the remark, or None if there is nothing to say."""
    for name, (old, new) in changes.items():
        if name == "columns" and isinstance(old, list) and isinstance(new, list):
            yield name, _column_order(old, new)
        elif name == "labels" and isinstance(old, list) and isinstance(new, list) and sorted(old) == sorted(new):
            yield name, f"has its labels in another order: {', '.join(new)}; it was {', '.join(old)}"
        elif name == "validity" and kind != "index":
            yield name, f"is {new}, was {old}"
        elif name == "definition" and kind in _REWRITTEN_BY_SERVER and same_but_for_casts(str(old), str(new)):
            yield name, "was rewritten by PostgreSQL with other casts, because the type of a column changed and back"


def _column_order(old: list[str], new: list[str]) -> str | None:
    """Return the remark on two orders of columns; which columns there are is said column by column."""
    if [name for name in old if name in new] == [name for name in new if name in old]:
        return None
    return f"has its columns in another order: {', '.join(new)}; it was {', '.join(old)}"


def _phrase(name: str, old: Attribute, new: Attribute) -> str:
    """Say one change, without the text of a long definition or of what may hold a secret."""
    words = _word(old), _word(new)
    if any("\n" in word or len(word) > _LONGEST_SHOWN or word.startswith("md5:") for word in words):
        return f"{name} differs"
    return f"{name} is {words[1]}, was {words[0]}"


def _word(value: Attribute) -> str:
    if value is None or value in ("", []):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value)
    return re.sub(r"\bpublic\.", "", str(value))
