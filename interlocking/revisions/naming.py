"""The house rule for names: `YYYYMMDD_slug`, and messages that are safe inside a file.

A message is data: whatever it holds, what comes out is a plain word for a file name, or one plain line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from itertools import count

WIDTH = 32
"""Characters of `alembic_version.version_num`: https://alembic.sqlalchemy.org/en/latest/api/runtime.html."""

_NO_DECOMPOSITION = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "'": "",
        "\N{RIGHT SINGLE QUOTATION MARK}": "",
    }
)
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_UNSAFE_IN_DOCSTRING = str.maketrans({'"': "'", "\\": "/"})


def slug(message: str) -> str:
    """Return a message as lower-case ASCII words joined by `_`; `revision` when no letter or digit is left.

    Accents are dropped (`é` is `e`); what has no ASCII form separates words.
    """
    folded = message.casefold().translate(_NO_DECOMPOSITION)
    letters = (letter for letter in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(letter))
    return _SEPARATORS.sub("_", "".join(letters).lower()).strip("_") or "revision"


def revision_id(message: str, *, today: date, taken: Collection[str], limit: int = WIDTH) -> str:
    """Return a new id `YYYYMMDD_slug`.

    Args:
        message: what `-m` said.
        today: the date in the id.
        taken: ids (and branch labels) that exist; compared without case, as file names may be.
        limit: the longest id in characters; longer ones are cut after a word, or inside the only word.

    Returns:
        An id that is not taken: a clash gets `_2`, `_3` and so on.
    """
    date_part = f"{today.year:04}{today.month:02}{today.day:02}_"
    words = slug(message)
    used = {name.casefold() for name in taken}
    endings = ("" if number == 1 else f"_{number}" for number in count(1))
    candidates = (date_part + _cut(words, limit - len(date_part) - len(ending)) + ending for ending in endings)
    return next(candidate for candidate in candidates if candidate not in used)


def docstring_message(message: str) -> str:
    """Return a message as one line that any template may put inside a docstring.

    Double quotes become single ones and backslashes slashes, so the text can neither end the docstring nor
    escape anything; line ends, control characters, invisible ones and lone surrogates become spaces.

    Returns:
        The line; `empty message`, as Alembic writes, when nothing is left.
    """
    visible = ("\x20" if unicodedata.category(letter)[0] in "CZ" else letter for letter in message)
    return " ".join("".join(visible).translate(_UNSAFE_IN_DOCSTRING).split()) or "empty message"


def _cut(words: str, room: int) -> str:
    if len(words) <= room:
        return words
    return words[: room + 1].rpartition("_")[0] or words[:room]
