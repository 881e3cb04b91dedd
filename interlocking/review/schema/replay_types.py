"""Carry out what makes and changes types, functions and settings on what is known. Pure."""

from __future__ import annotations

from dataclasses import replace

from interlocking.review.reading.nodes import Node, constraint_kind, dotted, written
from interlocking.review.schema.knowledge import UTC_ZONES, Domain, EnumType, Knowledge
from interlocking.review.schema.replay_names import renamed
from interlocking.review.schema.sqltypes import type_of


def create_enum(knowledge: Knowledge, node: Node, revision: str) -> None:
    """CREATE TYPE ... AS ENUM."""
    knowledge.enums[dotted(node.typeName)] = EnumType(tuple(each.sval for each in node.vals or ()), made_by=revision)


def alter_enum(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """ALTER TYPE ... ADD VALUE, RENAME VALUE."""
    name = dotted(node.typeName)
    known = knowledge.enums.get(name, EnumType())
    if node.oldVal:
        labels = renamed(known.labels, node.oldVal, node.newVal)
    else:
        labels = known.labels if node.newVal in known.labels else (*known.labels, node.newVal)
    knowledge.enums[name] = replace(known, labels=labels)


def create_domain(knowledge: Knowledge, node: Node, revision: str) -> None:
    """CREATE DOMAIN."""
    kinds = {constraint_kind(each): each for each in node.constraints or ()}
    condition = written(kinds["check"].raw_expr) if "check" in kinds else ""
    base = type_of(node.typeName)
    over = knowledge.domains.get(base.name, Domain())  # a domain over a domain keeps to the constraints of both
    knowledge.domains[dotted(node.domainname)] = Domain(
        base,
        constrained=bool(condition) or "notnull" in kinds or over.constrained,
        condition=" AND ".join(each for each in (over.condition, condition) if each),
        made_by=revision,
    )


def alter_domain(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """ALTER DOMAIN ... ADD CONSTRAINT, SET NOT NULL."""
    name = dotted(node.typeName)
    if node.subtype in ("C", "O"):  # ADD CONSTRAINT, SET NOT NULL
        knowledge.domains[name] = replace(knowledge.domains.get(name, Domain()), constrained=True)


def create_function(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """CREATE FUNCTION: how volatile it is."""
    said = {each.defname: getattr(each.arg, "sval", "") for each in node.options or ()}
    knowledge.own_functions.add(dotted(node.funcname))
    knowledge.volatile[dotted(node.funcname)] = said.get("volatility", "volatile") == "volatile"


def set_variable(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """SET: what it says about the time zone."""
    if (node.name or "").lower() == "timezone" and node.args:
        zone = getattr(getattr(node.args[0], "val", None), "sval", "")
        knowledge.utc = zone.upper() in UTC_ZONES
