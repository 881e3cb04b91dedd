"""What is typed: `namespace` builds the Invoke collection of a project.

Importing this package stays cheap, because Invoke does it for `--list` and at every completion keystroke:
task modules import the rooms below them inside their bodies.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invoke.collection import Collection


def namespace(root: Path) -> Collection:
    """Return every task of the suite, anchored at `root`.

    Args:
        root: the folder of the project's `tasks.py`; every path in the settings starts there.

    Returns:
        A collection to bind to the name `ns` in `tasks.py`; own tasks can be added with `add_task`.
    """
    from invoke.collection import Collection  # noqa: PLC0415 - the hook of pre-commit needs no Invoke

    from interlocking.tasks import project  # noqa: PLC0415
    from interlocking.tasks.db import collection as db  # noqa: PLC0415
    from interlocking.tasks.deploy import collection as deploy  # noqa: PLC0415
    from interlocking.tasks.railway import collection as railway  # noqa: PLC0415

    collection = Collection(db(), deploy(), railway(), *project.TASKS)
    collection.configure({"interlocking": {"root": str(root.resolve())}})
    return collection
