"""What an upload contains, looked at before it is sent: how much, links that lead nowhere, and a `.env`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from interlocking.errors import RefusedError
from interlocking.railway.upload import uploaded_files

_UNITS = ((1_000_000, "MB"), (1_000, "kB"))


@dataclass(frozen=True, slots=True)
class Parcel:
    """The files of an upload.

    Args:
        files: how many.
        size: how many bytes, before they are packed.
        dotenv: whether a `.env` is among them, because nothing ignores it.
    """

    files: int
    size: int
    dotenv: bool

    @property
    def words(self) -> str:
        """Its size in words: `41 files, 1.2 MB`."""
        size, unit = next((pair for pair in _UNITS if self.size >= pair[0]), (1, "bytes"))
        return f"{self.files} files, {self.size / size:.3g} {unit}"


def look_into(folder: Path) -> Parcel:
    """Look at all that an upload of `folder` contains.

    Raises:
        RefusedError: a link leads nowhere, or a folder cannot be read: the CLI would break off there.
    """
    try:
        files = list(uploaded_files(folder.resolve()))
        size = sum(path.stat().st_size for path in files)
    except OSError as error:
        raise RefusedError(
            f"{error.filename} cannot be uploaded: {error.strerror}",
            code="upload-unreadable",
            why="the CLI follows links, and breaks off at one that leads nowhere",
            next="remove it, or name it in .railwayignore",
        ) from error
    return Parcel(len(files), size, any(path.name == ".env" for path in files))
