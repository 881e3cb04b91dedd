"""An embedded server of a test's own, somewhere every user can enter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interlocking.postgres.embedded import EmbeddedServer
from tests.servers import temporary_folder

MakeServer = Callable[[str], EmbeddedServer]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's user can enter."""
    with temporary_folder() as folder:
        yield folder


@pytest.fixture
def make_embedded(place: Path) -> Iterator[MakeServer]:
    """Make the embedded server of the project with some name; it is stopped afterwards."""
    made: list[EmbeddedServer] = []

    def make(project: str = "my-project") -> EmbeddedServer:
        made.append(EmbeddedServer(place / project / ".interlocking", shared=place / "shared"))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def embedded(make_embedded: MakeServer) -> EmbeddedServer:
    """The embedded server of a project, not yet made."""
    return make_embedded("my-project")
