"""`.railway/railway.py`: found, evaluated by the `python3` of PATH, and normalised to a graph."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from interlocking import process
from interlocking.errors import UnavailableError
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.iac_diff import Desired
from interlocking.railway.local.entities import Json

_NAMES = ("railway.ts", "railway.py", "railway.go")
_PARTIAL = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TYPESCRIPT_ENGINE = frozenset({"RAILWAY_IAC_TS_BIN", "RAILWAY_IAC_ENGINE"})
_LOADER = """\
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("railway_iac_user", sys.argv[1])
module = importlib.util.module_from_spec(spec)
sys.modules["railway_iac_user"] = module
spec.loader.exec_module(module)
def first(names):
    return next((getattr(module, name) for name in names if hasattr(module, name)), None)
value = first(("main", "Railway", "default"))
value = value() if callable(value) else value
value = value.to_graph() if hasattr(value, "to_graph") else value
json.dump({"partial": first(("PARTIAL", "Partial", "partial")), "project": value}, sys.stdout)
"""


def find_file(cwd: Path, given: str | None) -> Path | None:
    """Return the file of `--file`, or the one in `.railway` of the nearest folder that has any.

    Raises:
        CliError: there are several.
    """
    if given is not None:
        return cwd / given
    for folder in (cwd, *cwd.parents):
        found = [path for name in _NAMES if (path := folder / ".railway" / name).is_file()]
        if len(found) > 1:
            listed = ", ".join(str(each) for each in found)
            raise CliError(
                f"Multiple Railway configuration files found ({listed}). Keep only one of "
                ".railway/railway.{ts,py,go}."
            )
        if found:
            return found[0]
    return None


def evaluate(file: Path, cwd: Path, environ: Mapping[str, str]) -> Desired:
    """Run the file and return what it wants.

    Raises:
        CliError: it cannot be run, fails, prints something of its own, or is malformed.
    """
    document = _run(file, cwd, environ)
    partial = document.get("partial")
    if partial is not None and not (isinstance(partial, str) and _PARTIAL.fullmatch(partial)):
        raise CliError(f"Invalid partial export: {partial!r}")
    project = document.get("project") or {}
    resources: dict[str, Json] = {}
    for each in project.get("resources") or []:
        resource = _normalised(each)
        if resource["address"] in resources:
            raise CliError(f"Duplicate resource address: {resource['address']}")
        resources[resource["address"]] = resource
    return Desired(file, partial, project.get("name") or "app", resources)


def _run(file: Path, cwd: Path, environ: Mapping[str, str]) -> Json:
    if file.suffix != ".py" or _TYPESCRIPT_ENGINE & set(environ):
        raise CliError(f"Failed to run node to evaluate {file}")
    try:
        done = process.run(["python3", "-c", _LOADER, str(file)], cwd=cwd, env=environ, check=False)
    except UnavailableError as error:
        raise CliError("Failed to run python3 to evaluate .railway/railway.py") from error
    if done.returncode:
        raise CliError(f"python3 failed to evaluate IaC file.\n{done.stderr}\n{done.stdout}".rstrip())
    try:
        document = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise CliError("python3 returned non-JSON output.") from error
    return dict(document)


def _normalised(resource: Json) -> Json:
    made = dict(resource)
    made.setdefault("address", f"{made.get('type', 'service')}.{made['name']}")
    build, deploy = made.get("build"), dict(made.get("deploy") or {})
    if isinstance(build, str):
        made["build"] = {"buildCommand": build}
    if "start" in made:
        deploy["startCommand"] = made.pop("start")
    made["deploy"] = deploy
    return made
