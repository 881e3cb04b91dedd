"""Where the child begins: one request on standard input, one line of JSON a revision on the descriptor it names."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from interlocking.review.child.rendering import LocalModules, Renderer

_MEMORY = 2 << 30
_OBJECTS = 100_000


def main() -> None:
    """Read the revisions that the request names."""
    request = json.load(sys.stdin)
    _collect_seldom()
    _limit_memory()
    warnings.simplefilter("ignore")
    root = Path(request["root"])
    sys.path[:] = [str(root), *(entry for entry in sys.path if entry not in ("", str(root)))]
    with os.fdopen(request["answers"], "w", encoding="utf-8") as answers:
        renderer = Renderer(
            ini=Path(request["ini"]),
            environment=Path(request["environment"]),
            server_version=request["server_version"],
            deadline=request["deadline"],
        )
        modules = LocalModules(root)
        _answer(answers, {"ready": True})
        for path in request["files"]:
            answer = renderer.read(path)
            _answer(answers, {"file": path, **answer, "modules": [*modules.files(), *renderer.consulted]})
    os._exit(0)  # threads and pools that a revision started must not keep the process


def _answer(answers: IO[str], message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


def _collect_seldom() -> None:
    """Leave what was imported alone, and search the rest for garbage less often: that is an eighth of the work."""
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    gc.enable()


def _limit_memory() -> None:
    """Let a revision that eats memory fail, not the machine."""
    with suppress(ValueError, OSError):  # not every system has that limit
        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
