"""The gzip tar that `up` sends, and what the platform makes of it."""

from __future__ import annotations

import tarfile
from pathlib import Path

from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.upload import uploaded_files


def roots(linked: Path, cwd: Path, path: str | None, *, as_root: bool) -> tuple[Path, Path]:
    """Return (what is packed, what its names are relative to).

    Args:
        linked: the linked directory, else `cwd`.
        cwd: where the command was called.
        path: PATH of the command line.
        as_root: `--path-as-root`.

    Raises:
        CliError: a relative path without `--path-as-root`, as in the real CLI.
    """
    if path is None:
        if as_root:
            raise CliError("--path-as-root requires a path to be specified")
        return linked, linked
    folder = cwd / path
    if as_root:
        return folder.resolve(), folder.resolve()
    if not Path(path).is_relative_to(linked):
        raise CliError("prefix not found")
    return folder, linked


def pack(folder: Path, prefix: Path, archive: Path, *, gitignore: bool) -> int:
    """Write the archive and return its size in bytes.

    Raises:
        CliError: the tree cannot be read.
    """
    try:
        with tarfile.open(archive, "w:gz", dereference=True, compresslevel=1) as tar:
            for path in uploaded_files(folder, gitignore=gitignore):
                tar.add(path, path.relative_to(prefix).as_posix(), recursive=False)
    except OSError as error:
        raise CliError(f"{error.strerror} (os error {error.errno})") from error
    return archive.stat().st_size


def unpack(archive: Path, folder: Path) -> None:
    """Make the snapshot of a deployment."""
    folder.mkdir(parents=True)
    with tarfile.open(archive, "r:gz") as tar:
        tar.extractall(folder, filter="data")
