"""Reading a table of settings: which names there are, what each may hold, and errors that name key and origin. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from interlocking.durations import parse_duration
from interlocking.errors import UsageError
from interlocking.settings import Layer

_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off", "")

Reader = Callable[[object], object]


@dataclass(frozen=True, slots=True)
class Table:
    """What one table of settings may hold.

    Args:
        owner: whose settings they are, in words: `the guard`.
        why: why a value that cannot be read is not passed over, in words.
        readers: each name with what reads its value; a reader raises ValueError with what is wrong.
    """

    owner: str
    why: str
    readers: Mapping[str, Reader]

    def merge(self, layers: Sequence[Layer]) -> dict[str, object]:
        """Return the values that `layers` give, the last of them for each name.

        Args:
            layers: weakest first.

        Raises:
            UsageError: a name is unknown or a value cannot be read; the message names key and origin.
        """
        return {name: self._read(name, raw, layer.origin) for layer in layers for name, raw in layer.values.items()}

    def _read(self, name: str, raw: object, origin: str) -> object:
        if name not in self.readers:
            close = get_close_matches(name, self.readers, n=1)
            raise UsageError(
                f"{origin} has a setting {name!r} of {self.owner} that does not exist",
                code="unknown-setting",
                why="a misspelled setting would be ignored in silence",
                next=f"did you mean {close[0]!r}?" if close else f"the settings are: {', '.join(self.readers)}",
            )
        try:
            return self.readers[name](raw)
        except ValueError as error:
            raise UsageError(
                f"{name} in {origin}: {error}",
                code="bad-setting",
                why=self.why,
                next=f"correct {name}, or remove it to have the default",
            ) from None


def text(raw: object) -> str:
    """Read a text."""
    if not isinstance(raw, str):
        raise ValueError(f"{raw!r} is not a text")  # noqa: TRY004 - one family
    return raw


def texts(raw: object) -> tuple[str, ...]:
    """Read a list of texts; a variable, which can only hold one, separates them by blanks."""
    if isinstance(raw, str):
        return tuple(raw.split())
    if not isinstance(raw, list):
        raise ValueError(f"{raw!r} is not a list of texts")  # noqa: TRY004 - one family
    return tuple(text(item) for item in raw)


def duration(raw: object) -> float:
    """Read a duration in seconds; it needs its unit."""
    if not isinstance(raw, str):
        raise ValueError(f"{raw!r} has no unit; write it as text, such as '20ms' or '15min'")  # noqa: TRY004 - one family
    return parse_duration(raw)


def switch(raw: object) -> bool:
    """Read yes or no; a variable can only hold text."""
    word = str(raw).lower()
    if word not in (*_TRUE, *_FALSE):
        raise ValueError(f"{raw!r} is neither true nor false")
    return word in _TRUE


def one_of(*words: str) -> Callable[[object], str]:
    """Return what reads one of `words`."""

    def read(raw: object) -> str:
        if raw not in words:
            raise ValueError(f"{raw!r} is none of: {', '.join(words)}")
        return str(raw)

    return read
