"""The tasks for the project as a whole: onboard, dev, doctor, test."""

from __future__ import annotations

from interlocking.console.report import Report
from interlocking.tasks.edge import Suite, suite_task


@suite_task(interactive=True)
def onboard(suite: Suite) -> None:
    """Make this clone a working machine.

    Installs what is missing, writes .env (an existing one is kept), builds
    the frontend, starts the embedded PostgreSQL, upgrades and seeds it, then
    runs the main job once: dry run, round trip, status. Safe to repeat.
    """
    from interlocking.tasks import onboarding  # noqa: PLC0415 - listing the tasks stays fast

    onboarding.onboard(suite)


@suite_task(interactive=True, help={"port": "Port of the backend. Default: 5000."})
def dev(suite: Suite, port: str = "5000") -> None:
    """Run database, backend and frontend together.

    One Ctrl-C ends all of them. The backend reloads when its code
    changes, the frontend through Vite.
    """
    from interlocking.tasks import development  # noqa: PLC0415 - listing the tasks stays fast

    development.serve(suite, port=port)


@suite_task(recovers="no", help={"environment": "Ask Railway about this environment too. Default: this machine only."})
def doctor(suite: Suite, environment: str = "") -> Report:
    """Diagnose this machine, project and database.

    Read-only. Each check that fails names its remedy; exit 1 if one does.
    With the production half: invoke doctor --environment production
    """
    from interlocking.console.doctor import doctor_report  # noqa: PLC0415 - listing the tasks stays fast
    from interlocking.tasks.diagnosis import diagnose  # noqa: PLC0415 - same
    from interlocking.tasks.railway_checks import environment_checks  # noqa: PLC0415 - same

    there = environment_checks(suite, environment) if environment else []
    return doctor_report([*diagnose(suite.project), *there])


@suite_task(interactive=True)
def test(suite: Suite) -> None:
    """Run every check of the project.

    The commands of the setting `test`: all of them, also after one has
    failed; exit 1 if one did.
    """
    from interlocking.tasks import checks  # noqa: PLC0415 - listing the tasks stays fast

    checks.run_all(suite)


TASKS = (onboard, dev, doctor, test)
