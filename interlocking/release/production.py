"""An environment's database, reached: which way, where it stands, and what is deployed beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from interlocking.environment import Project, guard_layers
from interlocking.plan import Progress
from interlocking.postgres.connect import connect, version_text
from interlocking.postgres.mark import require_mark
from interlocking.railway.cli import RailwayCli, open_cli
from interlocking.railway.discovery import Services, find_services
from interlocking.railway.results import Deployment, Service
from interlocking.railway.session import Learn, forget
from interlocking.railway.ways import Via, Way, choose_way, open_way
from interlocking.release.git import Tree, read_tree
from interlocking.release.reach import Direct, Inside, Reach
from interlocking.revisions.graph import Graph
from interlocking.revisions.position import Position, locate_database
from interlocking.upgrade.guarding.settings import resolve_guard
from interlocking.upgrade.made_tables import MadeTable
from interlocking.upgrade.status import load_graph
from interlocking.upgrade.unstamped import tables_in_the_way
from interlocking.upgrade.verifying.project import verify_project
from interlocking.upgrade.verifying.verify import Verification


@dataclass(frozen=True, slots=True)
class Production:
    """An environment whose database can be worked on as long as the way to it is open.

    Args:
        environment: its name.
        cli: the platform.
        services: its services.
        way: how the database is reached, and why that way.
        reach: the database.
        graph: the revision files of this tree.
    """

    environment: str
    cli: RailwayCli
    services: Services
    way: Way
    reach: Reach
    graph: Graph

    @property
    def target(self) -> str:
        """What is touched, for a Plan: environment, way, masked URL."""
        return f"{self.environment}, {self.reach.target}"


@dataclass(frozen=True, slots=True)
class Survey:
    """Where an environment stands.

    Args:
        position: of its database among this tree's revision files.
        server: the server's version; empty when it is only reached from inside.
        mark: the environment that the database itself says it is; empty when it is not marked.
        verification: applied revisions against their files; None when it is only reached from inside.
        deployed: the deployment that serves; None when there is none.
        tree: this working tree.
        in_the_way: tables that the revisions would make, and that exist although no revision is recorded.
    """

    position: Position
    server: str
    mark: str
    verification: Verification | None
    deployed: Deployment | None
    tree: Tree
    in_the_way: tuple[MadeTable, ...] = ()


@contextmanager
def open_production(
    project: Project, *, environment: str, via: Via, progress: Progress, learn: Learn = forget
) -> Iterator[Production]:
    """Find the way to an environment's database and keep it open for a block.

    Args:
        project: whose settings name services and environment.
        environment: its name; empty takes the setting.
        via: the way, or `auto`.
        progress: is told what the platform makes us wait for.
        learn: is told every secret that comes to light.

    Raises:
        RefusedError: no way leads there from here; nothing was connected.
        UnavailableError: the platform or the database does not answer.
    """
    graph = load_graph(project)
    cli = open_cli(project, environment=environment, progress=progress, learn=learn)
    services = find_services(cli)
    way = choose_way(cli, services, via)
    with open_reach(project, cli, way, graph) as reach:
        yield Production(cli.environment, cli, services, way, reach, graph)


@contextmanager
def open_reach(project: Project, cli: RailwayCli, way: Way, graph: Graph) -> Iterator[Reach]:
    """Go a way that was chosen, and keep it open for a block.

    Args:
        project: whose database it is.
        cli: the environment.
        way: a URL at this end, or commands inside the service.
        graph: the revision files of this tree.

    Raises:
        UnavailableError: the tunnel does not open, and there is no other way.
    """
    if way.runs_inside:
        yield Inside(project, cli, way.service, graph)
        return
    with open_way(cli, way) as url:
        yield Direct(project, url)


def survey(project: Project, production: Production) -> Survey:
    """Ask the database, the platform and git where everything stands; change nothing.

    Raises:
        RefusedError: the database is marked as another environment's.
    """
    reach = production.reach
    mark = reach.mark()
    require_mark(mark, production.environment)
    position = locate_database(production.graph, reach.current())
    return Survey(
        position=position,
        server=_server(reach),
        mark=mark,
        verification=verify_project(project, reach.url) if isinstance(reach, Direct) else None,
        deployed=serving_deployment(production.cli, production.services.backend),
        tree=read_tree(project.root),
        in_the_way=_in_the_way(project, production, position),
    )


def _server(reach: Reach) -> str:
    if not isinstance(reach, Direct):
        return ""
    with connect(reach.url, readonly=True) as connection:
        return version_text(connection.server_version)


def _in_the_way(project: Project, production: Production, position: Position) -> tuple[MadeTable, ...]:
    reach, graph = production.reach, production.graph
    if position.current or not isinstance(reach, Direct):
        return ()
    if resolve_guard(guard_layers(project.root)).unstamped == "run":
        return ()
    with connect(reach.url, readonly=True) as connection, connection.cursor() as cursor:
        return tuple(tables_in_the_way(cursor, [(id_, graph.revisions[id_].path) for id_ in position.pending]))


def serving_deployment(cli: RailwayCli, service: Service) -> Deployment | None:
    """Return the deployment of a service that serves; None when none does, or it is too old to be listed."""
    listed = cli.deployments(service.name)
    return next((each for each in listed if each.id == service.deployment_id), None)
