"""What every task on Railway does alike: open the environment, and have its name typed before it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interlocking.environment import Project
    from interlocking.plan import Plan
    from interlocking.railway.cli import RailwayCli
    from interlocking.tasks.edge import Suite

ENVIRONMENT_HELP = {
    "environment": "The Railway environment. Default: the setting environment (production).",
    "confirm": "The environment's name, instead of typing it. Default: ask.",
    "yes": "Answer lesser questions with yes; the environment's name is asked for all the same.",
}


def open_railway(suite: Suite, environment: str = "", *, project: Project | None = None) -> RailwayCli:
    """Return the CLI for the environment that is meant; what it brings to light is masked from then on.

    Args:
        suite: the running task.
        environment: the value of `--environment`; empty: the setting's.
        project: while `suite.project` is only being made.
    """
    from interlocking.railway.cli import open_cli  # noqa: PLC0415 - listing the tasks stays fast

    return open_cli(
        project or suite.project, environment=environment, progress=suite.console.progress, learn=suite.learn
    )


def confirm_environment(suite: Suite, plan: Plan, cli: RailwayCli, *, confirm: str) -> None:
    """Show the plan, and have the environment's name typed. An environment that nobody knows counts as production.

    Args:
        suite: the running task.
        plan: what is about to happen.
        cli: the environment.
        confirm: the value of `--confirm`.

    Raises:
        RefusedError: another name, or nobody to ask; nothing was changed.
    """
    suite.console.confirm_named(plan, name=cli.status().environment.name, given=confirm)
