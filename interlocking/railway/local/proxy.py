"""The edge of Local Railway: the stable public address of every service, in front of changing deployments.

Each request goes to the deployment that has the traffic when it arrives and stays with it to its end.
Nothing is tried twice: what the application loses, its client sees.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import uuid4

from aiohttp import (
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    web,
)
from multidict import CIMultiDict
from yarl import URL

from interlocking.railway.local.routes import Route, Routes

_HOST = "127.0.0.1"
_LOOK_SECONDS = 0.1
_CONNECT_SECONDS = 10.0
_LAST_SECONDS = 0.5
# These belong to one connection, not to the message: RFC 9110, section 7.6.1.
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
_NOT_FOUND = (404, "Application not found")
_NO_ANSWER = (502, "Application failed to respond")


class Edge:
    """One server a service, all in one event loop.

    Args:
        routes: who answers.
        logs: folder of the request logs, one file a service.
    """

    def __init__(self, routes: Routes, logs: Path) -> None:
        self._routes = routes
        self._logs = logs
        self._runners: dict[str, web.ServerRunner] = {}

    async def run(self) -> None:
        """Serve every route there is, and each new one as it appears, until the world's folder is gone."""
        self._routes.forget_reports()
        connector = TCPConnector(force_close=True, limit=0)  # a kept connection may close just when it is used
        timeout = ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
        async with ClientSession(
            connector=connector,
            timeout=timeout,
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            middlewares=(_once,),
        ) as client:
            try:
                while self._routes.exist:
                    for route in self._routes.all():
                        if route.service not in self._runners:
                            await self._open(route, client)
                    await asyncio.sleep(_LOOK_SECONDS)
            finally:
                await asyncio.gather(*(runner.cleanup() for runner in self._runners.values()))

    async def _open(self, route: Route, client: ClientSession) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        log = (self._logs / f"{route.service}.ndjson").open("a", buffering=1, encoding="utf-8")
        gate = Gate(route.service, self._routes, client, log)
        runner = web.ServerRunner(web.Server(gate.answer, access_log=None), shutdown_timeout=_LAST_SECONDS)
        self._runners[route.service] = runner
        await runner.setup()
        try:
            await web.TCPSite(runner, _HOST, route.public_port).start()
        except OSError as error:  # somebody else has taken the port since the world was made
            self._routes.report(route.service, error.strerror or str(error))
        else:
            self._routes.report(route.service, "")


class Gate:
    """Passes the requests for one service on."""

    def __init__(self, service: str, routes: Routes, client: ClientSession, log: IO[str]) -> None:
        self._service = service
        self._routes = routes
        self._client = client
        self._log = log

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request with what the serving deployment says."""
        began = time.monotonic()
        identity = str(uuid4())
        route = self._routes.get(self._service)
        if route is None or not route.deployment:
            response: web.StreamResponse = _fallback(*_NOT_FOUND, identity)
        elif not route.upstreams:
            response = _fallback(*_NO_ANSWER, identity)
        else:
            response = await self._forward(request, random.choice(route.upstreams), identity)  # noqa: S311 - no secret
        self._write(request, response, route, identity, time.monotonic() - began)
        return response

    async def _forward(self, request: web.BaseRequest, port: int, identity: str) -> web.StreamResponse:
        try:
            upstream = await self._client.request(
                request.method,
                URL(f"http://{_HOST}:{port}{request.raw_path}", encoded=True),
                headers=_request_headers(request, identity),
                data=request.content if request.body_exists else None,
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
                allow_redirects=False,
            )
        except (ClientError, OSError, TimeoutError):
            return _fallback(*_NO_ANSWER, identity)
        async with upstream:
            return await _relay(request, upstream, identity)

    def _write(
        self,
        request: web.BaseRequest,
        response: web.StreamResponse,
        route: Route | None,
        identity: str,
        seconds: float,
    ) -> None:
        """Write the request's line, with the keys of `railway logs --http --json`."""
        line = {
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
            "method": request.method,
            "path": request.path,
            "httpStatus": response.status,
            "totalDuration": round(seconds * 1000),
            "requestId": identity,
            "host": request.headers.get("Host", ""),
            "clientUa": request.headers.get("User-Agent", ""),
            "srcIp": request.remote,
            "deploymentId": route.deployment if route else "",
        }
        self._log.write(json.dumps(line) + "\n")


class _BrokenError(ClientError):
    """The application closed the connection without an answer."""


async def _once(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    """Send a request one time: the library itself would send most of them again when the connection breaks."""
    try:
        return await send(request)
    except ClientError as error:
        raise _BrokenError from error


async def _relay(request: web.BaseRequest, upstream: ClientResponse, identity: str) -> web.StreamResponse:
    """Pass the answer on as it comes; one that breaks off breaks off for the client too."""
    response = web.StreamResponse(status=upstream.status, reason=upstream.reason, headers=_kept(upstream.headers))
    response.headers["X-Railway-Request-Id"] = identity
    try:
        await response.prepare(request)
        async for chunk in upstream.content.iter_any():
            await response.write(chunk)
        await response.write_eof()
    except (ClientError, OSError):
        if request.transport is not None:
            request.transport.abort()
    return response


def _request_headers(request: web.BaseRequest, identity: str) -> CIMultiDict[str]:
    headers = _kept(request.headers)
    headers["X-Forwarded-For"] = request.remote or ""
    headers["X-Forwarded-Proto"] = "http"
    headers["X-Forwarded-Host"] = request.headers.get("Host", "")
    headers["X-Railway-Request-Id"] = identity
    return headers


def _kept(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Return the headers of the message, every repetition of them, without those of the connection."""
    named = {name.strip().lower() for name in headers.get("Connection", "").split(",")}
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP | named)


def _fallback(status: int, message: str, identity: str) -> web.Response:
    """Return what Railway's edge says when no application answers."""
    body = {"status": "error", "code": status, "message": message, "request_id": identity}
    return web.json_response(body, status=status, headers={"X-Railway-Fallback": "true"})
