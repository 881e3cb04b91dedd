"""The task that finds edited files: db.verify."""
# ruff: noqa: PLC0415 - rooms are imported inside the bodies so that listing the tasks stays fast

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task


@suite_task(name="verify", help={"accept": "Sign the edit of this revision: its file counts as it is now."})
def verify_files(suite: Suite, accept: str = "") -> Report:
    """Was an applied file edited, or is one gone?

    Compares checksums with the audit of the database and shows the diff
    when git has what was applied. Exit 1 when a file differs.
    """
    from interlocking.console.verified import verified_report
    from interlocking.postgres.target import open_target
    from interlocking.upgrade.verifying import project as verify_project

    url = open_target(suite.project).url
    if accept:
        return verified_report(verify_project.accept(suite.project, url, accept), accepted=accept)
    return verified_report(verify_project.verify_project(suite.project, url))


TASKS = (verify_files,)
