"""The work of `railway.migrate-config`."""

from __future__ import annotations

from interlocking.console.converting import converted_report
from interlocking.console.report import Report
from interlocking.errors import UnavailableError
from interlocking.railway.settings import railway_settings
from interlocking.release.converting import convert, require_no_file, write
from interlocking.tasks.asking import open_railway
from interlocking.tasks.edge import Suite
from interlocking.tasks.overriding import overrides_of


def migrate_config(suite: Suite, *, environment: str, dry_run: bool) -> Report:
    """Convert the project's configuration files to infrastructure as code.

    Raises:
        InterlockingError: it cannot be converted without losing something, or a file is there; nothing was written.
    """
    overrides_of(suite).require_none()  # a temporary command would be made one for good
    if not dry_run:
        require_no_file(suite.project)
    name = environment or railway_settings(suite.project).environment
    try:
        railway = open_railway(suite, environment)
        railway.status()
        conversion = convert(suite.project, railway, environment=name)
    except UnavailableError as error:
        if error.code == "railway-sdk-missing":
            raise
        conversion = convert(suite.project, None, environment=name, unknown=error.message)
    if not dry_run:
        write(suite.project, conversion)
    return converted_report(conversion, written=not dry_run)
