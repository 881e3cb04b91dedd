"""Which pg_dump is taken for a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.errors import UnavailableError
from interlocking.postgres.connect import connect
from interlocking.postgres.dump_programs import DumpPrograms, choose, find_dump_programs, needs_tls
from interlocking.postgres.programs import Programs
from interlocking.postgres.url import parse
from tests.servers import Server


def programs(version: str, *, tls: bool = True) -> DumpPrograms:
    return DumpPrograms(Programs(Path("/nowhere")), version, tls)


SYSTEM_15, SYSTEM_17, WHEEL_18 = programs("15.14"), programs("17.2"), programs("18.6", tls=False)


@pytest.mark.parametrize(
    ("major", "tls", "chosen"),
    [
        (13, False, SYSTEM_15),
        (15, True, SYSTEM_15),
        (16, False, SYSTEM_17),
        (18, False, WHEEL_18),
        (18, True, None),
        (19, False, None),
    ],
)
def test_the_oldest_of_the_system_that_will_do_before_the_wheels(
    major: int, tls: bool, chosen: DumpPrograms | None
) -> None:
    """A newer one writes what fewer can read; the wheel's has no TLS."""
    assert choose([SYSTEM_17, WHEEL_18, SYSTEM_15], major=major, tls=tls) is chosen


def test_the_installed_ones_are_found_for_each_server(server: Server) -> None:
    """Debian's for 15, the wheel's for 18."""
    found = find_dump_programs(major=int(server.version), tls=False)

    assert found.major >= int(server.version)
    assert Path(found.programs.path("pg_restore")).exists()


def test_none_that_fits_says_what_to_install() -> None:
    """And that a tunnel encrypts by itself."""
    with pytest.raises(UnavailableError) as refused:
        find_dump_programs(major=99, tls=True)

    assert refused.value.code == "pg-dump-too-old"
    assert "postgresql-client-99" in refused.value.next
    assert "--via tunnel" in refused.value.next


def test_a_url_that_demands_tls_and_a_local_one_that_does_not(database: str) -> None:
    """The URL decides; on this machine nothing need be encrypted."""
    with connect(parse(database)) as connection:
        assert not needs_tls(connection, parse(database))
        assert needs_tls(connection, parse(f"{database}?sslmode=require"))
