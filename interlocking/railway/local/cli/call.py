"""One call of the CLI: its arguments, its surroundings, and the world it may see and change."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TextIO

from interlocking.railway.local import history
from interlocking.railway.local.cli import errors
from interlocking.railway.local.cli.arguments import Arguments
from interlocking.railway.local.cli.output import Output
from interlocking.railway.local.cli.target import Credential, Target, credential, find_target
from interlocking.railway.local.state import State, World

_FALSE = frozenset({"", "0", "false"})
_AGENTS = frozenset({"CLAUDECODE", "CURSOR_AGENT", "RAILWAY_AGENT"})
_AGENT_PREFIXES = ("CODEX_", "GEMINI_", "COPILOT_")


@dataclass
class Call:
    """What a command works with.

    Args:
        world: whose `railway` this is.
        arguments: of this command.
        argv: everything that was typed.
        environ: of the process.
        cwd: absolute.
        out: the streams.
        stdin: of the process.
    """

    world: World
    arguments: Arguments
    argv: tuple[str, ...]
    environ: Mapping[str, str]
    cwd: Path
    out: Output
    stdin: TextIO

    @property
    def json(self) -> bool:
        """Whether `--json` was given."""
        return self.arguments.on("json")

    @property
    def ci(self) -> bool:
        """Whether `CI` is truthy."""
        return self.environ.get("CI", "").lower() not in _FALSE

    @property
    def under_an_agent(self) -> bool:
        """Whether a coding agent has started this: the CLI then says and does more."""
        return any(name in _AGENTS or name.startswith(_AGENT_PREFIXES) for name in self.environ)

    @cached_property
    def credential(self) -> Credential:
        """Who asks; the network is needed for it.

        Raises:
            CliError: no network, or nothing that the server accepts.
        """
        if kind := self.trap("network"):
            raise errors.network(str(kind))
        return credential(self.state, self.environ)

    @cached_property
    def state(self) -> State:
        """The world when the call began."""
        return self.world.read()

    def trap(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return the value of a trap, counting it down."""
        if name not in self.state.traps:
            return None
        with self.world.change() as state:
            return state.trap(name)

    def target(self) -> Target:
        """Return what the flags, the credential, the environment and the link say.

        Raises:
            CliError: something of it cannot be found.
        """
        return find_target(self.state, self.credential, self.arguments, self.environ, self.cwd)

    def look(self) -> State:
        """Return the state as a command that shows statuses sees it: scripts move on by one look."""
        if not any(each.script for each in self.state.deployments.values()):
            return self.world.read()
        with self.world.change() as state:
            history.advance(state, time.time())
        return state
