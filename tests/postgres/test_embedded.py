"""The embedded server's life: made once, found again, stopped, and what it leaves on the disk."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from interlocking.postgres.connect import connect, identity
from interlocking.postgres.databases import create_if_missing
from interlocking.postgres.embedded import EmbeddedServer
from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.redaction import Secret
from tests.postgres.conftest import MakeServer

_START = """
import sys
from pathlib import Path
from interlocking.postgres.connect import connect
from interlocking.postgres.embedded import EmbeddedServer

server = EmbeddedServer(Path(sys.argv[1]), shared=Path(sys.argv[2]))
with connect(server.ensure_running()) as session:
    print(server.status().pid)
"""


# Stops `initdb` as soon as it runs, and says its number.
_FREEZE = """
import os, signal, subprocess

begin = subprocess.Popen.__init__

def begin_frozen(self, argv, **options):
    begin(self, argv, **options)
    if str(argv[0]).endswith("initdb"):
        os.killpg(self.pid, signal.SIGSTOP)
        print(self.pid, flush=True)

subprocess.Popen.__init__ = begin_frozen
"""


def start_elsewhere(place: Path, *wrapper: str, before: str = "") -> subprocess.Popen[str]:
    """Start the server of `my-project` from another process, in a process group of its own."""
    code = f"{before}\n{_START}"
    argv = [*wrapper, sys.executable, "-c", code, str(place / "my-project/.interlocking"), str(place / "shared")]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)


def sizes(url: DatabaseUrl) -> list[int]:
    """The rows of the table that `remember` made."""
    with connect(url) as session, session.cursor() as cursor:
        cursor.execute("SELECT n FROM remembered")
        return [n for (n,) in cursor.fetchall()]


def remember(url: DatabaseUrl) -> None:
    """Put something into the database that must survive."""
    with connect(url) as session:
        session.cursor().execute("CREATE TABLE remembered AS SELECT 42 AS n")


def test_any_folder_name_will_do(make_embedded: MakeServer) -> None:
    """Blanks, quotes and a shell's own characters are part of the path."""
    server = make_embedded('it\'s $HOME "here" `now` ünï')

    with connect(server.ensure_running()) as session:
        assert identity(session).database == "it_s_home_here_now_n"


def test_through_a_symbolic_link_it_is_the_same_server(embedded: EmbeddedServer, place: Path) -> None:
    """Neither a second one, nor one that looks down."""
    (place / "my-project").mkdir()
    (place / "link").symlink_to(place / "my-project")
    through_link = EmbeddedServer(place / "link/.interlocking", shared=place / "shared")

    url = through_link.ensure_running()

    assert through_link.status().running
    assert url == embedded.ensure_running()
    assert through_link.status() == embedded.status()


def test_the_first_use_makes_a_database_named_after_the_project(embedded: EmbeddedServer) -> None:
    """The URL works as it is."""
    url = embedded.ensure_running()

    assert url.is_local
    with connect(url) as session:
        assert identity(session).database == "my_project"


def test_data_port_and_password_survive_a_restart(embedded: EmbeddedServer) -> None:
    """`.env` names them."""
    first = embedded.ensure_running()
    remember(first)
    assert embedded.stop()

    second = embedded.ensure_running()

    assert first == second
    assert sizes(second) == [42]


def test_stopping_what_does_not_run_is_no_error(embedded: EmbeddedServer) -> None:
    """And says so."""
    assert not embedded.stop()
    embedded.ensure_running()
    assert embedded.stop()
    assert not embedded.stop()


def test_status_starts_nothing(embedded: EmbeddedServer) -> None:
    """Before, while, after."""
    before = embedded.status()
    embedded.ensure_running()
    during = embedded.status()
    embedded.stop()
    after = embedded.status()

    assert (before.running, before.port, before.pid) == (False, None, None)
    assert during.running
    assert during.pid
    assert (after.running, after.port, after.pid) == (False, during.port, None)


def test_its_url_is_known_before_it_runs(embedded: EmbeddedServer) -> None:
    """So that what would be used can be shown."""
    promised = embedded.url()

    assert not embedded.status().running
    assert promised == embedded.ensure_running()


def test_it_knows_its_own_urls(embedded: EmbeddedServer) -> None:
    """Whether it runs or not, in any spelling, and no other's."""
    url = embedded.url()

    assert embedded.owns(url)
    assert embedded.owns(parse(url.sqlalchemy()))
    assert embedded.owns(replace(url, host="localhost", database="another"))
    assert not embedded.owns(replace(url, host="db.example.com"))
    assert not embedded.owns(replace(url, port=url.port + 1))
    assert not embedded.owns(replace(url, user="me"))
    assert not embedded.owns(replace(url, password=Secret("another")))


def test_a_second_database_is_made_on_demand(embedded: EmbeddedServer) -> None:
    """The name may need quotes; making it again is no error."""
    embedded.ensure_running()

    url = embedded.ensure_database('odd "name"')

    assert not create_if_missing(url)
    with connect(url) as session:
        assert identity(session).database == 'odd "name"'


def test_two_projects_have_two_servers(make_embedded: MakeServer) -> None:
    """On two ports, both at once."""
    one, other = make_embedded("one").ensure_running(), make_embedded("other").ensure_running()

    assert one.port != other.port
    with connect(one) as first, connect(other) as second:
        assert not identity(first).is_same_database(identity(second))


def test_two_starts_at_once_make_one_server(embedded: EmbeddedServer, place: Path) -> None:
    """The second waits for the first, and finds the server."""
    processes = [start_elsewhere(place), start_elsewhere(place)]
    answers = [process.communicate()[0] for process in processes]

    assert [0, 0] == [process.returncode for process in processes]
    assert [f"{embedded.status().pid}\n"] * 2 == answers


def test_it_outlives_the_process_that_started_it_and_its_group(embedded: EmbeddedServer, place: Path) -> None:
    """A closed terminal signals a whole process group."""
    starter = start_elsewhere(place)
    starter.communicate()

    pid = embedded.status().pid
    assert pid
    assert os.getsid(pid) != starter.pid
    with connect(embedded.url()):
        pass


def test_an_interrupt_while_it_is_made_leaves_nothing_half_made(embedded: EmbeddedServer, place: Path) -> None:
    """The next start begins afresh."""
    folder = embedded.status().data.parent
    starter = start_elsewhere(place, before=_FREEZE)
    assert starter.stdout
    initdb = int(starter.stdout.readline())
    assert list(folder.glob(".new-*"))
    os.killpg(starter.pid, signal.SIGINT)
    os.killpg(initdb, signal.SIGCONT)
    starter.communicate()

    assert starter.returncode != 0
    assert [] == list(folder.iterdir())
    with connect(embedded.ensure_running()):
        pass


def test_only_the_owner_can_read_the_password(embedded: EmbeddedServer, place: Path) -> None:
    """Neither data nor state file is open to others."""
    embedded.ensure_running()
    state = place / "my-project/.interlocking/postgres.json"

    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert stat.S_IMODE(embedded.status().data.parent.stat().st_mode) == 0o700
    assert [] == list(state.parent.glob("*.new"))


def test_a_lost_state_file_loses_no_data(embedded: EmbeddedServer, place: Path) -> None:
    """Port and password are new then, whether the server runs or not."""
    remember(embedded.ensure_running())
    (place / "my-project/.interlocking/postgres.json").unlink()

    url = embedded.ensure_running()

    assert sizes(url) == [42]


def test_a_new_clone_in_the_place_of_a_deleted_one_begins_anew(embedded: EmbeddedServer, place: Path) -> None:
    """Also as root, whose data live outside the clone; a server of the old clone may still run."""
    remember(embedded.ensure_running())
    shutil.rmtree(place / "my-project/.interlocking")

    url = embedded.ensure_running()

    with connect(url) as session, session.cursor() as cursor:
        cursor.execute("SELECT to_regclass('remembered')")
        assert (None,) == cursor.fetchone()


def test_the_url_in_dotenv_lives_on_when_the_state_file_is_lost(embedded: EmbeddedServer, place: Path) -> None:
    """`.env` is written once; a server made afresh takes over its port and password."""
    url = embedded.ensure_running()
    embedded.stop()
    (place / "my-project/.interlocking/postgres.json").unlink()

    assert embedded.owns(url)
    assert url == embedded.ensure_running(adopt=url)


def test_under_a_strict_umask(embedded: EmbeddedServer) -> None:
    """As root, the server's user must still reach its folder."""
    before = os.umask(0o077)
    try:
        with connect(embedded.ensure_running()):
            pass
    finally:
        os.umask(before)


def test_what_a_killed_start_left_is_removed(embedded: EmbeddedServer) -> None:
    """SIGKILL leaves it no time."""
    embedded.ensure_running()
    embedded.stop()
    data = embedded.status().data
    (data.parent / ".new-1234").mkdir()
    shutil.rmtree(data)

    embedded.ensure_running()

    assert [] == list(data.parent.glob(".new-*"))


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root with setpriv can give it up")
def test_as_root_that_may_not_look_at_other_users_processes(embedded: EmbeddedServer, place: Path) -> None:
    """As in a container: a running server is recognised, a killed one is recovered."""
    restricted = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]

    first = start_elsewhere(place, *restricted).communicate()[0]
    second = start_elsewhere(place, *restricted).communicate()[0]
    os.kill(int(first), signal.SIGKILL)
    third = start_elsewhere(place, *restricted).communicate()[0]

    assert first == second
    assert third not in ("", first)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run programs from a folder closed to the server")
def test_as_root_from_a_closed_folder(embedded: EmbeddedServer, place: Path) -> None:
    """A clone under /root: its mode stays, the programs are copied once, the data lie elsewhere."""
    closed = place / "root"
    closed.mkdir(mode=0o700)
    home = closed / "clone/.interlocking"
    server = EmbeddedServer(home, shared=place / "shared")
    try:
        with connect(server.ensure_running()) as session:
            assert session.server_version >= 180000
    finally:
        server.stop()

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert place / "shared" in server.status().data.parents
    assert server.status().data.stat().st_uid != 0
