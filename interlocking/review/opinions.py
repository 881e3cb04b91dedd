"""What squawk says, and how it is joined to our own findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from interlocking.review.hazards import SQUAWK_COUNTERPARTS
from interlocking.review.lint_settings import Level, LintSettings
from interlocking.review.model import Finding, Statement

PREFIX = "squawk-"
_ABOUT_ANYTHING = ("prefer-", "require-lock-timeout", "require-statement-timeout", "require-timeout-settings")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What squawk says about one statement.

    Attributes:
        statement: the place of the statement among those that were asked about.
        rule: squawk's name of it.
        message: what it says.
        help: what it advises; may be empty.
    """

    statement: int
    rule: str
    message: str
    help: str


def join(
    findings: Sequence[Finding], opinions: Sequence[Opinion], statements: Sequence[Statement], settings: LintSettings
) -> tuple[Finding, ...]:
    """Return our findings with what squawk says beside them, and squawk's own on the rest.

    Args:
        findings: ours.
        opinions: squawk's.
        statements: what they are about.
        settings: `squawk_severities` decides about a rule; else what our rules answer is only named beside them.
    """
    said: dict[tuple[str, str, int, str], list[str]] = {}
    for opinion in opinions:
        said.setdefault(_place(statements[opinion.statement]), []).append(opinion.rule)
    ours = [replace(each, also=also) if (also := _also(each, said)) else each for each in findings]
    return (*ours, *_shown(opinions, statements, settings))


def _also(finding: Finding, said: dict[tuple[str, str, int, str], list[str]]) -> tuple[str, ...]:
    rules = said.get((finding.revision, finding.direction, finding.line, finding.sql), ())
    return tuple(dict.fromkeys(rule for rule in rules if not rule.startswith(_ABOUT_ANYTHING)))


def _shown(opinions: Sequence[Opinion], statements: Sequence[Statement], settings: LintSettings) -> Iterator[Finding]:
    for opinion in dict.fromkeys(opinions):
        level = _level(opinion.rule, settings)
        if level != "off":
            statement = statements[opinion.statement]
            yield Finding(
                id=f"{PREFIX}{opinion.rule}",
                severity=level,
                revision=statement.revision,
                direction=statement.direction,
                file=statement.file,
                line=statement.line,
                message=opinion.message.rstrip("."),
                sql=statement.sql,
                why=opinion.help,
                source="squawk",
            )


def _level(rule: str, settings: LintSettings) -> Level:
    return settings.squawk_severities.get(rule, "off" if rule in SQUAWK_COUNTERPARTS else "info")


def _place(statement: Statement) -> tuple[str, str, int, str]:
    return statement.revision, statement.direction, statement.line, statement.sql
