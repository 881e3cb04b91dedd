"""`connect`: psql, or with `--tunnel-only` a port on this machine that leads to the database."""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from subprocess import DEVNULL

from interlocking import process
from interlocking.postgres.url import DatabaseUrl, parse
from interlocking.railway.local import variables
from interlocking.railway.local.cli.arguments import ENVIRONMENT, PROJECT, Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import ArgumentError, CliError
from interlocking.railway.local.cli.keys import require_key
from interlocking.railway.local.cli.target import Target
from interlocking.railway.local.entities import Instance
from interlocking.railway.local.ports import free_port

_READY_SECONDS = 45.0
_LOOK_SECONDS = 0.02
_PUBLIC = ".proxy.rlwy.net"
_FLAGS = (
    ENVIRONMENT,
    PROJECT,
    flag("--ssh"),
    flag("--no-ssh"),
    flag("--tunnel-only"),
    flag("-P", "--port", takes=1),
)


def commands(_family: str) -> dict[tuple[str, ...], Command]:
    """Return the command."""
    return {(): Command(_connect, _FLAGS, words=1)}


def _connect(call: Call) -> int:
    if call.arguments.on("tunnel-only") and call.arguments.on("no-ssh"):
        raise ArgumentError("error: the argument '--tunnel-only' cannot be used with '--no-ssh'")
    target = call.target()
    name = call.arguments.word
    if name is None:
        raise CliError("Service name required in non-interactive mode. Usage: railway connect <service-name>")
    instance = _database(target, name)
    values = variables.shown(target.state, instance)
    if not call.arguments.on("tunnel-only"):
        return _psql(call, values, instance)
    require_key(call)
    return _tunnel(call, _url(values), instance)


def _database(target: Target, name: str) -> Instance:
    found = next((each for each in target.services() if each.name.lower() == name.lower()), None)
    if found is None:
        raise CliError(f'Service "{name}" not found.')
    instance = target.instance(found)
    if instance.database_url is None:
        raise CliError("No supported database found in service")
    return instance


def _url(values: Mapping[str, str]) -> DatabaseUrl:
    if "DATABASE_URL" not in values:
        raise CliError('Could not find a variable to connect to the service with. Looking for "DATABASE_URL".')
    return parse(values["DATABASE_URL"])


def _tunnel(call: Call, url: DatabaseUrl, instance: Instance) -> int:
    port = _port(call)
    if call.trap("tunnel") == "not-ready":
        raise CliError("SSH tunnel exited before it was ready (exit status: 255)")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell started us in the background
    with _relay(call, port, instance) as relay:
        try:
            _await_ready(relay, port)
            _describe(call, url, port)
            while relay.poll() is None:  # a blocking wait would miss a Ctrl-C that comes just before it
                time.sleep(_LOOK_SECONDS)
        except KeyboardInterrupt:
            call.out.note("\nTunnel closed.")
            return 0
    raise CliError("SSH tunnel closed unexpectedly")


def _port(call: Call) -> int:
    given = call.arguments.text("port")
    if given is None:
        return free_port()
    if not given.isdigit():
        raise ArgumentError(f"error: invalid value '{given}' for '--port <PORT>': invalid digit found in string")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(given)))
        except OSError as error:
            raise CliError(
                f"Local port {given} is already in use. Pick a free port with --port, or stop the process using it."
            ) from error
    return int(given)


def _relay(call: Call, port: int, instance: Instance) -> AbstractContextManager[process.Child]:
    host, _, there = str(instance.address).rpartition(":")
    module = "interlocking.railway.local.cli.relay"
    argv = [sys.executable, "-P", "-m", module, str(port), host, there, str(call.world.folder)]
    return process.spawn(argv, stdout=DEVNULL, stderr=DEVNULL)


def _await_ready(relay: process.Child, port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while relay.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(_LOOK_SECONDS)
    raise CliError(f"SSH tunnel exited before it was ready (exit status: {relay.poll()})")


def _describe(call: Call, url: DatabaseUrl, port: int) -> None:
    """Write what an external client needs to stderr, password included."""
    local = DatabaseUrl("127.0.0.1", port, url.user, url.password, url.database, url.query)
    call.out.note("PostgreSQL tunnel open — point an external client at:")
    rows = {
        "Host": local.host,
        "Port": str(port),
        "User": url.user,
        "Password": url.password.reveal(),
        "Database": url.database,
        "URL": local.libpq(),
    }
    for name, value in rows.items():
        call.out.note(f"  {name + ':':<10}{value}")
    call.out.note("Press Ctrl+C to close the tunnel.")


def _psql(call: Call, values: Mapping[str, str], instance: Instance) -> int:
    """Start psql, whose status does not matter to the real CLI either."""
    public = values.get("DATABASE_PUBLIC_URL")
    if call.arguments.on("no-ssh"):
        if public is None:
            raise CliError(
                'Could not find a variable to connect to the service with. Looking for "DATABASE_PUBLIC_URL".'
            )
        if _PUBLIC not in public:
            raise CliError("Connection URL should point to the Railway TCP proxy")
    if process.find("psql") is None:
        raise CliError("psql must be installed to continue")
    require_key(call)
    port = free_port()
    call.out.note(f"Opening SSH tunnel: 127.0.0.1:{port} → {instance.service} :5432 ...")
    with _relay(call, port, instance) as relay:
        _await_ready(relay, port)
        url = _url(values)
        local = DatabaseUrl("127.0.0.1", port, url.user, url.password, url.database, url.query)
        password = url.password.reveal()
        process.hand_over(["psql", local.without_password], env={**call.environ, "PGPASSWORD": password})
    return 0
