"""Operations in words and in SQL."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.operations import ops

from interlocking.upgrade.child.operations import describe, statements, words

WORDS = [
    (ops.CreateTableOp("users", [sa.Column("id", sa.Integer)]), "create table users (1 column)"),
    (ops.CreateTableOp("users", [sa.Column("id", sa.Integer)], schema="shop"), "create table shop.users (1 column)"),
    (ops.DropTableOp("users"), "drop table users"),
    (
        ops.AddColumnOp("users", sa.Column("email", sa.String(255), nullable=False)),
        "add column users.email (VARCHAR(255), not null)",
    ),
    (
        ops.AddColumnOp("users", sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now())),
        "add column users.at (TIMESTAMP WITH TIME ZONE, default now())",
    ),
    (
        ops.AddColumnOp("users", sa.Column("state", sa.Text, server_default="new")),
        "add column users.state (TEXT, default 'new')",
    ),
    (ops.DropColumnOp("users", "email"), "drop column users.email"),
    (
        ops.AlterColumnOp(
            "users", "email", existing_type=sa.String(50), modify_type=sa.String(255), modify_nullable=False
        ),
        "alter column users.email: type VARCHAR(50) to VARCHAR(255), not null",
    ),
    (ops.AlterColumnOp("users", "email", modify_server_default=None), "alter column users.email: no default"),
    (ops.AlterColumnOp("users", "email", modify_name="mail"), "alter column users.email: rename to mail"),
    (ops.AlterColumnOp("users", "email", modify_comment="x"), "alter column users.email: comment"),
    (ops.CreateIndexOp("ix", "users", ["id", sa.text("lower(email)")]), "create index ix on users (id, lower(email))"),
    (ops.CreateIndexOp("ix", "users", ["id"], unique=True), "create unique index ix on users (id)"),
    (ops.DropIndexOp("ix", "users"), "drop index ix on users"),
    (
        ops.CreateForeignKeyOp("fk", "goals", "users", ["user_id"], ["id"]),
        "add foreign key fk from goals (user_id) to users (id)",
    ),
    (ops.CreateUniqueConstraintOp("uq", "users", ["email"]), "add unique constraint uq on users (email)"),
    (ops.CreatePrimaryKeyOp("pk", "users", ["id"]), "add primary key pk on users (id)"),
    (ops.CreateCheckConstraintOp("ck", "users", sa.text("id > 0")), "add check constraint ck on users (id > 0)"),
    (ops.DropConstraintOp("ck", "users"), "drop constraint ck on users"),
    (ops.CreateTableCommentOp("users", "people"), "change the comment of table users"),
    (ops.ExecuteSQLOp("SELECT 1"), "run SELECT 1"),
    (ops.ExecuteSQLOp("SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9"), "run SELECT 1, 2, 3, 4, 5, 6, 7, ..."),
]


@pytest.mark.parametrize(("operation", "expected"), WORDS, ids=[expected for _, expected in WORDS])
def test_an_operation_has_words(operation: ops.MigrateOperation, expected: str) -> None:
    """As a person would say it."""
    assert expected == words(operation)


def test_a_table_with_an_enum_is_two_statements() -> None:
    """The type comes first, as in the migration itself."""
    mood = sa.Column("mood", sa.Enum("good", "bad", name="mood"))

    first, second = statements(ops.CreateTableOp("users", [mood]))

    assert first.startswith("CREATE TYPE mood AS ENUM")
    assert second.startswith("CREATE TABLE users")


def test_containers_are_opened() -> None:
    """Flask-Migrate's batch mode puts each table's operations into one."""
    inner = ops.ModifyTableOps("users", [ops.DropColumnOp("users", "email")])

    assert ["drop column users.email"] == [each["words"] for each in describe(ops.UpgradeOps([inner]))]


def test_the_index_of_an_added_column_is_an_operation_apart() -> None:
    """The file holds `create_index` of its own, so the column's SQL must not repeat it."""
    column = sa.Column("email", sa.Text, index=True, unique=True)

    assert ["ALTER TABLE users ADD COLUMN email TEXT"] == statements(ops.AddColumnOp("users", column))
    assert column.index
