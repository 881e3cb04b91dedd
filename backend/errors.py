"""What can be wrong with a request, apart from how it is answered."""

from __future__ import annotations


class ApiError(Exception):
    """An error that the caller of the API is told about.

    Args:
        message: a sentence for a person.
        field: the field of the request that is wrong, if one is.
    """

    status = 400
    code = "invalid-field"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidFieldError(ApiError):
    """A field of the request is missing or wrong. 400."""


class NotFoundError(ApiError):
    """Something that the address names does not exist. 404."""

    status = 404
    code = "not-found"


class ConflictError(ApiError):
    """The request is sound, but not in the present state of things. 409."""

    status = 409
    code = "conflict"
