"""Carry out what makes and changes types, functions and settings on what is known. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from interlocking.review.reading.nodes import Node, constraint_kind, dotted, split_name, written
from interlocking.review.schema.knowledge import UTC_ZONES, Knowledge
from interlocking.review.schema.objects import Domain, EnumType
from interlocking.review.schema.replay_names import free_name, renamed
from interlocking.review.schema.sqltypes import type_of


def create_enum(knowledge: Knowledge, node: Node, revision: str) -> None:
    """CREATE TYPE ... AS ENUM; one that is there stays what it was, if this runs at all."""
    made = EnumType(tuple(each.sval for each in node.vals or ()), made_by=revision)
    knowledge.enums.setdefault(dotted(node.typeName), made)


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
    name = dotted(node.domainname)
    domain = Domain(type_of(node.typeName), made_by=revision)
    for each in node.constraints or ():
        domain = replace(domain, own=_joined(name, domain.own, each))
    _keep_domain(knowledge, name, domain)


def alter_domain(knowledge: Knowledge, node: Node, _revision: str) -> None:
    """ALTER DOMAIN ... ADD and DROP CONSTRAINT, SET and DROP NOT NULL."""
    name = dotted(node.typeName)
    domain = knowledge.domains.get(name, Domain())
    match node.subtype:
        case "C":
            own = _joined(name, domain.own, node.def_)
        case "O":
            own = {**domain.own, "": _NOT_NULL}
        case "X" if node.name in domain.own:
            own = {kept: condition for kept, condition in domain.own.items() if kept != node.name}
        case "N" if "" in domain.own:
            own = {kept: condition for kept, condition in domain.own.items() if kept}
        case _:
            return
    _keep_domain(knowledge, name, replace(domain, own=own))


_NOT_NULL = "VALUE IS NOT NULL"


def _joined(domain: str, own: Mapping[str, str], node: Node) -> Mapping[str, str]:
    """Return the constraints of a domain with one more; what is no constraint, such as a default, is none."""
    kind = constraint_kind(node)
    if kind == "notnull":
        return {**own, "": _NOT_NULL}
    if kind != "check":
        return own
    name = node.conname or free_name(f"{split_name(domain)[1]}_check", own)
    return {**own, name: written(node.raw_expr)}


def _keep_domain(knowledge: Knowledge, name: str, domain: Domain) -> None:
    """A domain over a domain keeps to the constraints of both."""
    over = knowledge.domains.get(domain.type.name, Domain()) if domain.type else Domain()
    conditions = (over.condition, *domain.own.values())
    knowledge.domains[name] = replace(
        domain,
        constrained=bool(domain.own) or over.constrained,
        condition=" AND ".join(each for each in conditions if each),
    )


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
