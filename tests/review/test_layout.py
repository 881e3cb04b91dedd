"""Code that is pasted: laid out over lines, and still the same code. Where code stands in a file."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlocking.review.layout import laid_out
from interlocking.review.reading.spans import Span, span_of

LONG = 'op.create_foreign_key("fk_orders_user", "orders", "users", ["user_id"], ["id"], ondelete="SET NULL", a=True)'
SOURCE = """\ufeff'''eins'''
def upgrade():
\top.execute("ä", b=[
\t\t1,
\t])  # to here
    """


def test_a_long_call_is_broken_at_its_commas() -> None:
    """One argument a line, as formatters do; each nested call by itself."""
    assert laid_out(LONG).splitlines()[:3] == ["op.create_foreign_key(", '    "fk_orders_user",', '    "orders",']
    assert laid_out("f(a, b)") == "f(a, b)"
    assert laid_out("f(a, g(b, c))", width=10) == "f(\n    a,\n    g(\n        b,\n        c,\n    ),\n)"


def test_arguments_that_fit_stay_on_one_line() -> None:
    assert laid_out("op.execute(aaaa, bbbb)", width=20) == "op.execute(\n    aaaa, bbbb\n)"


@pytest.mark.parametrize("code", ["# a comment, and (more, of it)", "x = (", "'" + "x" * 99 + "'"])
def test_what_cannot_be_broken_stays(code: str) -> None:
    """Comments, texts, what is no whole line."""
    assert "".join(laid_out(code, width=8).split()) == "".join(code.split())


def test_blocks_keep_their_margins() -> None:
    code = f"with op.get_context().autocommit_block():\n    {LONG}\n    while f({LONG}).rowcount:\n        pass"
    assert ast.dump(ast.parse(laid_out(code))) == ast.dump(ast.parse(code))
    assert max(map(len, laid_out(code).splitlines())) <= 88


arguments = st.recursive(
    st.sampled_from(["a", "b=1", "'x, (y'", 'f"{a}, ("', "[]", "f()"]),
    lambda inner: st.lists(inner, min_size=1, max_size=4).map(lambda each: f"f({', '.join(sorted(each, key=_named))})"),
    max_leaves=12,
)


def _named(argument: str) -> bool:
    return argument.startswith("b=")


@given(st.lists(arguments, min_size=1, max_size=5), st.integers(10, 60))
def test_it_is_the_same_code(each: list[str], width: int) -> None:
    code = f"call({', '.join(f'[{argument}]' if not _named(argument) else 'a' for argument in each)})"
    try:
        before = ast.dump(ast.parse(code))
    except SyntaxError:  # a keyword twice, or in a list
        return
    assert ast.dump(ast.parse(laid_out(code, width))) == before


@pytest.mark.parametrize(
    ("source", "line", "span"),
    [
        (SOURCE.lstrip("\ufeff"), 4, Span(3, 2, 5, 4)),
        (SOURCE.lstrip("\ufeff"), 2, Span(2, 1, 2, 15)),
        ("x = (\n  y", 2, Span(2, 3, 2, 4)),
        ("a\nb", 0, Span(1, 1, 1, 2)),
        ("a\nb", 99, Span(2, 1, 2, 2)),
        ("", 7, Span(1, 1, 1, 1)),
        ("if a: f(); g()", 1, Span(1, 7, 1, 10)),
        ('f("ä"); g("é")', 1, Span(1, 1, 1, 7)),
    ],
)
def test_where_the_code_behind_a_finding_stands(source: str, line: int, span: Span) -> None:
    """The whole statement, in characters; of a block its head, of what is no Python the line."""
    assert span_of(source, line) == span
