"""What to do when a migration needs an extension that the server does not have. Pure."""

from __future__ import annotations

import re

# Built on OpenSSL, or on a UUID library, which the wheel's PostgreSQL is built without.
_NOT_EMBEDDED = frozenset({"pgcrypto", "uuid-ossp", "sslinfo"})
_NEEDED_BY = {
    "digest": "pgcrypto",
    "hmac": "pgcrypto",
    "crypt": "pgcrypto",
    "gen_salt": "pgcrypto",
    "gen_random_bytes": "pgcrypto",
    "pgp_sym_encrypt": "pgcrypto",
    "uuid_generate_v1": "uuid-ossp",
    "uuid_generate_v1mc": "uuid-ossp",
    "uuid_generate_v3": "uuid-ossp",
    "uuid_generate_v4": "uuid-ossp",
    "uuid_generate_v5": "uuid-ossp",
}
_EXTENSION = re.compile(r'extension "([^"]+)" is not available|extension control file "[^"]*/([^/"]+)\.control"')
_FUNCTION = re.compile(r"function (?:[a-z_]+\.)?([a-z0-9_]+)\(.*?\) does not exist")


def explain_missing_extension(error_text: str, *, embedded: bool) -> str | None:
    """Return a sentence that says what is missing and what to do, or None when that is not the problem.

    Args:
        error_text: what PostgreSQL said, in English (SQLSTATE 0A000, 58P01 or 42883).
        embedded: whether it was the embedded server that said it.
    """
    name = _missing(error_text)
    if name is None:
        return None
    if embedded and name in _NOT_EMBEDDED:
        return (
            f"the embedded PostgreSQL has no {name}, because it is built without OpenSSL and UUID libraries; "
            "set DATABASE_URL to another server that has it, for example the system's PostgreSQL "
            f"(postgresql://you@localhost/name){_instead(name)}"
        )
    return f"the server has no extension {name}; install its package there, or set DATABASE_URL to a server that has it"


def _missing(error_text: str) -> str | None:
    extension = _EXTENSION.search(error_text)
    if extension:
        return extension[1] or extension[2]
    function = _FUNCTION.search(error_text)
    return _NEEDED_BY.get(function[1]) if function else None


def _instead(name: str) -> str:
    """PostgreSQL 13 and newer make random UUIDs without any extension."""
    return ", or use gen_random_uuid(), which needs no extension" if name != "sslinfo" else ""
