"""Does the deployed application answer? One GET, and only a 200 counts, as for Railway's own healthcheck."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from interlocking.errors import UsageError
from interlocking.railway.cli import RailwayCli
from interlocking.railway.config_file import EnvironmentName, file_sections, find_config_file, read_config_file
from interlocking.railway.results import Service


@dataclass(frozen=True, slots=True)
class Health:
    """One answer, or none.

    Args:
        url: what was asked.
        status: the HTTP status; None when there was no answer.
        seconds: how long it took.
        error: why there was none, in words.
    """

    url: str
    status: int | None
    seconds: float
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is 200 exactly: a redirect of the path fails Railway's healthcheck too."""
        return self.status == HTTPStatus.OK

    @property
    def words(self) -> str:
        """The answer in words."""
        said = f"answers {self.status}" if self.status else f"does not answer: {self.error}"
        return f"{self.url} {said} ({self.seconds:.2f} s)"


def health_url(cli: RailwayCli, backend: Service) -> str:
    """Return what to ask after a deployment; empty when nothing is known about it.

    Args:
        cli: whose settings may name the URL or the path.
        backend: the service; its domain is used, and a configured healthcheck path when no setting names one.
    """
    if cli.settings.health_url:
        return cli.settings.health_url
    if not backend.url:
        return ""
    path = cli.settings.health_path or _configured_path(cli, backend)
    return f"{backend.url.rstrip('/')}/{path.lstrip('/')}" if path else ""


def probe(url: str, *, timeout: float = 10.0) -> Health:
    """Ask once, following no redirect.

    Args:
        url: http or https.
        timeout: seconds.

    Raises:
        UsageError: it is no such URL.
    """
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is no http or https URL", code="bad-health-url", next="correct health_url")
    begun = time.monotonic()
    try:
        with _OPENER.open(url, timeout=timeout) as answer:
            return Health(url, answer.status, time.monotonic() - begun)
    except urllib.error.HTTPError as error:
        error.close()
        return Health(url, error.code, time.monotonic() - begun)
    except OSError as error:  # refused, unknown host, no answer in time
        return Health(url, None, time.monotonic() - begun, str(getattr(error, "reason", error)))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Take a redirect for the answer that it is."""

    def redirect_request(self, *_request: Any, **_more: Any) -> None:  # noqa: ANN401 - urllib's own arguments
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


def _configured_path(cli: RailwayCli, backend: Service) -> str:
    """Return the path of the service's settings, or of the file that is laid over them at each deployment."""
    file = find_config_file(cli.root)
    in_file = file_sections(read_config_file(file), EnvironmentName(cli.environment))["deploy"] if file else {}
    path = in_file.get("healthcheckPath")
    if isinstance(path, str):
        return path
    configuration = cli.configuration().get(backend.id)
    return configuration.healthcheck_path if configuration else ""
