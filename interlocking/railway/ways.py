"""The way to an environment's database: which one, why, and the URL at this end of it.

`*.railway.internal` resolves only inside Railway, at run time: not on a laptop, not in CI, not in a build. A private
host is therefore refused here, in words, before anything tries to connect to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Literal, get_args

from interlocking.errors import RefusedError, UnavailableError, UsageError
from interlocking.plan import Event
from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.railway.access import is_inside, require_account
from interlocking.railway.cli import RailwayCli
from interlocking.railway.discovery import Services
from interlocking.redaction import Secret

Via = Literal["auto", "tunnel", "public", "ssh", "run", "inside"]
VIAS: tuple[Via, ...] = get_args(Via)
_PRIVATE, _PUBLIC = "DATABASE_URL", "DATABASE_PUBLIC_URL"
_NO_TUNNEL = frozenset({"ssh-key-missing", "ssh-host-unknown", "tunnel-failed", "railway-failed"})


@dataclass(frozen=True, slots=True)
class Way:
    """How a database is reached.

    Args:
        via: `tunnel`, `public` and `run` connect from here, `ssh` runs the command inside the container, `inside`
            means that we are in it.
        why: the reason, in words.
        service: the service that is asked for it.
        url: known before it is opened, for `public`, `run` and `inside`.
        fallback: what is tried when a tunnel does not open and `auto` chose it.
    """

    via: Via
    why: str
    service: str
    url: DatabaseUrl | None = field(default=None, repr=False)
    fallback: Way | None = None

    @property
    def runs_inside(self) -> bool:
        """Whether the command runs in the container, with the code that is deployed there."""
        return self.via == "ssh"

    @property
    def words(self) -> str:
        """The way in words, for a plan."""
        return f"via {self.via}: {self.why}"


def parse_via(text: str) -> Via:
    """Read the value of `--via`.

    Raises:
        UsageError: it is none.
    """
    found = next((via for via in VIAS if via == text), None)
    if found is None:
        raise UsageError(f"--via {text} is no way to a database", code="bad-flag", next=f"one of: {', '.join(VIAS)}")
    return found


def choose_way(cli: RailwayCli, services: Services, via: Via = "auto") -> Way:
    """Say how the database is reached; nothing is connected yet.

    Args:
        cli: the environment.
        services: which service is which.
        via: what the person asked for.

    Raises:
        RefusedError: the host of that way resolves only inside Railway, or the token cannot go that way.
        UsageError: there is no such service or variable.
    """
    if via == "auto":
        return _best(cli, services)
    return _WAYS[via](cli, services)


@contextmanager
def open_way(cli: RailwayCli, way: Way) -> Iterator[DatabaseUrl]:
    """Go the way, and hand out the database's URL at this end of it.

    Args:
        cli: the environment.
        way: not `ssh`, which has no end here.

    Raises:
        UnavailableError: the tunnel does not open, and there is no other way.
    """
    with ExitStack() as stack:
        yield way.url or _tunnel_or_fallback(cli, way, stack)


def _tunnel_or_fallback(cli: RailwayCli, way: Way, stack: ExitStack) -> DatabaseUrl:
    try:
        return stack.enter_context(cli.tunnel(way.service))
    except UnavailableError as error:
        if way.fallback is None or way.fallback.url is None or error.code not in _NO_TUNNEL:
            raise
        cli.progress(Event("note", f"{error.message}; going {way.fallback.words}"))
        return way.fallback.url


def _best(cli: RailwayCli, services: Services) -> Way:
    if is_inside(cli.variables_here):
        return _inside(cli, services)
    database = services.database
    if database is None:
        return _run(cli, services)
    public = _public_or_none(cli, services)
    if cli.access != "project-token":
        return Way("tunnel", "encrypted, and needs no public access to the database", database.name, fallback=public)
    if public is None:
        raise RefusedError(
            "no way leads from here to the database",
            code="no-way",
            why="a project token has no SSH, and the database has no public address (TCP proxy)",
            next="log in with an account (unset RAILWAY_TOKEN), or let a pre-deploy command migrate",
        )
    return public


def _tunnel(cli: RailwayCli, services: Services) -> Way:
    require_account(cli.access, purpose="a tunnel to the database")
    return Way("tunnel", "as you asked", services.require_database().name)


def _public(cli: RailwayCli, services: Services) -> Way:
    database = services.require_database()
    variables = cli.variables(database.name)
    if _PUBLIC not in variables:
        raise RefusedError(
            f"{database.name} has no {_PUBLIC}",
            code="no-public-address",
            why="it is there only while the service has a TCP proxy; a sealed variable is not shown either",
            next="--via tunnel, or switch the TCP proxy on in the dashboard",
        )
    url = _variable(variables, _PUBLIC, database.name)
    _require_reachable(url, f"{_PUBLIC} of {database.name}")
    return Way("public", f"{_PUBLIC} of {database.name}, over the internet", database.name, url)


def _ssh(cli: RailwayCli, services: Services) -> Way:
    require_account(cli.access, purpose="a command inside the container")
    backend = services.backend
    if not backend.deployment_id:
        raise UnavailableError(
            f"{backend.name} has no running container to enter",
            code="ssh-failed",
            why="it was never deployed, or crashed",
            next="invoke deploy.status; or --via tunnel",
        )
    why = f"in the container of deployment {backend.deployment_id}, with the code that is deployed there"
    return Way("ssh", why, backend.name)


def _run(cli: RailwayCli, services: Services) -> Way:
    backend = services.backend
    url = _variable(cli.variables(backend.name), _PRIVATE, backend.name)
    _require_reachable(url, f"{_PRIVATE} of {backend.name}")
    return Way("run", f"{_PRIVATE} of {backend.name}, which can be reached from here", backend.name, url)


def _inside(cli: RailwayCli, services: Services) -> Way:
    if not is_inside(cli.variables_here):
        raise RefusedError(
            "this is not a container on Railway",
            code="not-inside",
            why="RAILWAY_REPLICA_ID is not set",
            next="--via tunnel, or --via ssh to run the command in the container",
        )
    url = _variable({name: Secret(value) for name, value in cli.variables_here.items()}, _PRIVATE, "this container")
    return Way("inside", "this is a container on Railway, in the private network", services.backend.name, url)


_WAYS = {"tunnel": _tunnel, "public": _public, "ssh": _ssh, "run": _run, "inside": _inside}


def _public_or_none(cli: RailwayCli, services: Services) -> Way | None:
    """Return the public way, where there is one that leads anywhere."""
    try:
        return _public(cli, services)
    except RefusedError:
        return None


def _variable(variables: Mapping[str, Secret], name: str, owner: str) -> DatabaseUrl:
    if not variables.get(name):
        raise UsageError(
            f"{owner} has no {name}",
            code="railway-no-url",
            why="it is not set, or sealed: sealed variables are never shown",
            next="--via tunnel, or set it in the dashboard",
        )
    return parse(variables[name].reveal())


def _require_reachable(url: DatabaseUrl, name: str) -> None:
    if url.is_railway_internal:
        raise RefusedError(
            f"{name} leads to {url.host}, which resolves only inside Railway",
            code="private-host",
            why="nothing was connected; railway run changes nothing about that: it only sets variables on this machine",
            next="--via tunnel, --via public, or --via ssh",
        )
