"""The command in `railway.toml` or `railway.json`: one value of one file, replaced as a whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interlocking import durable
from interlocking.change import Copy
from interlocking.errors import RefusedError, UsageError
from interlocking.railway.toml_rewrite import Format, read_document, value_at, with_value
from interlocking.release.commands import KEYS, Kind
from interlocking.release.doors import Written, changed_meanwhile

_OWNER_ATTRIBUTES = ("uid", "gid")


class FileDoor:
    """One command of one configuration file.

    Args:
        root: the project's folder.
        name: the file, from there.
        environment: whose block under `environments` counts, where it has one.
        kind: which command.
    """

    deploys = False

    def __init__(self, root: Path, name: str, environment: str, kind: Kind) -> None:
        self._name = name
        self._environment = environment
        self._kind = kind
        self._path = (root / name).resolve()  # a link stays a link; what it leads to is replaced
        self._format: Format = "json" if name.endswith(".json") else "toml"

    @property
    def subject(self) -> Mapping[str, str]:
        """The file, and which command of it."""
        return {"door": "file", "file": self._name, "environment": self._environment, "kind": self._kind}

    @property
    def target(self) -> str:
        """The file's name."""
        return self._name

    def read(self) -> Copy | None:
        """Return its bytes, mode, times and owner; None when there is no such file.

        Raises:
            UsageError: code `config-file-unreadable`.
        """
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                data = file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UsageError(
                f"{self._name} cannot be read: {error.strerror}",
                code="config-file-unreadable",
                next=f"see who owns it: ls -l {self._path}",
            ) from error
        kept = {"mode": status.st_mode & 0o7777, "atime_ns": status.st_atime_ns, "mtime_ns": status.st_mtime_ns}
        return Copy(data, {**kept, "uid": status.st_uid, "gid": status.st_gid})

    def command(self, data: bytes) -> str:
        """Return the command that counts in the environment."""
        document = read_document(data, self._format)
        return command_text(value_at(document, self._place(document)))

    def with_command(self, data: bytes, command: str) -> bytes:
        """Return the file's bytes with another command; every other byte stays."""
        document = read_document(data, self._format)
        place = self._place(document)
        as_text = self._kind == "start-command" or isinstance(value_at(document, place), str)
        return with_value(data, place, command if as_text else [command], self._format)

    def write(self, data: bytes, *, instead_of: Copy, attributes: Mapping[str, int]) -> Written:
        """Replace the file by a new one that is complete, with the mode, the owner and, to restore, the times."""
        now = self.read()
        if now is None or now.data != instead_of.data:
            raise changed_meanwhile(self._name)
        wanted = {**now.attributes, **attributes}
        try:
            durable.write_file(self._beside, data, mode=wanted["mode"])
            if any(wanted[name] != getattr(self._beside.stat(), f"st_{name}") for name in _OWNER_ATTRIBUTES):
                os.chown(self._beside, wanted["uid"], wanted["gid"])
            if attributes:
                os.utime(self._beside, ns=(wanted["atime_ns"], wanted["mtime_ns"]))
            durable.move(self._beside, self._path)
        except OSError as error:
            raise _not_writable(self._path, error) from error
        finally:
            self.sweep()
        return Written()

    def sweep(self) -> None:
        """Remove the half-written file of a death."""
        self._beside.unlink(missing_ok=True)

    @property
    def _beside(self) -> Path:
        return self._path.with_name(f".{self._path.name}.interlocking")

    def _place(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        """Return where the command stands that counts: the environment's own, else the base."""
        base = ("deploy", KEYS[self._kind])
        own = ("environments", self._environment, *base)
        return base if value_at(document, own) is None else own


def command_text(value: object) -> str:
    """Return a command as it stands in a configuration: a text, or a list of at most one.

    Raises:
        UsageError: code `railway-config-rejected`: it is something else, which Railway refuses.
    """
    if value is None or value == []:
        return ""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return value
    raise UsageError(
        "the configured command is neither a text nor a list of one",
        code="railway-config-rejected",
        why="Railway refuses the whole configuration: Array must contain at most 1 element(s)",
        next="chain the commands with && inside one text",
    )


def _not_writable(path: Path, error: OSError) -> RefusedError:
    return RefusedError(
        f"{path} cannot be replaced: {error.strerror}",
        code="config-file-not-writable",
        why="it is replaced as a whole, with its mode and its owner, so that nobody ever reads half of it",
        next=f"see who owns it and its folder: ls -ld {path} {path.parent}",
    )
