"""Secrets stay secret: `Secret`, `mask_url` and `Redactor`.

Pure text in, text out. User, host, port and database of a URL stay readable because they tell the
reader which database is meant; the password and password-like query values never do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

MASK = "***"

_URL_PASSWORD = re.compile(
    r"(?P<head>[a-z][a-z0-9+.-]{0,30}://[^\s:/@]*:)"  # the limits keep a line of a megabyte from taking minutes
    r"(?P<password>[^\s@]{1,4096}(?:@(?=[^\s/]{0,4096}@)[^\s@]*)*)(?=@)",
    re.IGNORECASE,
)
_SENSITIVE = r"password|passwd|pwd|passfile|sslpassword|secret|token|api[_-]?key"
_QUERY_SECRET = re.compile(rf"(?P<head>[?&;](?:{_SENSITIVE})=)[^&;\s\"']+", re.IGNORECASE)
_DSN_SECRET = re.compile(rf"(?P<head>\b(?:{_SENSITIVE})\s*=\s*)(?:'(?:[^'\\]|\\.)*'|[^\s'\"&;,)]+)", re.IGNORECASE)
_SQL_PASSWORD = re.compile(r"(?P<head>\bPASSWORD\s+E?)'(?:[^'\\]|''|\\.)*'", re.IGNORECASE)


class Secret:
    """A text that is used but never shown: its repr, str and format are the mask."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the real text, for the one place that needs it."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"Secret('{MASK}')" if self._value else "Secret('')"

    def __str__(self) -> str:
        return MASK if self._value else ""


def mask_url(text: str) -> str:
    """Mask every password in `text`, which may be a URL, a libpq DSN, CREATE ROLE or prose that quotes them."""
    if "'" in text:
        text = _SQL_PASSWORD.sub(rf"\g<head>'{MASK}'", text)
    if "=" not in text and "://" not in text:  # most lines: no pattern below matches without one of them
        return text
    text = _URL_PASSWORD.sub(rf"\g<head>{MASK}", text)
    text = _QUERY_SECRET.sub(rf"\g<head>{MASK}", text)
    return _DSN_SECRET.sub(rf"\g<head>{MASK}", text)


class Redactor:
    """Remove known secret values, and anything that looks like a URL's password, from text.

    Args:
        secrets: the values to hide, raw; percent-decoded and as JSON escapes them they are hidden too. Values of
            fewer than four characters are only hidden where they stand in a URL: hiding `a` everywhere ruins prose.
    """

    _SHORTEST = 4

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._known: list[str] = []
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Hide these values too, from now on."""
        known = {form for secret in secrets for form in _forms(secret) if len(form) >= self._SHORTEST}
        self._known = sorted(known.union(self._known), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return `text` without the secrets."""
        for secret in self._known:
            text = text.replace(secret, MASK)
        return mask_url(text)


def _forms(secret: str) -> Iterator[str]:
    """Yield a secret as it may stand in a text, and as a JSON string holds it."""
    for form in (secret, unquote(secret)):
        yield form
        yield json.dumps(form, ensure_ascii=False)[1:-1]
