"""Which service is which: the settings say it, or there is only one that it can be. Pure but for `find_services`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from interlocking.errors import UsageError
from interlocking.railway.cli import RailwayCli
from interlocking.railway.results import Service, service_named
from interlocking.railway.settings import RailwaySettings

Role = Literal["backend", "frontend"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Services:
    """The services that a release is about.

    Args:
        backend: runs the code of the migrations.
        frontend: None when there is none.
        database: the PostgreSQL service; None when the database is elsewhere.
    """

    backend: Service
    frontend: Service | None
    database: Service | None

    def find(self, role: Role) -> Service | None:
        """Return the service of a role, if there is one."""
        return self.backend if role == "backend" else self.frontend

    def of(self, role: Role) -> Service:
        """Return the service of a role.

        Raises:
            UsageError: there is none.
        """
        return self.backend if role == "backend" else self.require_frontend()

    def require_database(self) -> Service:
        """Return the database's service.

        Raises:
            UsageError: the environment has none.
        """
        if self.database is None:
            raise UsageError(
                "the Railway environment has no PostgreSQL service",
                code="railway-no-database",
                next="set database in [tool.interlocking.railway] to the name of the service",
            )
        return self.database

    def require_frontend(self) -> Service:
        """Return the frontend's service.

        Raises:
            UsageError: there is none.
        """
        if self.frontend is None:
            raise UsageError(
                "it is not known which Railway service is the frontend",
                code="railway-no-frontend",
                next="set frontend in [tool.interlocking.railway] to the name of the service",
            )
        return self.frontend


def find_services(cli: RailwayCli) -> Services:
    """Ask Railway for the services of the environment, and tell them apart.

    Raises:
        UsageError: a service of the settings is not there, or several could be meant.
    """
    return tell_apart(cli.services(), cli.settings)


def tell_apart(listed: Sequence[Service], settings: RailwaySettings) -> Services:
    """Say which service is which.

    Args:
        listed: all of the environment.
        settings: those that name services, in their exact case.

    Raises:
        UsageError: a service of the settings is not there, or several could be meant.
    """
    named_frontend = _named(listed, settings.frontend, "frontend")
    applications = [each for each in listed if not each.is_postgres and each != named_frontend]
    backend = _named(listed, settings.backend, "backend") or _only(applications, "backend")
    others = [each for each in applications if each != backend and not each.image]
    databases = [each for each in listed if each.is_postgres]
    return Services(
        backend=backend,
        frontend=named_frontend or (others[0] if len(others) == 1 else None),
        database=_named(listed, settings.database, "database") or (_only(databases, "database") if databases else None),
    )


def _named(listed: Sequence[Service], name: str, role: str) -> Service | None:
    if not name:
        return None
    found = service_named(listed, name)
    if found is None:
        raise UsageError(
            f"the Railway environment has no service {name!r}",
            code="railway-service-not-found",
            why=f"it has: {_names(listed)}; names count in their exact case",
            next=f"correct {role} in [tool.interlocking.railway]",
        )
    return found


def _only(candidates: Sequence[Service], role: str) -> Service:
    if len(candidates) != 1:
        raise UsageError(
            f"it is not known which Railway service is the {role}",
            code="railway-service-ambiguous",
            why=f"it could be: {_names(candidates)}",
            next=f"set {role} in [tool.interlocking.railway] to the name of the service",
        )
    return candidates[0]


def _names(services: Sequence[Service]) -> str:
    return ", ".join(each.name for each in services) or "none"
