"""From a command line to an exit code: finds the command, keeps the journal, adds the noise of the real CLI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TextIO

from interlocking.railway.local import journal
from interlocking.railway.local.cli import noise
from interlocking.railway.local.cli.arguments import Command, parse
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import ArgumentError, CliError
from interlocking.railway.local.cli.output import Output
from interlocking.railway.local.state import World

VERSION = "5.43.1"
_COMMON_WITH_VALUE = frozenset({"-s", "--service", "-e", "--environment", "-p", "--project"})
_FAMILIES = {
    "login": "account",
    "whoami": "account",
    "link": "link",
    "status": "status",
    "service": "service",
    "environment": "environment",
    "env": "environment",
    "run": "run",
    "local": "run",
    "ssh": "ssh",
    "up": "up",
    "variable": "variable",
    "variables": "variable",
    "vars": "variable",
    "var": "variable",
    "deployment": "deployment",
    "redeploy": "rollout",
    "restart": "rollout",
    "down": "rollout",
    "logs": "logs",
    "connect": "connect",
    "config": "config",
    "postgres": "postgres",
    "domain": "domain",
}

Commands = Mapping[tuple[str, ...], Command]


def main(world: World, argv: Sequence[str], environ: Mapping[str, str], streams: tuple[TextIO, TextIO, TextIO]) -> int:
    """Answer one call.

    Args:
        world: whose `railway` this is.
        argv: what was typed after `railway`.
        environ: of the process.
        streams: stdin, stdout, stderr.

    Returns:
        The exit code: 0, 1, 2, 130, or a child's.
    """
    stdin, stdout, stderr = streams
    journal.record(world, argv, environ, cwd=str(Path.cwd()), stdin=journal.kind_of(stdin))
    traps = world.read().traps
    out = Output(stdout, stderr, shuffle="key-order" in traps)
    own = list(argv[: argv.index("--")]) if "--" in argv else list(argv)
    if {"--version", "-V"} & set(own) and not _runs_a_program(own):
        out.line(f"railway {traps['version'].value if 'version' in traps else VERSION}\n")
        return 0
    try:
        name, command, rest = _find(list(argv))
        if {"--help", "-h"} & set(own) and not _runs_a_program(own):
            out.line(_help(name, command))
            return 0
        arguments = parse(command, rest)
    except ArgumentError as error:
        return _misused(error, out)
    call = Call(world, arguments, tuple(argv), environ, Path.cwd(), out, stdin)
    return _run(call, name, command)


def _run(call: Call, name: tuple[str, ...], command: Command) -> int:
    noise.before(call, as_json=command.json_errors and call.json)
    try:
        status = command.handle(call)
    except ArgumentError as error:
        return _misused(error, call.out)
    except CliError as error:
        _report(error, call, command)
        return 1
    except KeyboardInterrupt:
        call.out.note("Operation cancelled.")
        return 130
    noise.after(call, name[0], status)
    return status


def _misused(error: ArgumentError, out: Output) -> int:
    out.note(f"{error}\n\nFor more information, try '--help'.")
    return 2


def _report(error: CliError, call: Call, command: Command) -> None:
    if command.json_errors and call.json:
        call.out.compact({"code": error.code, "error": error.message, "hint": error.hint})
    else:
        call.out.note(error.human())


def _runs_a_program(argv: Sequence[str]) -> bool:
    """Whether flags after the first word may be those of a program that `run` or `ssh` starts."""
    return bool(argv) and argv[0] in ("run", "local", "ssh") and any(not word.startswith("-") for word in argv[1:])


def _find(argv: list[str]) -> tuple[tuple[str, ...], Command, list[str]]:
    """Return the command's name, the command, and what is left for its parser."""
    if not argv or argv[0].startswith("-"):
        return ("railway",), Command(_bare), argv
    family = argv.pop(0)
    if family not in _FAMILIES:
        raise ArgumentError(f"error: unrecognized subcommand '{family}'")
    module = import_module(f"interlocking.railway.local.cli.{_FAMILIES[family]}")
    commands: Commands = module.commands(family)
    path, kept = _descend(commands, argv)
    if path not in commands:
        raise ArgumentError(
            f"error: 'railway {' '.join((family, *path))}' requires a subcommand but one was not provided"
        )
    return (family, *path), commands[path], kept + argv


def _descend(commands: Commands, argv: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Take the words of the subcommand from `argv`; common flags may stand between them."""
    path: tuple[str, ...] = ()
    kept: list[str] = []
    while argv:
        if argv[0] in _COMMON_WITH_VALUE:
            kept += argv[:2]
            del argv[:2]
        elif argv[0] == "--json":
            kept.append(argv.pop(0))
        elif any(each[: len(path) + 1] == (*path, argv[0]) for each in commands):
            path = (*path, argv.pop(0))
        else:
            break
    return path, kept


def _help(name: tuple[str, ...], command: Command) -> str:
    flags = [f"  {', '.join(each.names)}{' <VALUE>' * each.takes}" for each in command.flags]
    own = name if name != ("railway",) else ()
    return "\n".join([f"Usage: {' '.join(('railway', *own))} [OPTIONS]", "", "Options:", *flags, "  -h, --help"])


def _bare(call: Call) -> int:
    call.out.line(_help(("railway",), Command(_bare)))
    call.out.line("\nCommands:\n" + "\n".join(f"  {each}" for each in sorted(_FAMILIES)))
    return 0
