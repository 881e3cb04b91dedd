"""What changes in one revision file, gathered recipe by recipe and then applied at once. Pure (libcst)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import libcst as cst
from libcst import matchers

from interlocking.review.fixes.sites import Site, Source
from interlocking.review.fixes.writing import Style, is_text
from interlocking.review.model import Direction


@dataclass(frozen=True)
class New:
    """A new statement.

    Attributes:
        code: on one line.
        base: what operations hang on.
        autocommit: it stands in an `autocommit_block`; neighbours share one.
    """

    code: str
    base: str = "op"
    autocommit: bool = False


@dataclass
class _Edit:
    call: cst.Call
    kept: bool = True
    wrapped: bool = False
    after: list[New] = field(default_factory=list)


@dataclass(frozen=True)
class _Piece:
    statement: cst.BaseStatement
    block: str = ""  # what the autocommit_block around it hangs on


_Edited = dict[cst.CSTNode, tuple[Site, _Edit]]


class Edits:
    """The changes to one file.

    Args:
        source: the file.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._module = source.module
        self._style = Style(source.module)
        self._edits: dict[Site, _Edit] = {}
        self._first: dict[str, list[New]] = {}

    def copied(self) -> Edits:
        """Return a copy, for a recipe that may give up half-way."""
        other = Edits(self._source)
        other._edits = {site: replace(edit, after=[*edit.after]) for site, edit in self._edits.items()}
        other._first = {direction: [*new] for direction, new in self._first.items()}
        return other

    def call(self, site: Site) -> cst.Call:
        """Return a call as it stands by now."""
        return self._edits[site].call if site in self._edits else site.call

    def code(self, node: cst.CSTNode) -> str:
        """Return the text of a part of the file."""
        return self._module.code_for_node(node)

    def change(self, site: Site, call: cst.Call) -> None:
        """Put another call in the place of one."""
        self._edit(site).call = call

    def wrap(self, site: Site) -> None:
        """Put a call into an `autocommit_block`, if it does not stand in one."""
        self._edit(site).wrapped = site.around == "nothing"

    def remove(self, site: Site) -> None:
        """Take a call away."""
        self._edit(site).kept = False

    def add(self, site: Site, *new: New) -> None:
        """Add statements behind a call, or behind the batch that it stands in."""
        self._edit(site).after.extend(new)

    def add_first(self, direction: Direction, new: New) -> None:
        """Add a statement to the beginning of a function."""
        self._first.setdefault(direction, []).append(new)

    def applied(self) -> cst.Module:
        """Return the file with all changes."""
        body = [self._function(each) if isinstance(each, cst.FunctionDef) else each for each in self._module.body]
        return self._module.with_changes(body=body)

    def _edit(self, site: Site) -> _Edit:
        return self._edits.setdefault(site, _Edit(site.call))

    def _function(self, node: cst.FunctionDef) -> cst.FunctionDef:
        if node.name.value not in ("upgrade", "downgrade") or not isinstance(node.body, cst.IndentedBlock):
            return node
        edited: _Edited = {site.statement: (site, edit) for site, edit in self._edits.items()}
        pieces = [piece for each in node.body.body for piece in self._pieces(each, edited)]
        first = [self._made(new) for new in self._first.get(node.name.value, ())]
        body = _joined(_with_first(pieces, first))
        if body == list(node.body.body):
            return node
        return node.with_changes(body=node.body.with_changes(body=body or [self._style.statement("pass")]))

    def _pieces(self, statement: cst.BaseStatement, edited: _Edited) -> Iterator[_Piece]:
        if isinstance(statement, cst.With):
            yield from self._block(statement, edited)
        elif statement in edited:
            site, edit = edited[statement]
            if edit.kept:
                yield _Piece(self._changed(site, edit), site.base if edit.wrapped else "")
            yield from self._after(site, edit)
        else:
            yield _Piece(statement)

    def _block(self, block: cst.With, edited: _Edited) -> Iterator[_Piece]:
        """Yield a block; where a statement leaves it, the block ends, and another one goes on behind it."""
        if not any(each in edited for each in block.body.body):
            yield _Piece(block)
            return
        parts: list[_Piece | list[cst.CSTNode]] = []
        for each in block.body.body:
            if each not in edited:
                _inside(parts).append(each)
                continue
            site, edit = edited[each]
            if edit.kept:
                _inside(parts).append(self._changed(site, edit))
            parts += self._after(site, edit)
        pieces = [each if isinstance(each, _Piece) else _part(block, each) for each in parts]
        yield _below(pieces[0], block.leading_lines)
        yield from pieces[1:]

    def _changed(self, site: Site, edit: _Edit) -> cst.SimpleStatementLine:
        """Return the line with its new call; where no statement follows, comments that the call has lost go above."""
        line = site.statement.with_changes(body=[site.statement.body[0].with_changes(value=edit.call)])
        lost = () if edit.after else _lost_comments(site, edit)
        above = [*line.leading_lines, *lost]
        in_block = edit.wrapped or site.around != "nothing"
        return self._style.fitted(line.with_changes(leading_lines=above), depth=1 + in_block)

    def _after(self, site: Site, edit: _Edit) -> list[_Piece]:
        """Return the new statements; the comments of one that is gone, or of a part of it, go to the first of them."""
        pieces = [self._made(new) for new in edit.after]
        if pieces:
            pieces[0] = _below(pieces[0], _lost_comments(site, edit))
        if pieces and not edit.kept:
            pieces[0] = _below(pieces[0], site.statement.leading_lines, site.statement.trailing_whitespace)
        return pieces

    def _made(self, new: New) -> _Piece:
        line = self._style.fitted(self._style.line(new.code), depth=1 + new.autocommit)
        return _Piece(line, new.base if new.autocommit else "")


def _inside(parts: list[_Piece | list[cst.CSTNode]]) -> list[cst.CSTNode]:
    """Return the list that takes what stays in the block."""
    if not parts or isinstance(parts[-1], _Piece):
        parts.append([])
    last = parts[-1]
    assert isinstance(last, list)  # noqa: S101 - as made above
    return last


def _part(block: cst.With, body: Sequence[cst.CSTNode]) -> _Piece:
    return _Piece(block.with_changes(leading_lines=[], body=block.body.with_changes(body=body)))


def _lost_comments(site: Site, edit: _Edit) -> list[cst.EmptyLine]:
    """Return the comments inside a call that stand no more in what became of it."""
    lost = Counter(_comments(site.call))
    if edit.kept:
        lost -= Counter(_comments(edit.call))
    return [cst.EmptyLine(comment=cst.Comment(each)) for each in lost.elements()]


def _comments(call: cst.Call) -> list[str]:
    return [each.value for each in matchers.findall(call, matchers.Comment()) if isinstance(each, cst.Comment)]


def _below(piece: _Piece, lines: Sequence[cst.EmptyLine], trailing: cst.TrailingWhitespace | None = None) -> _Piece:
    """Return a statement with comments above it, and one behind it."""
    changes = {"leading_lines": [*lines, *piece.statement.leading_lines]}  # type: ignore[attr-defined]
    if trailing is not None and trailing.comment:
        changes["trailing_whitespace"] = trailing  # type: ignore[assignment]
    return _Piece(piece.statement.with_changes(**changes), piece.block)


def _with_first(pieces: list[_Piece], first: list[_Piece]) -> list[_Piece]:
    """Put statements in front, but behind a docstring; a lone `pass` makes room for them."""
    if not first:
        return pieces
    docstring = 1 if pieces and is_text(pieces[0].statement) else 0
    rest = [each for each in pieces[docstring:] if not _is_pass(each.statement)]
    return [*pieces[:docstring], *first, *rest]


def _is_pass(statement: cst.BaseStatement) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Pass()]):
            return True
    return False


def _joined(pieces: Iterable[_Piece]) -> list[cst.BaseStatement]:
    """Return the statements; neighbours that need an `autocommit_block` share one."""
    result: list[cst.BaseStatement] = []
    open_block = ""
    for piece in pieces:
        if not piece.block:
            result.append(piece.statement)
        elif piece.block == open_block:
            last = result[-1]
            assert isinstance(last, cst.With)  # noqa: S101 - made below
            result[-1] = last.with_changes(body=last.body.with_changes(body=[*last.body.body, piece.statement]))
        else:
            result.append(_autocommit(piece))
        open_block = piece.block
    return result


def _autocommit(piece: _Piece) -> cst.With:
    block = cst.parse_statement(f"with {piece.block}.get_context().autocommit_block():\n    pass\n")
    assert isinstance(block, cst.With)  # noqa: S101 - our own code
    lines = piece.statement.leading_lines  # type: ignore[attr-defined]
    inner = piece.statement.with_changes(leading_lines=[])
    return block.with_changes(leading_lines=lines, body=cst.IndentedBlock(body=[inner]))
