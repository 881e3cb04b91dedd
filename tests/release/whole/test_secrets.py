"""No secret is shown: not in an output, a file, the journal, or the list of processes, whatever is run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interlocking.railway.local.creation import ACCOUNT_TOKEN
from tests.release.whole.shops import Shop
from tests.release.whole.test_release import RELEASE, second_release

CANARY = "canary-of-production"
TASKS = (
    ("deploy.plan",),
    (*RELEASE[:-1], "dump"),
    ("deploy.status",),
    ("deploy.logs",),
    ("deploy.logs", "--build"),
    ("db.prod-status",),
    ("db.prod-backup", "--kind", "both"),
    ("db.prod-current", "--via", "ssh"),
    ("db.prod-downgrade", "-r", "open_shop", "--dry-run"),
    ("deploy.temporary-start-command", "--via-file"),
    ("deploy.revert-start-command",),
    ("railway.check",),
    ("railway.console",),
    ("doctor",),
)


@pytest.fixture
def guarded(shop: Shop) -> Shop:
    """A shop with a canary in every variable of its service, at its first release."""
    with shop.world.change() as state:
        instance = state.instance(shop.backend.environment, shop.backend.service)
        for name in ("SECRET_KEY", "STRIPE_API_KEY", "SMTP_URL"):
            value = f"smtp://user:{CANARY}@mail" if name == "SMTP_URL" else CANARY
            instance.configuration["variables"][name] = {"value": value}
    second_release(shop)
    return shop


def running() -> set[Path]:
    return {path for path in Path("/proc").iterdir() if path.name.isdecimal()}


def command_lines(processes: set[Path]) -> Iterator[str]:
    for process in processes:
        try:
            yield (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended


@contextmanager
def watched_processes() -> Iterator[set[str]]:
    """Collect the command line of every process that runs during the block; those that ran before are read once."""
    ran_before = running()
    seen = set(command_lines(ran_before))
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.001):  # some of them are short
            seen.update(command_lines(running() - ran_before))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    yield seen
    over.set()
    watcher.join()


def test_none_is_shown_anywhere(guarded: Shop) -> None:
    """The password of the database, the token, and what the service's variables hold."""
    secrets = (CANARY, ACCOUNT_TOKEN, guarded.database.password.reveal())
    said: list[str] = []
    with watched_processes() as processes:
        for number, words in enumerate(TASKS):
            said.append(guarded.invoke(*words, *(["--json"] if number % 2 else [])).text)
    places = {f"output of {words}": text for words, text in zip(TASKS, said, strict=True)}
    places["the processes"] = "\n".join(processes)
    for path in guarded.project.root.rglob("*"):
        if path.is_file() and path.suffix != ".dump" and ".git" not in path.parts:
            places[str(path)] = path.read_bytes().decode(errors="replace")

    shown = [(place, secret) for place, text in places.items() for secret in secrets if secret in text]
    assert shown == []
    assert any("pg_dump" in line for line in processes)
