"""Comments that allow a hazard: `# interlocking: allow <id>: reason`. Pure."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from interlocking.review.model import Finding, Reading, syntax_tree

_COMMENT = re.compile(r"#\s*interlocking:\s*allow\b\s*(?P<ids>[\w\s,-]*?)\s*(?::\s*(?P<reason>.*))?$", re.IGNORECASE)
_MEANT = re.compile(r"#\s*interlocking\s*:?\s*(?:allow|ignore|disable|skip|suppress|noqa)", re.IGNORECASE)
_SQUAWK = "squawk-"


@dataclass(frozen=True, slots=True)
class Allowance:
    """One comment.

    Attributes:
        line: where it stands.
        ids: the hazards that it allows.
        reason: why, as written; empty when it is missing.
        first: the first line that it speaks for.
        last: the last one.
        whole_file: it speaks for what the file as a whole does, too.
    """

    line: int
    ids: tuple[str, ...]
    reason: str
    first: int
    last: int
    whole_file: bool = False

    def allows(self, id_: str, line: int) -> bool:
        """Return whether it speaks for a hazard at a line; 0 is the file as a whole."""
        if not self.reason or id_ not in self.ids:
            return False
        return self.first <= line <= self.last if line else self.whole_file


def find_allowances(source: str) -> tuple[Allowance, ...]:
    """Return the comments of a file."""
    if not _MEANT.search(source):
        return ()
    tree = syntax_tree(source)
    spans = sorted(_spans(tree)) if tree else []
    return tuple(_allowance(token, spans) for token in _comments(source) if _MEANT.match(token.string))


def about_allowances(reading: Reading, allowances: Sequence[Allowance], known: frozenset[str]) -> Iterator[Finding]:
    """Yield what is wrong with the comments themselves: no reason, or a hazard that does not exist.

    Args:
        reading: whose comments they are.
        allowances: the comments.
        known: every id that there is.
    """
    for allowance in allowances:
        unknown = [id_ for id_ in allowance.ids if id_ not in known and not id_.startswith(_SQUAWK)]
        if not allowance.ids:
            yield _about(
                reading,
                allowance,
                "suppression-unknown",
                "this comment allows nothing: it is in other words, or names no hazard",
                "only these words allow something, and only with a reason",
            )
        elif unknown:
            yield _about(
                reading,
                _corrected(allowance, known),
                "suppression-unknown",
                f"it allows {', '.join(unknown)}, which is no hazard",
                "a misspelled id allows nothing",
            )
        elif not allowance.reason:
            yield _about(
                reading,
                allowance,
                "suppression-without-reason",
                f"it allows {', '.join(allowance.ids)} and says no reason",
                "who reads it later must know why this was safe here; without a reason it allows nothing",
            )


def _corrected(allowance: Allowance, known: frozenset[str]) -> Allowance:
    """Return a comment with the ids that were meant, as far as they can be guessed."""
    meant = [id_ if id_ in known else next(iter(get_close_matches(id_, known, n=1)), "<id>") for id_ in allowance.ids]
    return replace(allowance, ids=tuple(meant))


def _about(reading: Reading, allowance: Allowance, id_: str, message: str, why: str) -> Finding:
    ids = ", ".join(allowance.ids) or "<id>"
    return Finding(
        id=id_,
        severity="error",
        revision=reading.revision,
        direction="upgrade",
        file=reading.file,
        line=allowance.line,
        message=message,
        why=why,
        replacement=f"# interlocking: allow {ids}: {allowance.reason or 'why it is safe here'}",
        docs="suppressions.md",
    )


def _comments(source: str) -> Iterator[tokenize.TokenInfo]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield token
    except (tokenize.TokenError, SyntaxError):  # what came before the broken place was read
        return


def _allowance(token: tokenize.TokenInfo, spans: Sequence[tuple[int, int]]) -> Allowance:
    found = _COMMENT.match(token.string)
    line, alone = token.start[0], not token.line[: token.start[1]].strip()
    first, last = _spoken_for(line, spans, alone=alone)
    ids = tuple(part.strip() for part in found["ids"].split(",") if part.strip()) if found else ()
    reason = (found["reason"] or "").strip() if found else ""
    return Allowance(line, ids, reason, first, last, whole_file=alone and not token.start[1])


def _spoken_for(line: int, spans: Sequence[tuple[int, int]], *, alone: bool) -> tuple[int, int]:
    """Return the lines of the statement that a comment stands on, or right above."""
    around = [span for span in spans if span[0] <= line <= span[1]]
    if around and not alone:
        return min(around, key=lambda span: span[1] - span[0])
    return next((span for span in spans if span[0] > line), (line, line))


def _spans(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Yield the lines of every simple statement, and of the heads of the compound ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
            yield node.lineno, max(node.lineno, last)
