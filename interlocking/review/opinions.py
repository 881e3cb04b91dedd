"""How squawk's opinions are joined to our own findings. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from interlocking.review.lint_settings import Level, LintSettings
from interlocking.review.model import Finding, Statement
from interlocking.review.squawk import Opinion

PREFIX = "squawk-"
_ABOUT_ANYTHING = ("prefer-", "require-lock-timeout", "require-statement-timeout", "require-timeout-settings")

ANSWERED = frozenset(
    {
        "require-concurrent-index-creation",
        "require-concurrent-index-deletion",
        "require-concurrent-reindex",
        "require-concurrent-partition-detach",
        "ban-concurrent-index-creation-in-transaction",
        "constraint-missing-not-valid",
        "adding-field-with-default",
        "adding-foreign-key-constraint",
        "changing-column-type",
        "adding-not-nullable-field",
        "adding-required-field",
        "adding-serial-primary-key-field",
        "disallowed-unique-constraint",
        "renaming-column",
        "renaming-table",
        "renaming-object",
        "ban-drop-column",
        "ban-drop-table",
        "ban-drop-not-null",
        "ban-drop-database",
        "ban-drop-schema",
        "ban-drop-type",
        "ban-drop-view",
        "ban-drop-constraint",
        "ban-drop-index",
        "ban-truncate-cascade",
        "ban-char-field",
        "prefer-bigint-over-int",
        "prefer-bigint-over-smallint",
        "prefer-identity",
        "prefer-repack",
        "prefer-robust-stmts",
        "prefer-text-field",
        "prefer-timestamp-tz",
        "transaction-nesting",
        "require-enum-value-ordering",
        "ban-create-domain-with-constraint",
        "ban-alter-domain-with-add-constraint",
        "identifier-too-long",
        "require-lock-timeout",
        "require-statement-timeout",
        "require-timeout-settings",
        "ban-uncommitted-transaction",
    }
)
"""Rules of squawk that our own answer, with more knowledge: of new tables, versions, sizes, env.py and the models."""


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
    ours = [replace(each, also=_also(each, said)) for each in findings]
    return (*ours, *_shown(opinions, statements, settings))


def _also(finding: Finding, said: dict[tuple[str, str, int, str], list[str]]) -> tuple[str, ...]:
    rules = said.get((finding.revision, finding.direction, finding.line, finding.sql), ())
    return tuple(
        dict.fromkeys(rule for rule in rules if not rule.startswith(("prefer-", "require-lock", "require-st")))
    )


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
    return settings.squawk_severities.get(rule, "off" if rule in ANSWERED else "info")


def _place(statement: Statement) -> tuple[str, str, int, str]:
    return statement.revision, statement.direction, statement.line, statement.sql
