"""What belongs to an extension that the database at hand does not have."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, dotted, functions_in, is_a, walk
from interlocking.review.rules import recipes
from interlocking.review.rules.place import Place, Rule
from interlocking.review.schema.sqltypes import type_of

_CLASSES = {
    "gin_trgm_ops": "pg_trgm",
    "gist_trgm_ops": "pg_trgm",
    "vector_l2_ops": "vector",
    "vector_cosine_ops": "vector",
}
_TYPES = {"citext": "citext", "hstore": "hstore", "ltree": "ltree", "vector": "vector", "geometry": "postgis"}
_FUNCTIONS = {
    **dict.fromkeys(("uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "uuid_generate_v5"), "uuid-ossp"),
    **dict.fromkeys(("gen_random_bytes", "gen_salt", "crypt", "digest", "hmac"), "pgcrypto"),
    **dict.fromkeys(("similarity", "word_similarity"), "pg_trgm"),
    "unaccent": "unaccent",
}


def missing(place: Place, node: Node) -> Iterator[Finding]:
    """Any statement that makes or changes a table, a column or an index."""
    if not place.known.live:
        return
    needed = dict(_needed(place, node))
    for extension in sorted(set(needed.values()) - place.known.extensions):
        names = ", ".join(sorted(name for name, owner in needed.items() if owner == extension))
        yield place.found(
            "extension-missing",
            f"{names} belongs to the extension {extension}, which this database does not have",
            why="its server may have to be given it first, and the role the right to install it",
            replacement=recipes.execute(f'CREATE EXTENSION IF NOT EXISTS "{extension}"'),
        )


def _needed(place: Place, node: Node) -> Iterator[tuple[str, str]]:
    """Yield names that an extension owns, unless something of that name is there, each with the extension."""
    for each in walk(node):
        if is_a(each, "IndexElem") and each.opclass:
            yield from _owner(_CLASSES, dotted(each.opclass))
        elif is_a(each, "TypeName"):
            name = type_of(each).name
            yield from () if name in {*place.known.enums, *place.known.domains} else _owner(_TYPES, name)
    for name in functions_in(node) - place.known.volatile.keys():
        yield from _owner(_FUNCTIONS, name)


def _owner(owners: dict[str, str], name: str) -> Iterator[tuple[str, str]]:
    yield from [(name, owners[name])] if name in owners else []


RULES: dict[str, tuple[Rule, ...]] = dict.fromkeys(("IndexStmt", "CreateStmt", "AlterTableStmt"), (missing,))
