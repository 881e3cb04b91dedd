"""Calls in Python source: their arguments read, added and taken away without disturbing the rest. Pure (libcst)."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from interlocking.review.fixes.result import CannotFixError

_INLINE = cst.SimpleWhitespace(" ")


def called(node: cst.BaseExpression) -> str:
    """Return the last part of the name that a call calls; empty when it has none."""
    match node:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))) | cst.Call(func=cst.Name(value=name)):
            return name
    return ""


def argument(call: cst.Call, name: str, position: int | None = None) -> cst.Arg | None:
    """Return an argument by its keyword, or else by its place.

    Raises:
        CannotFixError: the call unpacks a list or a mapping.
    """
    if any(each.star for each in call.args):
        raise CannotFixError("the call unpacks its arguments with * or **")
    for place, each in enumerate(call.args):
        if each.keyword is not None and each.keyword.value == name:
            return each
        if each.keyword is None and place == position:
            return each
    return None


def is_true(arg: cst.Arg | None) -> bool:
    """Say whether an argument is the word True."""
    return arg is not None and isinstance(arg.value, cst.Name) and arg.value.value == "True"


def with_keyword(call: cst.Call, name: str, code: str) -> cst.Call:
    """Return the call with a keyword argument: changed where it stands, else added as the others are written."""
    value = cst.parse_expression(code)
    found = argument(call, name)
    if found is not None:
        return call.with_changes(args=[each.with_changes(value=value) if each is found else each for each in call.args])
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return _appended(call, cst.Arg(value, cst.Name(name), equal=equal))


def without(call: cst.Call, arg: cst.Arg) -> cst.Call:
    """Return the call without one of its arguments; lines end where they ended, the others keep their comments."""
    place = next(number for number, each in enumerate(call.args) if each is arg)
    before, behind = list(call.args[:place]), call.args[place + 1 :]
    if before and behind:
        before[-1] = _spaced(before[-1], _wider(_space(before[-1]), _space(arg)))
    elif before:
        closing = _closing(_space(before[-1]), _space(arg))
        before[-1] = _spaced(
            before[-1].with_changes(comma=arg.comma, whitespace_after_arg=arg.whitespace_after_arg), closing
        )
    return call.with_changes(args=[*before, *behind])


def with_argument_at(call: cst.Call, place: int, name: str, code: str) -> cst.Call:
    """Return the call with one more argument: among positional ones where they go on, else as a keyword."""
    positional = 0 < place < len(call.args) and call.args[place].keyword is None
    if not positional:
        return with_keyword(call, name, code)
    before = call.args[place - 1]
    new = cst.Arg(cst.parse_expression(code), comma=before.comma)
    before = before.with_changes(comma=cst.Comma(whitespace_after=_INLINE))
    return call.with_changes(args=[*call.args[: place - 1], before, new, *call.args[place:]])


def _space(arg: cst.Arg) -> cst.BaseParenthesizableWhitespace:
    """Return what stands behind an argument and its comma."""
    return arg.comma.whitespace_after if isinstance(arg.comma, cst.Comma) else arg.whitespace_after_arg


def _spaced(arg: cst.Arg, space: cst.BaseParenthesizableWhitespace) -> cst.Arg:
    if isinstance(arg.comma, cst.Comma):
        return arg.with_changes(comma=arg.comma.with_changes(whitespace_after=space))
    return arg.with_changes(whitespace_after_arg=space)


def _wider(
    before: cst.BaseParenthesizableWhitespace, behind: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """Return what stands in the place of two: the end of a line, where either is one."""
    return before if isinstance(before, cst.ParenthesizedWhitespace) else _bare(behind)


def _closing(
    before: cst.BaseParenthesizableWhitespace, behind: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """Return what stands behind the new last argument: its own comment, and the indentation behind the old one."""
    if isinstance(before, cst.ParenthesizedWhitespace) and isinstance(behind, cst.ParenthesizedWhitespace):
        return before.with_changes(last_line=behind.last_line)
    return _bare(behind)


def _appended(call: cst.Call, new: cst.Arg) -> cst.Call:
    """Add an argument at the end; a comment behind the last one stays behind it."""
    if not call.args:
        return call.with_changes(args=[new])
    last, separator = call.args[-1], _separator(call.args, call)
    if isinstance(last.comma, cst.Comma):
        behind = last.comma.whitespace_after
        ending = cst.Arg(new.value, new.keyword, new.equal, comma=cst.Comma(whitespace_after=_bare(behind)))
    else:
        behind = last.whitespace_after_arg
        ending = new.with_changes(whitespace_after_arg=_bare(behind))
    before = last.with_changes(
        comma=cst.Comma(whitespace_after=_commented(separator, behind)), whitespace_after_arg=cst.SimpleWhitespace("")
    )
    return call.with_changes(args=[*call.args[:-1], before, ending])


def _separator(args: Sequence[cst.Arg], call: cst.Call) -> cst.BaseParenthesizableWhitespace:
    """Return what stands between two arguments: a blank, or the end of the line."""
    commas = [each.comma.whitespace_after for each in args[:-1] if isinstance(each.comma, cst.Comma)]
    shown = commas[-1] if commas else call.whitespace_before_args
    if isinstance(shown, cst.ParenthesizedWhitespace):
        return _bare(shown)
    return _INLINE


def _bare(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """Return white space without its comments."""
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return space.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])


def _commented(
    separator: cst.BaseParenthesizableWhitespace, behind: cst.BaseParenthesizableWhitespace
) -> cst.BaseParenthesizableWhitespace:
    """Return a separator that carries the comments of other white space."""
    has_comment = isinstance(behind, cst.ParenthesizedWhitespace) and (behind.first_line.comment or behind.empty_lines)
    if not has_comment:
        return separator
    if isinstance(separator, cst.ParenthesizedWhitespace):
        return behind.with_changes(indent=separator.indent, last_line=separator.last_line)
    return behind.with_changes(indent=True, last_line=cst.SimpleWhitespace("    "))


class Renaming(cst.CSTTransformer):
    """Puts one name in the place of another: what hangs on `batch_op` outside its block hangs on `op`."""

    def __init__(self, old: str, new: cst.BaseExpression) -> None:
        super().__init__()
        self._old = old
        self._new = new

    def leave_Attribute(self, _before: cst.Attribute, after: cst.Attribute) -> cst.BaseExpression:  # noqa: N802
        """Replace the name in front of the dot."""
        if isinstance(after.value, cst.Name) and after.value.value == self._old:
            return after.with_changes(value=self._new)
        return after
