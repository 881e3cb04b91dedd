"""Running migrations on a live database.

This package imports nothing by itself: what runs inside `env.py` must stay as light as Alembic. The names that a
project's `env.py` and revisions use are loaded when they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlocking.upgrade.backfilling.backfills import backfill

__all__ = ["backfill"]

_HOMES = {"backfill": "interlocking.upgrade.backfilling.backfills"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    return getattr(import_module(_HOMES[name]), name)
