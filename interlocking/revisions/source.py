"""One revision file, read as Alembic would understand it but never run.

The rules are those of Alembic's `Script._from_path` and `Revision.__init__` (`alembic/script`).
"""

from __future__ import annotations

import ast
import re
import warnings
from functools import lru_cache
from pathlib import Path

from interlocking.errors import UsageError
from interlocking.redaction import mask_url
from interlocking.revisions.literals import Dynamic, module_values
from interlocking.revisions.model import Revision, Unreadable

_FIELDS = ("revision", "down_revision", "depends_on", "branch_labels")
_LEGACY_FILE_NAME = re.compile(r"([a-f0-9]+)\.py")
_ILLEGAL_IN_ID = "@-+:"
_ABSENT = object()
_WHY_ONE_FILE_STOPS_ALL = "Alembic runs every file of the versions folder: no migration works until this one does"


def parse_revision(source: bytes | str, *, path: Path) -> Revision | Unreadable:
    """Read a revision file's identity from its text.

    Args:
        source: the whole file. Bytes are decoded as Python does: byte order mark, encoding cookie, line ends.
        path: where it is, for messages.

    Returns:
        The revision, or why only running the file would tell.

    Raises:
        UsageError: the file is no valid Python, or its variables can never make a revision.
    """
    tree = _syntax_tree(source, path=path)
    values = module_values(tree)
    fields = {name: values.get(name, values.get("*", _ABSENT)) for name in _FIELDS}
    for value in fields.values():
        if isinstance(value, Dynamic):
            return Unreadable(path, value.reason)
    return Revision(
        id=_identifier(fields["revision"], path=path),
        path=path,
        down_revisions=_parents(fields["down_revision"], path=path),
        depends_on=_names(fields["depends_on"], field="depends_on", path=path),
        branch_labels=_names(fields["branch_labels"], field="branch_labels", path=path),
        doc=(ast.get_docstring(tree, clean=False) or "").strip(),
    )


@lru_cache(maxsize=1024)
def parse_python(source: bytes | str) -> ast.Module:
    """Parse a file's text; the same text is parsed once, whoever asks. Nobody may change the tree.

    Raises:
        SyntaxError: it is no Python.
        ValueError: as SyntaxError, for a text with a null byte; RecursionError and MemoryError for deep nesting.
    """
    with warnings.catch_warnings():
        # "\d" in a docstring is the file's own business, and with -W error it would become a SyntaxError
        warnings.simplefilter("ignore")
        return ast.parse(source)


def tree_of(source: bytes | str) -> ast.Module | None:
    """Return the syntax tree of a file's text; None when it is no Python. Nobody may change it."""
    try:
        return parse_python(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _syntax_tree(source: bytes | str, *, path: Path) -> ast.Module:
    try:
        return parse_python(source)
    except SyntaxError as error:
        raise _syntax_error(error, path=path) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _unparsable(path, why=str(error) or "it is nested too deeply") from error


def _syntax_error(error: SyntaxError, *, path: Path) -> UsageError:
    place = f"{path}:{error.lineno}" if error.lineno else str(path)
    line = mask_url((error.text or "").strip())
    return UsageError(
        f"{place}: {error.msg}" + (f": {line}" if line else ""),
        code="revision-syntax-error",
        why=_WHY_ONE_FILE_STOPS_ALL,
        next=f"correct {place}",
    )


def _unparsable(path: Path, *, why: str) -> UsageError:
    return UsageError(
        f"{path} is not a Python file: {why}",
        code="revision-syntax-error",
        why=_WHY_ONE_FILE_STOPS_ALL,
        next=f"correct {path}, or restore it from version control",
    )


def _identifier(value: object, *, path: Path) -> str:
    legacy = _LEGACY_FILE_NAME.match(path.name)
    if value is _ABSENT and legacy:
        return legacy.group(1)
    if value is _ABSENT:
        raise UsageError(
            f"{path} sets no `revision`",
            code="revision-id-missing",
            why="every .py file of the versions folder must be a revision: Alembic stops at one that is not",
            next=f'add `revision = "..."` to {path.name}, or move the file out of {path.parent}',
        )
    if not isinstance(value, str) or not value or set(value) & set(_ILLEGAL_IN_ID):
        raise _invalid("revision", value, path=path, rule=f"it must be a text without any of {_ILLEGAL_IN_ID}")
    return value


def _parents(value: object, *, path: Path) -> tuple[str, ...]:
    if value is _ABSENT:
        raise UsageError(
            f"{path} sets no `down_revision`",
            code="down-revision-missing",
            why="without it nobody knows which revision comes before this one",
            next=f'add `down_revision = "..."` to {path.name}, or `down_revision = None` if it is the first',
        )
    return _names(value, field="down_revision", path=path)


def _names(value: object, *, field: str, path: Path) -> tuple[str, ...]:
    """Return one name, several or none as a tuple without repetitions."""
    if value is _ABSENT or value is None or value == (None,):
        return ()
    names = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(name, str) for name in names):
        raise _invalid(field, value, path=path, rule="it must be None, a text, or several texts")
    return tuple(dict.fromkeys(names))


def _invalid(field: str, value: object, *, path: Path, rule: str) -> UsageError:
    return UsageError(
        f"{path}: `{field} = {value!r}` cannot be used",
        code="revision-field-invalid",
        why=rule,
        next=f"correct `{field}` in {path.name}",
    )
