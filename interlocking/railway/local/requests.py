"""What a command asks of the engine that supervises a deployment: one word in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast

Request = Literal["restart", "remove"]


class Requests:
    """The letter box of one deployment.

    Args:
        folder: the deployment's.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "request"

    def put(self, request: Request) -> None:
        """Ask; a later request replaces an earlier one that was not yet taken."""
        fresh = self._file.with_name("request.new")
        fresh.write_text(request, encoding="utf-8")
        fresh.replace(self._file)

    @property
    def waiting(self) -> bool:
        """Whether a request was not yet taken."""
        return self._file.exists()

    def take(self) -> Request | None:
        """Return what is asked, once."""
        try:
            text = self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        self._file.unlink(missing_ok=True)
        return cast("Request", text)
