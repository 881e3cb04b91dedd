"""Names in SQL, quoted and read back, for what works without a driver. Pure.

Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
"""

from __future__ import annotations


def quote(name: str) -> str:
    """Return a name as SQL writes it, in quotes."""
    return '"' + name.replace('"', '""') + '"'


def fold(written: str) -> str:
    """Return a name that SQL has written, quoted or not, as the catalog spells it."""
    return written[1:-1].replace('""', '"') if written.startswith('"') else written.lower()
