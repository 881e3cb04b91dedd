"""The journal of Local Railway: every call of its CLI, with the environment that matters and no secret."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from interlocking.railway.local.state import World
from interlocking.redaction import MASK, mask_url

_RECORDED = re.compile(r"RAILWAY_.*|CI|NO_COLOR|DO_NOT_TRACK|CLAUDECODE|PYTHONPATH")
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|KEY", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of `railway`.

    Args:
        argv: its arguments, without the program; values of `variable set` are masked.
        environ: the `RAILWAY_*` variables and the few others that change its behaviour; tokens are masked.
        cwd: where it was called.
        stdin: `tty`, `null` or `pipe`.
        at: seconds since the epoch, of this machine's clock.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    cwd: str
    stdin: str
    at: float


def record(world: World, argv: Sequence[str], environ: Mapping[str, str], *, cwd: str, stdin: str) -> None:
    """Append one call."""
    line = {
        "argv": _masked_argv(argv),
        "environ": {name: _masked(name, value) for name, value in environ.items() if _RECORDED.fullmatch(name)},
        "cwd": cwd,
        "stdin": stdin,
        "at": time.time(),
    }
    with (world.folder / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def kind_of(stdin: TextIO) -> str:
    """Return what a standard input is: `tty`, `null` (the null device) or `pipe` (anything else)."""
    if stdin.isatty():
        return "tty"
    return "null" if stat.S_ISCHR(os.fstat(stdin.fileno()).st_mode) else "pipe"


def calls(world: World) -> list[Call]:
    """Return every call so far, oldest first."""
    path = world.folder / "journal.jsonl"
    if not path.is_file():
        return []
    whole, _newline, _unfinished = path.read_text(encoding="utf-8").rpartition("\n")
    rows = [json.loads(line) for line in whole.splitlines()]
    return [Call(tuple(row["argv"]), row["environ"], row["cwd"], row["stdin"], row["at"]) for row in rows]


def _masked_argv(argv: Sequence[str]) -> list[str]:
    sets = bool({"variable", "variables", "vars", "var"} & set(argv[:1]))
    return [_assignment_masked(word) if sets else mask_url(word) for word in argv]


def _assignment_masked(word: str) -> str:
    found = _ASSIGNMENT.match(word)
    return f"{found['name']}={MASK}" if found else word


def _masked(name: str, value: str) -> str:
    return MASK if value and _SECRET.search(name) else mask_url(value)
