"""What the application's models map, read from the syntax trees of its files: nothing is imported. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from interlocking.review.model import syntax_tree
from interlocking.review.surroundings.mapped import Mapped, MappedColumn, MappedTable, merged

_MARKS = ("Column(", "mapped_column(", "Mapped[", "__tablename__", ".Model", "Table(", "SQLModel", "table=True")
_COLUMN_CALLS = frozenset({"Column", "mapped_column"})
_KNOWN_BASES = frozenset(
    {"Base", "DeclarativeBase", "MappedAsDataclass", "DeclarativeBaseNoMeta", "Model", "SQLModel", "object"}
)
_WORDS = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


@dataclass(frozen=True, slots=True)
class _Class:
    name: str
    file: str
    line: int
    bases: tuple[str, ...]
    table: str
    schema: str
    abstract: bool
    computes_name: bool
    is_table: bool
    columns: Mapping[str, MappedColumn] = field(default_factory=dict)
    fields: Mapping[str, MappedColumn] = field(default_factory=dict)


def looks_like_models(text: str) -> bool:
    """Say whether a file may map something, so that most need not be parsed."""
    return any(mark in text for mark in _MARKS)


def map_models(files: Mapping[str, str], *, commit: str = "") -> Mapped | None:
    """Return what the models in these files map; None when there are no models.

    Args:
        files: the text of each file by its path from the project's root.
        commit: the short hash that they were taken from.
    """
    found = [_read(file, text) for file, text in files.items()]
    classes: dict[str, list[_Class]] = {}
    for each in (one for several, _ in found for one in several):
        classes.setdefault(each.name, []).append(each)
    named, unnamed = _mapped_classes(classes)
    tables = merged([*named, *(table for _, several in found for table in several)])
    return Mapped(tables, commit, tuple(unnamed)) if tables else None


@lru_cache(maxsize=10_000)
def _read(file: str, text: str) -> tuple[tuple[_Class, ...], tuple[MappedTable, ...]]:
    """Return the classes of a file and its `Table(...)`; most files are the same at the merge base and now."""
    nodes = list(ast.walk(syntax_tree(text) or ast.Module([], [])))
    classes = tuple(_class(node, file) for node in nodes if isinstance(node, ast.ClassDef))
    return classes, tuple(table for node in nodes if isinstance(node, ast.Call) for table in _core_table(node, file))


def _class(node: ast.ClassDef, file: str) -> _Class:
    return _Class(
        name=node.name,
        file=file,
        line=node.lineno,
        bases=tuple(_last_name(base) for base in node.bases),
        table=_text_of(node, "__tablename__"),
        schema=_schema(node),
        abstract=any(_assigns(part, "__abstract__") for part in node.body),
        computes_name=any(isinstance(part, _FUNCTIONS) and part.name == "__tablename__" for part in node.body),
        is_table=any(keyword.arg == "table" and _constant(keyword.value) is True for keyword in node.keywords),
        columns={column.name: column for part in node.body for column in _column(part)},
        fields={column.name: column for part in node.body for column in _field(part)},
    )


def _mapped_classes(classes: Mapping[str, Sequence[_Class]]) -> tuple[list[MappedTable], list[MappedTable]]:
    """Return the table of each class that has one, with the columns of its bases; and of those whose name is computed.

    A class that has no name of its own shares the table of the class that it derives from.
    """
    named: list[MappedTable] = []
    unnamed: list[MappedTable] = []
    for each in (one for several in classes.values() for one in several):
        line = list(_line_of_bases(each, classes))
        is_model = any(base.is_table for base in line) and "SQLModel" in {name for base in line for name in base.bases}
        table = each.table or (is_model and each.name.lower()) or _flask_name(each, line) or _shared_name(line)
        if each.abstract or not (table or any(base.computes_name for base in line)):
            continue
        columns = {name: column for base in reversed(line) for name, column in base.columns.items()}
        if is_model:
            columns |= {name: column for base in reversed(line) for name, column in base.fields.items()}
        bases = {name for base in line for name in base.bases}
        complete = all(name in classes or name in _KNOWN_BASES for name in bases)
        schema = next((base.schema for base in line if base.schema), "")
        name = f"{schema}.{table}" if schema not in ("", "public") else table or each.name
        (named if table else unnamed).append(MappedTable(name, each.file, each.line, columns, complete))
    return named, unnamed


def _line_of_bases(each: _Class, classes: Mapping[str, Sequence[_Class]]) -> Iterator[_Class]:
    """Yield a class and what it derives from; of several classes of one name those of the same file, or else all."""
    seen: set[tuple[str, str, int]] = set()
    todo = [each]
    while todo:
        current = todo.pop(0)
        mark = (current.name, current.file, current.line)
        if mark not in seen:
            seen.add(mark)
            yield current
            for name in current.bases:
                known = [base for base in classes.get(name, ()) if base is not current]
                todo.extend([base for base in known if base.file == current.file] or known)


def _flask_name(each: _Class, line: Iterable[_Class]) -> str:
    """Return Flask-SQLAlchemy's name for a model that sets none: its class name in snake case."""
    bases = list(line)
    if "Model" not in {name for base in bases for name in base.bases}:
        return ""
    has_key = any(column.primary_key for base in bases for column in base.columns.values())
    return _shared_name(bases) or (_WORDS.sub(r"_\1", each.name).lower() if has_key else "")


def _shared_name(line: Sequence[_Class]) -> str:
    return next((base.table for base in line[1:] if base.table), "")


def _column(part: ast.stmt) -> Iterator[MappedColumn]:
    match part:
        case ast.Assign(targets=[ast.Name(id=attribute)], value=ast.Call() as call):
            annotation = None
        case ast.AnnAssign(target=ast.Name(id=attribute), annotation=annotation, value=ast.Call() | None as call):
            pass
        case _:
            return
    mapped = annotation is not None and _last_name(annotation) == "Mapped"
    if call is None:
        if mapped:
            yield MappedColumn(attribute, attribute, nullable=_optional(annotation), line=part.lineno)
    elif found := next((part for part in _calls_in(call) if _last_name(part.func) in _COLUMN_CALLS), None):
        yield _declared(found, attribute, nullable=_optional(annotation) if mapped else None)


def _calls_in(call: ast.Call) -> Iterator[ast.Call]:
    """Yield a call and those among its arguments: `deferred(Column(...))` maps a column as well."""
    yield call
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    for argument in arguments:
        if isinstance(argument, ast.Call):
            yield from _calls_in(argument)


def _field(part: ast.stmt) -> Iterator[MappedColumn]:
    """Yield the column of an annotated field, as SQLModel maps it."""
    match part:
        case ast.AnnAssign(target=ast.Name(id=attribute), annotation=annotation, value=value) if (
            not attribute.startswith("_") and _last_name(annotation) != "ClassVar"
        ):
            call = value if isinstance(value, ast.Call) else None
        case _:
            return
    if call is not None and _last_name(call.func) == "Relationship":
        return
    given = {keyword.arg for keyword in call.keywords} if call else set()
    yield MappedColumn(
        attribute,
        attribute,
        nullable=_optional(annotation),
        has_default=not given.isdisjoint(("default", "default_factory")) if call else value is not None,
        line=part.lineno,
    )


def _declared(call: ast.Call, attribute: str, *, nullable: bool | None) -> MappedColumn:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    named = [arg.value for arg in call.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    said = _constant(given.get("name"))
    key = bool(_constant(given.get("primary_key")))
    written = _constant(given.get("nullable"))
    by_type = nullable if nullable is not None else (_last_name(call.func) == "Column")
    return MappedColumn(
        name=named[0] if named else said if isinstance(said, str) else attribute,
        attribute=attribute,
        nullable=written if isinstance(written, bool) else by_type and not key,
        has_default=not given.keys().isdisjoint(("default", "insert_default", "default_factory")),
        has_server_default="server_default" in given or any(_last_name(arg) in _SERVER_SIDE for arg in call.args),
        primary_key=key,
        line=call.lineno,
    )


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SERVER_SIDE = frozenset({"Identity", "Computed", "Sequence", "FetchedValue"})


def _core_table(node: ast.Call, file: str) -> Iterator[MappedTable]:
    match node:
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), _, *parts]) if (
            _last_name(function) == "Table"
        ):
            schema = next((_constant(k.value) for k in node.keywords if k.arg == "schema"), None)
            columns = [_declared(part, "", nullable=None) for part in _columns_among(parts)]
            full = f"{schema}.{name}" if schema not in (None, "", "public") else name
            yield MappedTable(full, file, node.lineno, {column.name: column for column in columns})


def _columns_among(parts: list[ast.expr]) -> Iterator[ast.Call]:
    yield from (part for part in parts if isinstance(part, ast.Call) and _last_name(part.func) in _COLUMN_CALLS)


def _optional(annotation: ast.expr | None) -> bool:
    """Return whether `Mapped[...]` says that the column may be NULL."""
    text = ast.unparse(annotation) if annotation is not None else ""
    return bool(re.search(r"\bOptional\[|\|\s*None|None\s*\|", text))


def _schema(node: ast.ClassDef) -> str:
    for part in node.body:
        if _assigns(part, "__table_args__"):
            for inner in ast.walk(part):
                if isinstance(inner, ast.Dict):
                    for key, value in zip(inner.keys, inner.values, strict=True):
                        if _constant(key) == "schema" and isinstance(found := _constant(value), str):
                            return found
    return ""


def _text_of(node: ast.ClassDef, name: str) -> str:
    assigned = (part for part in node.body if isinstance(part, ast.Assign | ast.AnnAssign) and _assigns(part, name))
    return next((value for part in assigned if isinstance(value := _constant(part.value), str)), "")


def _assigns(part: ast.stmt, name: str) -> bool:
    targets = part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=inner) | ast.Call(func=inner):
            return _last_name(inner)
        case ast.Constant(value=str(text)):
            return text
    return ""
