"""Where in the project an exception came from, and whether someone raised it on purpose."""

from __future__ import annotations

import ast
import traceback
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file.

    Args:
        path: the file.
        line: counted from 1.
    """

    path: Path
    line: int

    def relative(self, root: Path) -> str:
        """Return `file:line`, with the file from the project's root where it is inside."""
        path = self.path.relative_to(root) if self.path.is_relative_to(root) else self.path
        return f"{path}:{self.line}"


def place_in_file(error: BaseException, path: Path) -> Place | None:
    """Return the innermost line of `path` that was running when `error` was raised."""
    own = [place for place in _places(error) if place.path == path.resolve()]
    return own[-1] if own else None


def place_in_project(error: BaseException, root: Path) -> Place | None:
    """Return the innermost line of the project itself: not of what is installed for it."""
    if isinstance(error, SyntaxError) and error.filename:
        return Place(Path(error.filename).resolve(), error.lineno or 1)
    own = [place for place in _places(error) if _belongs(place.path, root)]
    return own[-1] if own else None


def is_deliberate(error: BaseException, root: Path) -> bool:
    """Return whether a `raise` or `assert` written in the project raised `error`.

    This tells a downgrade that refuses (`raise NotImplementedError`) from one with a bug in it: an
    AttributeError comes from an expression, a database error from the driver.
    """
    places = _places(error)
    return bool(places) and _belongs(places[-1].path, root) and _raises(places[-1])


def _places(error: BaseException) -> list[Place]:
    """Return the lines from the outermost to the one that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return [Place(_path(frame.filename), frame.lineno or 0) for frame in frames]


def _path(filename: str) -> Path:
    """Return a real path; what the interpreter made up (`<frozen importlib>`) stays outside any folder."""
    return Path(filename) if filename.startswith("<") else Path(filename).resolve()


def _belongs(path: Path, root: Path) -> bool:
    return path.is_relative_to(root) and "site-packages" not in path.parts


def _raises(place: Place) -> bool:
    try:
        tree = ast.parse(place.path.read_bytes())
    except (OSError, SyntaxError):
        return False
    return any(
        node.lineno <= place.line <= (node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise | ast.Assert)
    )
