"""What a database holds, frozen: the data that `catalog.take_snapshot` returns and `diff.compare` reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Attribute: TypeAlias = str | int | bool | tuple[str, ...] | None


class ObjectKey(NamedTuple):
    """What identifies an object, in every database in which it is made again.

    Attributes:
        kind: "table", "column", "type", "constraint", "index", ... in PostgreSQL's own words.
        schema: the schema it stands in; empty for what has none, such as an extension.
        relation: the table, view or type that a column, constraint or trigger belongs to; else empty.
        name: its own name; of a function or operator with the types of its arguments.
    """

    kind: str
    schema: str
    relation: str
    name: str

    @property
    def shown(self) -> str:
        """The name for a reader: `table.column`, without the schema when that is `public`."""
        if self.kind == "schema":
            return self.name
        schema = "" if self.schema == "public" else self.schema
        return ".".join(part for part in (schema, self.relation, self.name) if part)


class CatalogObject(NamedTuple):
    """One object as the catalog describes it.

    Attributes:
        attributes: a JSON object as text; the same text whenever the same object is made again. Its key
            `within` lists what the object vanishes with.
    """

    kind: str
    schema: str
    relation: str
    name: str
    attributes: str

    @property
    def key(self) -> ObjectKey:
        """The object's identity."""
        return ObjectKey(*self[:4])

    def described(self) -> dict[str, Attribute]:
        """Return its attributes by name, such as `{"type": "text", "nullability": "not null"}`."""
        attributes = json.loads(self.attributes)
        return {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in attributes.items()
            if name != "within"
        }

    def within(self) -> frozenset[ObjectKey]:
        """Return what it vanishes with: its schema, the relation it is a member of, and what it serves."""
        listed = json.loads(self.attributes).get("within") or ()
        holders = {ObjectKey(*holder) for holder in listed}
        holders |= {ObjectKey(kind, self.schema, "", self.relation) for kind in ("table", "view", "type")}
        return frozenset(holders | {ObjectKey("schema", self.schema, "", self.schema)} - {self.key})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a migration can make in one database, at one moment.

    Two equal snapshots describe the same schema. Two that differ may still do so (PostgreSQL rewrites some
    expressions by itself): `diff.compare` decides.
    """

    objects: frozenset[CatalogObject]
