"""Interlocking: database migrations that are safe to write, review, roll back, rehearse and run.

The public face: `namespace` builds the Invoke tasks of a project, `Settings` says what can be set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlocking.settings import Settings
    from interlocking.tasks import namespace

__version__ = "0.1.0"
__all__ = ["Settings", "__version__", "namespace"]

_HOMES = {"namespace": "interlocking.tasks", "Settings": "interlocking.settings"}


def __getattr__(name: str) -> object:
    """Load the public names when they are asked for: the guard inside `env.py` needs no Invoke."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a name is asked for

    return getattr(import_module(_HOMES[name]), name)
