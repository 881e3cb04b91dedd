"""`--sql`: the same statements for a person to run, with the guard's time-outs, one transaction a revision."""

from __future__ import annotations

from typing import Any

from alembic import context as environment

from interlocking.upgrade.guarding.preflight import planner_of, require_plain_functions
from interlocking.upgrade.guarding.settings import GuardSettings
from interlocking.upgrade.guarding.statements import classify
from interlocking.upgrade.guarding.timeouts import is_harmless, session_settings

ONE_A_REVISION = {"transaction_per_migration": True, "transactional_ddl": True}
"""What `context.configure` is told about transactions, online and offline, whatever env.py says."""


def write_sql(options: dict[str, Any], settings: GuardSettings, *, url: object) -> None:
    """Write the statements of the command instead of running them.

    Args:
        options: for `context.configure`.
        settings: of the guard; a script that nobody repeats gets the longest lock timeout.
        url: names the dialect; nothing is connected to.

    Raises:
        RefusedError: the revisions were written for several databases.
    """
    defaults: dict[str, Any] = {"literal_binds": True, "dialect_opts": {"paramstyle": "named"}}
    environment.configure(url=url, **{**defaults, **options, **ONE_A_REVISION})  # type: ignore[arg-type]  # a URL
    context = environment.get_context()
    require_plain_functions(list(planner_of(context)(context.get_current_heads(), context)))
    timeouts = session_settings(settings, settings.lock_timeout_ceiling)
    impl = context.impl
    write = impl.static_output

    def write_unhurried(text: str) -> None:
        lifted = [name for name, lift in zip(timeouts, is_harmless(classify(text)), strict=False) if lift]
        for name in lifted:
            write(f"SET {name} = 0;")
        write(text)
        for name in lifted:
            write(f"SET {name} = '{timeouts[name]}';")

    for name, value in timeouts.items():
        write(f"SET {name} = '{value}';")
    impl.static_output = write_unhurried  # type: ignore[method-assign]  # every statement of the script comes by here
    with environment.begin_transaction():
        environment.run_migrations()
