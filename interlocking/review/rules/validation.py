"""When constraints are validated; and the constraints of domains."""

from __future__ import annotations

from collections.abc import Iterator

from interlocking.review.model import Finding
from interlocking.review.reading.nodes import Node, constraint_kind, dotted, relation_name, written
from interlocking.review.rules import recipes
from interlocking.review.rules.place import CommandRule, Place, Rule
from interlocking.review.rules.violations import broken_rows
from interlocking.review.schema.effects import adds_to_domain
from interlocking.review.schema.locks import ACCESS_EXCLUSIVE, SHARE, Effect


def validate(place: Place, table: str, command: Node) -> Iterator[Finding]:
    """VALIDATE CONSTRAINT in the transaction that added it."""
    if place.is_new(table):
        return
    constraint = place.known.table(table).constraints.get(command.name)
    if constraint and not constraint.validated:
        yield from broken_rows(place, table, command.name, constraint)
    key = (table, command.name)
    step = place.joined.added.get(key) or place.transaction.added.get(key)
    effect = next((each for each in step.effects if each.table == table and each.strong), None) if step else None
    if step and effect:
        yield place.found(
            "validated-in-same-transaction",
            f"the lock of ADD CONSTRAINT {command.name} is held while VALIDATE reads every row of {table}",
            table=table,
            effect=Effect(table, effect.mode, "scan"),
            severity="warning" if key in place.joined.added else None,
            why=_one_transaction(place, step.statement.revision),
            replacement=recipes.validation(table, command.name),
        )


def _one_transaction(place: Place, revision: str) -> str:
    if revision != place.statement.revision:
        return (
            "env.py runs all revisions in one transaction: set transaction_per_migration=True, "
            "or use Interlocking's guard, or the two revisions are one"
        )
    return "NOT VALID helps only when its transaction has ended before VALIDATE begins"


def _adds(node: Node, name: str) -> bool:
    commands = getattr(node, "cmds", None) or ()
    return any(each.subtype.name == "AT_AddConstraint" and each.def_.conname == name for each in commands)


def validate_in_one_statement(place: Place, node: Node) -> Iterator[Finding]:
    """ADD CONSTRAINT ... NOT VALID, VALIDATE CONSTRAINT in one ALTER TABLE."""
    if node.objtype.name != "OBJECT_TABLE" or place.is_new(relation_name(node.relation)):
        return
    table = relation_name(node.relation)
    for command in node.cmds:
        if command.subtype.name == "AT_ValidateConstraint" and _adds(node, command.name):
            yield place.found(
                "validated-in-same-transaction",
                f"{command.name} is added and validated in one statement: its lock is held while every row is read",
                table=table,
                effect=Effect(table, ACCESS_EXCLUSIVE, "scan"),
                replacement=recipes.validation(table, command.name),
            )


def alter_domain(place: Place, node: Node) -> Iterator[Finding]:
    """ALTER DOMAIN ADD CONSTRAINT."""
    name = dotted(node.typeName)
    domain = place.known.domains.get(name)
    if not adds_to_domain(node) or (domain and domain.made_by in place.release):
        return
    tables = place.known.tables_with(name)
    constraint = node.def_.conname if node.def_ and node.def_.conname else "constraint_name"
    yield place.found(
        "domain-constraint-validated",
        f"every row of every table with a column of {name} ({', '.join(tables) or 'whichever they are'}) is tested "
        "while nobody can write to it",
        table=tables[0] if tables else "",
        effect=Effect(tables[0] if tables else name, SHARE, "scan"),
        replacement="\n".join(
            (
                recipes.execute(f"{written(node).removesuffix(' NOT VALID')} NOT VALID"),
                recipes.later(
                    "in the next revision:",
                    recipes.execute(f"ALTER DOMAIN {recipes.sql_name(name)} VALIDATE CONSTRAINT {constraint}"),
                ),
            )
        ),
    )


def create_domain(place: Place, node: Node) -> Iterator[Finding]:
    """CREATE DOMAIN ... CHECK."""
    if any(constraint_kind(each) in ("check", "notnull") for each in node.constraints or ()):
        name = dotted(node.domainname)
        yield place.found(
            "domain-with-constraint",
            f"a column of {name} cannot be added to a table without rewriting it",
            why="a CHECK on the table can be added NOT VALID and validated later",
        )


RULES: dict[str, tuple[Rule, ...]] = {
    "AlterTableStmt": (validate_in_one_statement,),
    "AlterDomainStmt": (alter_domain,),
    "CreateDomainStmt": (create_domain,),
}
COMMANDS: dict[str, tuple[CommandRule, ...]] = {"AT_ValidateConstraint": (validate,)}
