"""Projects that are written for a benchmark: plain Alembic, with a history of small revisions."""

from __future__ import annotations

from pathlib import Path

_REVISION = '''"""step {number}"""

import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {down!r}


def upgrade():
    op.create_table(
        "t{number}",
        sa.Column("id", sa.BigInteger, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, index=True),
        sa.Column("made", sa.DateTime(timezone=True), server_default=sa.func.now()),
    )


def downgrade():
    op.drop_table("t{number}")
'''


def write_project(root: Path, env: str) -> Path:
    """Write a project without revisions, and return the folder for them.

    Args:
        root: its folder.
        env: the text of env.py.
    """
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n", encoding="utf-8")
    (root / "migrations" / "env.py").write_text(env, encoding="utf-8")
    return versions


def write_tables(versions: Path, count: int) -> None:
    """Write revisions that make a table with an index each."""
    ids = [f"r{number:03}" for number in range(count)]
    for number, (down, id_) in enumerate(zip([None, *ids], ids, strict=False)):
        text = _REVISION.format(number=number, id=id_, down=down)
        (versions / f"{id_}.py").write_text(text, encoding="utf-8")
