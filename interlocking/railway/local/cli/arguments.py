"""The command line as clap reads it: flags in any order, `--flag=value`, `-s value`, `--`; exit 2 on anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from interlocking.railway.local.cli.errors import ArgumentError

if TYPE_CHECKING:
    from interlocking.railway.local.cli.call import Call


@dataclass(frozen=True)
class Flag:
    """One flag.

    Args:
        names: its spellings; the longest is what handlers ask for.
        takes: how many values follow.
    """

    names: tuple[str, ...]
    takes: int = 0


@dataclass(frozen=True)
class Command:
    """One command.

    Args:
        handle: does it and returns the exit code.
        flags: what it accepts.
        words: how many positional words it accepts.
        trailing: whether everything from the first positional word on belongs to a command that it runs.
        json_errors: whether `--json` turns errors into a JSON line on stdout.
    """

    handle: Callable[[Call], int]
    flags: tuple[Flag, ...] = ()
    words: int = 0
    trailing: bool = False
    json_errors: bool = False


@dataclass
class Arguments:
    """What was typed."""

    values: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def on(self, name: str) -> bool:
        """Return whether a flag was given; names without dashes."""
        return name in self.values

    def text(self, name: str) -> str | None:
        """Return the last value of a flag."""
        return self.values[name][-1] if self.values.get(name) else None

    def all(self, name: str) -> list[str]:
        """Return every value of a flag."""
        return self.values.get(name, [])

    @property
    def word(self) -> str | None:
        """The first positional word."""
        return self.words[0] if self.words else None


def flag(*names: str, takes: int = 0) -> Flag:
    """Return a flag by its spellings."""
    return Flag(names, takes)


JSON, YES = flag("--json"), flag("-y", "--yes")
ENVIRONMENT, SERVICE = flag("-e", "--environment", takes=1), flag("-s", "--service", takes=1)
PROJECT = flag("-p", "--project", takes=1)
TARGET = (SERVICE, ENVIRONMENT, PROJECT)
EVERYWHERE = (flag("-h", "--help"), flag("-V", "--version"))


def parse(command: Command, argv: Sequence[str]) -> Arguments:
    """Read the words after the command's name.

    Raises:
        ArgumentError: an unknown flag, a missing value or a word too many.
    """
    known = {name: each for each in (*command.flags, *EVERYWHERE) for name in each.names}
    found, queue = Arguments(), list(argv)
    while queue:
        typed = queue.pop(0)
        if typed == "--":
            found.rest = queue
            return found
        if typed.startswith("-") and typed != "-":
            _read_flag(typed, queue, known, found)
        elif command.trailing:
            found.rest = [typed, *queue]
            return found
        elif len(found.words) == command.words:
            raise ArgumentError(f"error: unexpected argument '{typed}' found")
        else:
            found.words.append(typed)
    return found


def _read_flag(typed: str, queue: list[str], known: Mapping[str, Flag], found: Arguments) -> None:
    for name, value in _spellings(typed, known):
        each = known.get(name)
        if each is None:
            raise ArgumentError(f"error: unexpected argument '{name}' found")
        given = [value] if value is not None else []
        while len(given) < each.takes:
            if not queue:
                raise ArgumentError(f"error: a value is required for '{name}' but none was supplied")
            given.append(queue.pop(0))
        key = max(each.names, key=len).lstrip("-")
        found.values.setdefault(key, []).extend(given)


def _spellings(typed: str, known: Mapping[str, Flag]) -> Iterator[tuple[str, str | None]]:
    """Yield (flag, value given with it): `--a=1`, `-s=web`, `-sweb`, and `-dy` for two switches."""
    name, equals, value = typed.partition("=")
    if typed.startswith("--") or name in known:
        yield name, value if equals else None
        return
    head, tail = typed[:2], typed[2:]
    if tail and head in known and known[head].takes:
        yield head, tail
        return
    for letter in typed[1:]:
        yield f"-{letter}", None
