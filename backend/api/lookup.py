"""Finding what an address names."""

from __future__ import annotations

from typing import TypeVar

from backend.api.validation import LARGEST_ID
from backend.database import Base, db
from backend.errors import NotFoundError

Model = TypeVar("Model", bound=Base)


def find(model: type[Model], identifier: int) -> Model | None:
    """Return the row of `model` with this id, or None."""
    return db.session.get(model, identifier) if identifier <= LARGEST_ID else None


def require(model: type[Model], identifier: int) -> Model:
    """Return the row of `model` with this id.

    Raises:
        NotFoundError: there is none.
    """
    row = find(model, identifier)
    if row is None:
        raise NotFoundError(f"There is no {model.__name__.lower()} {identifier}.")
    return row
