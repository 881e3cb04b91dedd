"""One question of Railway's healthcheck.

Source: https://docs.railway.com/deployments/healthchecks
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException

from interlocking.railway.local.ports import HOST

_HEADERS = {"Host": "healthcheck.railway.app", "User-Agent": "RailwayHealthCheck/1.0"}
_HEALTHY = 200


def problem_of(port: int, path: str, *, timeout: float) -> str:
    """Ask a replica how it is; redirects are not followed.

    Args:
        port: where it listens.
        path: the healthcheck path.
        timeout: seconds it may take.

    Returns:
        What is wrong, in Railway's words; empty when it answered 200.
    """
    connection = HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path if path.startswith("/") else f"/{path}", headers=_HEADERS)
        status = connection.getresponse().status
    except (OSError, HTTPException):
        return "service unavailable"
    finally:
        connection.close()
    return "" if status == _HEALTHY else f"status {status}"
