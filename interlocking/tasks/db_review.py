"""The tasks that look at revisions before anyone runs them: db.review, db.lint."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task


@suite_task(
    name="review",
    recovers="tells",
    help={
        "revision": "Only this one. Default: what is pending.",
        "sql": "Show every statement in full.",
        "fix": "Rewrite what has one right answer: shows the diff, asks, writes.",
    },
)
def review_revisions(
    suite: Suite,
    revision: str = "",
    *,
    sql: bool = False,
    fix: bool = False,
    dry_run: bool = False,
    yes: bool = False,
) -> Report:
    """Show what a migration will do.

    To a running application: the SQL of each operation and its phase;
    every hazard with the lock it takes, why it matters and what to write
    instead. Runs nothing. Exit 1 when production would refuse it.
    Example: invoke db.review -r head --sql
    """
    if fix:
        from interlocking.tasks import fixing

        return fixing.fix_target(suite, revision=revision, dry_run=dry_run, yes=yes)
    from interlocking.tasks import reviewing

    return reviewing.review_target(suite, revision=revision, sql=sql)


@suite_task(
    name="lint",
    recovers="no",
    help={
        "since": "This one, which counts as deployed, and what came after it, as one release.",
        "all": "Every revision, also those before the setting lint.since.",
        "format": "text, json, github (Markdown, and annotations on stderr) or sarif.",
        "explain": "Lint nothing; show the page about one hazard.",
    },
)
def lint_revisions(
    suite: Suite, since: str = "", *, all: bool = False, format: str = "text", explain: str = ""
) -> Report:
    """List the hazards of the revisions, for CI.

    Needs no database. Exit 1 when there is an error that no comment in the
    file allows. Example: invoke db.lint --since 20250608_add_chat_message
    """
    from interlocking.tasks import linting

    if explain:
        return linting.explain(explain)
    return linting.lint(suite, since=since, every=all, form=format)


TASKS = (review_revisions, lint_revisions)
