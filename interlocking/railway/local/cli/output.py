"""The two streams of the CLI. stdout is the result, stderr the rest; a test can ask for random key order."""

from __future__ import annotations

import json
import random
from typing import Any, TextIO


class Output:
    """Where a call writes.

    Args:
        stdout: the result.
        stderr: messages.
        shuffle: whether keys of JSON documents come in random order.
    """

    def __init__(self, stdout: TextIO, stderr: TextIO, *, shuffle: bool = False) -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._shuffle = shuffle

    @property
    def terminal(self) -> bool:
        """Whether stdout is a terminal."""
        return self._stdout.isatty()

    def line(self, text: str = "") -> None:
        """Write a line to stdout, at once."""
        self._stdout.write(text + "\n")
        self._stdout.flush()

    def note(self, text: str = "") -> None:
        """Write a line to stderr, at once."""
        self._stderr.write(text + "\n")
        self._stderr.flush()

    def pretty(self, document: object) -> None:
        """Write a JSON document in several lines."""
        self.line(json.dumps(self._ordered(document), indent=2, ensure_ascii=False))

    def compact(self, document: object) -> None:
        """Write a JSON document in one line."""
        self.line(self.compacted(document))

    def compacted(self, document: object) -> str:
        """Return a JSON document in one line."""
        return json.dumps(self._ordered(document), separators=(",", ":"), ensure_ascii=False)

    def _ordered(self, document: Any) -> Any:  # noqa: ANN401 - JSON
        if not self._shuffle:
            return document
        if isinstance(document, list):
            return [self._ordered(each) for each in document]
        if isinstance(document, dict):
            keys = random.sample(list(document), len(document))
            return {key: self._ordered(document[key]) for key in keys}
        return document
