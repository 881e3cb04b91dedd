"""What the child does: one function a command, each run once in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

from alembic import command
from alembic.autogenerate import RevisionContext
from alembic.config import Config
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import to_tuple

from interlocking.upgrade.child.application import configuration, load_function, project
from interlocking.upgrade.child.environment import Watch, watched_environment
from interlocking.upgrade.child.guarding import backfills_told
from interlocking.upgrade.child.operations import describe

Result = dict[str, Any]
Arguments = dict[str, Any]


def run(name: str, arguments: Arguments, watch: Watch) -> Result:
    """Run one command.

    Args:
        name: a key of `COMMANDS`, or `call`.
        arguments: what the command takes.
        watch: what it may touch and whom it tells.
    """
    if name == "call":
        return _call(arguments, watch)
    environment = watched_environment(watch)
    with configuration(watch.target) as config, backfills_told(watch):
        return COMMANDS[name](config, arguments, environment)


def _upgrade(config: Config, arguments: Arguments, _environment: type) -> Result:
    command.upgrade(config, arguments["revision"])
    return {}


def _downgrade(config: Config, arguments: Arguments, _environment: type) -> Result:
    command.downgrade(config, arguments["revision"])
    return {}


def _stamp(config: Config, arguments: Arguments, _environment: type) -> Result:
    command.stamp(config, arguments["revision"], purge=arguments["purge"])
    return {}


def _sql(config: Config, arguments: Arguments, _environment: type) -> Result:
    config.output_buffer = StringIO()
    verb = command.upgrade if arguments["direction"] == "upgrade" else command.downgrade
    verb(config, arguments["revision"], sql=True)
    return {"sql": config.output_buffer.getvalue()}


def _write(config: Config, arguments: Arguments, environment: type) -> Result:
    config.set_main_option("file_template", "%%(rev)s")
    message = arguments["message"]
    if arguments["empty"]:
        with redirect_stdout(StringIO()):  # Alembic tells every hook, whatever `quiet` says
            script = command.revision(config, message=message, rev_id=arguments["revision_id"])
        return _written(arguments["revision_id"], script)
    context = _autogenerate(config, environment, message=message, rev_id=arguments["revision_id"])
    changes = [script for script in context.generated_revisions if not _is_empty(script)]
    if not changes or arguments["dry_run"]:
        return _written(arguments["revision_id"], None, changes)
    with redirect_stdout(StringIO()):
        scripts = list(context.generate_scripts())
    return _written(arguments["revision_id"], scripts[0], changes)


def _merge(config: Config, arguments: Arguments, _environment: type) -> Result:
    config.set_main_option("file_template", "%%(rev)s")
    script = command.merge(
        config, arguments["revisions"], message=arguments["message"], rev_id=arguments["revision_id"]
    )
    return _written(arguments["revision_id"], script)


def _check(config: Config, _arguments: Arguments, environment: type) -> Result:
    context = _autogenerate(config, environment)
    return {"operations": _operations(context.generated_revisions, "upgrade_ops_list")}


def _revisions(config: Config, _arguments: Arguments, _environment: type) -> Result:
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    return {"revisions": [facts(script) for script in scripts]}


def _call(arguments: Arguments, watch: Watch) -> Result:
    with project(watch.target):
        returned = load_function(arguments["target"])()
    return {"returned": None if returned is None else str(returned)}


COMMANDS: dict[str, Callable[[Config, Arguments, type], Result]] = {
    "upgrade": _upgrade,
    "downgrade": _downgrade,
    "stamp": _stamp,
    "sql": _sql,
    "write": _write,
    "merge": _merge,
    "check": _check,
    "revisions": _revisions,
}


def facts(script: Script) -> Result:
    """Return a revision file as Alembic loaded it."""
    return {
        "id": script.revision,
        "path": script.path,
        "down_revisions": list(script._versioned_down_revisions),  # noqa: SLF001 - down_revision as a tuple
        "depends_on": list(to_tuple(script.dependencies, default=())),
        "branch_labels": list(script._orig_branch_labels),  # noqa: SLF001 - without those inherited
        "doc": script.longdoc,
    }


def _autogenerate(config: Config, environment: type, **arguments: str) -> RevisionContext:
    """Compare the models with the database, writing nothing.

    `alembic.command.revision` does the same, but writes the file before anyone can look at it.
    """
    script = ScriptDirectory.from_config(config)
    defaults = {"message": None, "rev_id": None, "head": "head", "splice": False}
    others = {"branch_label": None, "version_path": None, "depends_on": None, "autogenerate": True, "sql": False}
    context = RevisionContext(config, script, {**defaults, **others, **arguments})

    def compare(heads: tuple[str, ...], migration_context: MigrationContext) -> list[Any]:
        context.run_autogenerate(heads, migration_context)
        return []

    with environment(
        config, script, fn=compare, as_sql=False, template_args=context.template_args, revision_context=context
    ):
        script.run_env()
    return context


def _is_empty(script: MigrationScript) -> bool:
    return all(container.is_empty() for container in script.upgrade_ops_list)


def _operations(scripts: list[MigrationScript], direction: str) -> list[Result]:
    return [
        operation for script in scripts for container in getattr(script, direction) for operation in describe(container)
    ]


def _written(revision: str, script: Any, changes: list[MigrationScript] | None = None) -> Result:  # noqa: ANN401
    return {
        "revision": revision,
        "path": script.path if isinstance(script, Script) else None,
        "upgrade": _operations(changes or [], "upgrade_ops_list"),
        "downgrade": _operations(changes or [], "downgrade_ops_list"),
    }
