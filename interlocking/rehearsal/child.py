"""The child of a round trip: it loads the project once and runs every step in a fork of itself.

A fork costs milliseconds where a new process pays again for importing Flask, SQLAlchemy and the models.
And it takes with it, when it ends, whatever the step left behind: connections, pools, loaded state.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any, NoReturn

from alembic.config import Config
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from interlocking.process import run_fork
from interlocking.upgrade.child.application import configuration, prefer_project
from interlocking.upgrade.child.commands import facts
from interlocking.upgrade.child.entry import error_message, leave, open_channel
from interlocking.upgrade.child.environment import Watch, watched_environment
from interlocking.upgrade.child.failures import explain
from interlocking.upgrade.running.channel import Channel, Message
from interlocking.upgrade.running.target import Target


def main() -> NoReturn:
    """Load the project, answer with its history, then run steps until nobody asks any more."""
    channel = open_channel()
    requests = channel.messages()
    watch = Watch(Target.from_message(next(requests)["target"]), channel.send)
    try:
        prefer_project(watch.target)
        with configuration(watch.target) as config:
            stage = _Stage(config, channel, watch)
            channel.send({"result": stage.load()})
            for request in requests:
                channel.send({"status": run_fork(partial(stage.step, request))})
    except KeyboardInterrupt:
        pass
    except BaseException as error:  # noqa: BLE001 - SystemExit of an application is an answer too
        channel.send({"error": error_message(explain(error, watch))})
    leave()


class _Stage:
    """The loaded project, ready to be forked.

    Args:
        config: its Alembic configuration.
        channel: where forks report.
        watch: what they may touch.
    """

    def __init__(self, config: Config, channel: Channel, watch: Watch) -> None:
        self._config = config
        self._channel = channel
        self._watch = watch
        self._environment = watched_environment(watch)
        self._scripts = ScriptDirectory.from_config(config)

    def load(self) -> dict[str, Any]:
        """Import what env.py imports, and return the revisions in the order an upgrade applies them."""
        order = self._scripts._upgrade_revs("heads", ())  # type: ignore[arg-type]  # noqa: SLF001 - its public face runs them
        with TemporaryFile("w+") as found:
            run_fork(lambda: self._visit(found))
            found.seek(0)
            _preload(*json.loads(found.read() or "[[], []]"))
        return {"revisions": [facts(step.revision) for step in order]}

    def step(self, request: Message) -> None:
        """Run revisions in one direction and report how it went; the last thing that a fork does.

        Args:
            request: `direction`, `revisions`, and the `identity` of the database now.
        """
        self._watch.target = replace(self._watch.target, identity=request["identity"])
        self._report(lambda: self._run(request["direction"], request["revisions"]))

    def _visit(self, found: IO[str]) -> None:
        """Run env.py without any revision, and note what that imported; Alembic makes its version table."""
        self._report(lambda: self._run("upgrade", []))
        json.dump([sys.path, list(sys.modules)], found)
        found.flush()

    def _run(self, direction: str, revisions: list[str]) -> None:
        make = RevisionStep.upgrade_from_script if direction == "upgrade" else RevisionStep.downgrade_from_script

        def steps(_heads: tuple[str, ...], _context: MigrationContext) -> list[RevisionStep]:
            scripts = [self._scripts.get_revision(revision) for revision in revisions]
            return [make(self._scripts.revision_map, script) for script in scripts]

        destination = revisions[-1] if revisions else "base"
        with self._environment(self._config, self._scripts, fn=steps, as_sql=False, destination_rev=destination):
            self._scripts.run_env()

    def _report(self, work: Callable[[], None]) -> None:
        outcome: dict[str, Any] = {}
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - SystemExit of a revision is an answer too
            outcome = {"error": error_message(explain(error, self._watch))}
        self._channel.send({"event": "stepped", **outcome})


def _preload(path: list[str], modules: list[str]) -> None:
    """Import what env.py needs, once for all forks, and keep no connection that importing it made."""
    sys.path[:] = path
    for name in modules:
        with suppress(ImportError):
            importlib.import_module(name)
    for engine in [each for each in gc.get_objects() if isinstance(each, Engine)]:
        engine.dispose()
    gc.freeze()  # a collection in a fork would otherwise touch, and so copy, every page that it shares
