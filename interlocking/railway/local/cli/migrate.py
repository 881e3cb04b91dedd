"""`config migrate`, as lossy for Python as the real one: three settings, and an import that does not exist."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from interlocking.railway.local.cli import changes
from interlocking.railway.local.cli.arguments import Command, flag
from interlocking.railway.local.cli.call import Call
from interlocking.railway.local.cli.errors import CliError
from interlocking.railway.local.cli.target import linked
from interlocking.railway.local.entities import Json

_LANGUAGES = ("ts", "py", "go")
_QUOTED_NUMBERS = ("overlapSeconds", "drainingSeconds")
_FLAGS = (
    flag("--apply"),
    flag("--force"),
    flag("--delete-files"),
    flag("--service", takes=1),
    flag("--lang", takes=1),
)


def _migrate(call: Call) -> int:
    language = call.arguments.text("lang") or "ts"
    if language not in _LANGUAGES:
        raise CliError("--lang must be one of: ts, py, go")
    if call.arguments.on("delete-files") and not call.arguments.on("apply"):
        raise CliError("--delete-files requires --apply.")
    file = _find(call.cwd)
    if file is None:
        raise CliError("No railway.json or railway.toml found in this directory or its parents.")
    document = _parse(file)
    name = call.arguments.text("service") or call.cwd.name
    call.out.note(f"Found {file}\nMigrating service {name}")
    source = _python(name, document) if language == "py" else _typescript(name, document)
    if call.arguments.on("apply"):
        _write(call, call.cwd / ".railway" / f"railway.{language}", source, file)
    else:
        call.out.line(source)
        call.out.note("This was a dry run. Pass --apply to write the file.")
    return 0


def _find(cwd: Path) -> Path | None:
    folders = (cwd, *cwd.parents)
    return next(
        (path for each in folders for name in ("toml", "json") if (path := each / f"railway.{name}").is_file()), None
    )


def _parse(file: Path) -> Json:
    if file.suffix == ".json":
        return dict(json.loads(file.read_text(encoding="utf-8")))
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CliError(f"Failed to parse TOML {file}", causes=[str(error)]) from error
    quoted = [key for key in _QUOTED_NUMBERS if isinstance(document.get("deploy", {}).get(key), str)]
    if quoted:
        cause = f"invalid type: string, expected i64 for key `deploy.{quoted[0]}`"
        raise CliError(f"Failed to parse TOML {file}", causes=[cause])
    return document


def _settings(document: Json) -> dict[str, str]:
    build, deploy = document.get("build", {}), document.get("deploy", {})
    found = {
        "build": build.get("buildCommand"),
        "start": deploy.get("startCommand"),
        "healthcheck": deploy.get("healthcheckPath"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _python(name: str, document: Json) -> str:
    lines = "".join(f"                {key}={value!r},\n" for key, value in _settings(document).items())
    return (
        "from railway_iac import define_railway, project, service\n\n\n"
        "@define_railway\ndef main(ctx=None):\n"
        f"    return project(\n        {name!r},\n        resources=[\n            service(\n"
        f"                {name!r},\n"
        f"{lines}            ),\n        ],\n    )\n"
    )


def _typescript(name: str, document: Json) -> str:
    lines = "".join(f"    {key}: {json.dumps(value)},\n" for key, value in _settings(document).items())
    head = 'import { defineRailway, project, service } from "railway/iac";\n\n'
    return (
        f'{head}export default defineRailway(() => project("{name}", [\n  service("{name}", {{\n{lines}  }}),\n]));\n'
    )


def _write(call: Call, path: Path, source: str, file: Path) -> None:
    if path.exists() and not call.arguments.on("force"):
        raise CliError(f"{path} already exists. Pass --force to overwrite, or merge the dry-run output manually.")
    path.parent.mkdir(exist_ok=True)
    path.write_text(source, encoding="utf-8")
    found = linked(call.state, call.cwd)
    if found and found[1].environment and found[1].service:
        patch = {"services": {found[1].service: {"configFile": None}}}
        changes.commit(call.world, found[1].environment, patch, deploy=False)
    else:
        call.out.note("warning: No service is linked; its config file setting was not cleared.")
    if call.arguments.on("delete-files"):
        file.unlink()


MIGRATE = Command(_migrate, _FLAGS)
