"""The one configuration that a deployment runs with, out of the file and the service's own settings.

Precedence, strongest first: the file's block for the environment, the base of the file, the service's
settings, Railway's defaults. Source: https://docs.railway.com/guides/config-as-code
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from interlocking.railway.config_file import (
    EnvironmentName,
    Standing,
    config_file_standing,
    file_sections,
    merged,
    read_config_file,
)
from interlocking.railway.deploy_config import DeployConfig, Sections, deploy_config


@dataclass(frozen=True, slots=True)
class Effective:
    """A configuration and why it is that one.

    Args:
        config: what counts.
        sections: the same, with Railway's keys and only those that are set.
        file: whether the configuration file was read, and why.
    """

    config: DeployConfig
    sections: Sections
    file: Standing


def effective_config(
    folder: Path,
    settings: Mapping[str, object],
    *,
    environment: EnvironmentName,
    today: date,
    service_created: date | None = None,
) -> Effective:
    """Resolve the configuration of one deployment.

    Args:
        folder: the top of what was uploaded.
        settings: the service's own: `build`, `deploy` and `configFile`, as `environment config --json` shows them.
        environment: where it is deployed.
        today: the day of the deployment.
        service_created: when the service was made; None when nobody knows.

    Raises:
        UsageError: code `railway-config-rejected`.
    """
    standing = config_file_standing(
        folder, today=today, service_created=service_created, config_path=str(settings.get("configFile") or "")
    )
    layers = [merged(settings)]
    if standing.read and standing.path is not None:
        layers.append(file_sections(read_config_file(standing.path), environment))
    sections = merged(*layers)
    return Effective(deploy_config(sections), sections, standing)
