"""What the application's models map, read from the syntax trees of its files: nothing is imported. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from interlocking.review.model import syntax_tree
from interlocking.review.surroundings.mapped import Mapped, MappedColumn, MappedTable

LOOKS_LIKE_MODELS = re.compile(r"mapped_column\(|\bColumn\(|__tablename__|\.Model\b|\bTable\(")
_COLUMN_CALLS = frozenset({"Column", "mapped_column"})
_KNOWN_BASES = frozenset({"Base", "DeclarativeBase", "MappedAsDataclass", "DeclarativeBaseNoMeta", "Model", "object"})
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
    columns: Mapping[str, MappedColumn] = field(default_factory=dict)


def map_models(files: Mapping[str, str], *, commit: str = "") -> Mapped | None:
    """Return what the models in these files map; None when there are no models.

    Args:
        files: the text of each file by its path from the project's root.
        commit: the short hash that they were taken from.
    """
    trees = {file: tree for file, text in files.items() if (tree := syntax_tree(text)) is not None}
    classes = {each.name: each for file, tree in trees.items() for each in _classes(tree, file)}
    tables = [*_mapped_classes(classes), *(each for file, tree in trees.items() for each in _core_tables(tree, file))]
    return Mapped({table.name: table for table in tables}, commit) if tables else None


def _classes(tree: ast.Module, file: str) -> Iterator[_Class]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield _Class(
                name=node.name,
                file=file,
                line=node.lineno,
                bases=tuple(_last_name(base) for base in node.bases),
                table=_text_of(node, "__tablename__"),
                schema=_schema(node),
                abstract=any(_assigns(part, "__abstract__") for part in node.body),
                columns={column.name: column for part in node.body for column in _column(part)},
            )


def _mapped_classes(classes: Mapping[str, _Class]) -> Iterator[MappedTable]:
    """Yield the table of each class that has one, with the columns of its bases."""
    for each in classes.values():
        line = list(_line_of_bases(each, classes))
        table = each.table or _flask_name(each, line)
        if each.abstract or not table:
            continue
        columns = {name: column for base in reversed(line) for name, column in base.columns.items()}
        bases = {name for base in line for name in base.bases}
        complete = all(name in classes or name in _KNOWN_BASES for name in bases)
        name = f"{each.schema}.{table}" if each.schema not in ("", "public") else table
        yield MappedTable(name, each.file, each.line, columns, complete)


def _line_of_bases(each: _Class, classes: Mapping[str, _Class]) -> Iterator[_Class]:
    seen: set[str] = set()
    todo = [each]
    while todo:
        current = todo.pop(0)
        if current.name not in seen:
            seen.add(current.name)
            yield current
            todo.extend(classes[name] for name in current.bases if name in classes)


def _flask_name(each: _Class, line: Iterable[_Class]) -> str:
    """Return Flask-SQLAlchemy's name for a model that sets none: its class name in snake case."""
    bases = list(line)
    if "Model" not in {name for base in bases for name in base.bases}:
        return ""
    inherited = next((base.table for base in bases[1:] if base.table), "")
    has_key = any(column.primary_key for base in bases for column in base.columns.values())
    return inherited or (_WORDS.sub(r"_\1", each.name).lower() if has_key else "")


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
    elif _last_name(call.func) in _COLUMN_CALLS:
        yield _declared(call, attribute, nullable=_optional(annotation) if mapped else None)


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


_SERVER_SIDE = frozenset({"Identity", "Computed", "Sequence", "FetchedValue"})


def _core_tables(tree: ast.Module, file: str) -> Iterator[MappedTable]:
    for node in ast.walk(tree):
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
    values = [_constant(part.value) for part in node.body if isinstance(part, ast.Assign) and _assigns(part, name)]
    return next((value for value in values if isinstance(value, str)), "")


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
