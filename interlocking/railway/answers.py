"""Reading what the CLI prints. Pure, and tolerant: unknown keys are passed over, unknown words are kept.

The CLI is released every day or so, and its JSON has changed before; an answer that lacks what we need is an
error of its own, never a guess.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from interlocking.errors import UnavailableError
from interlocking.railway.results import (
    Deployment,
    Edit,
    Environment,
    LogLine,
    ProjectStatus,
    Service,
    ServiceConfiguration,
    Upload,
    VolumeBackup,
)

_VERSION = re.compile(r"^railway\s+v?(\d+(?:\.\d+)+)", re.MULTILINE)
_UNKNOWN_STATUS = re.compile(r'Other\("(.*)"\)')  # how the CLI prints a status that it does not know itself
_COMMIT = re.compile(r"\bcommit ([0-9a-f]{7,40})\b")
_MESSAGE_KEYS = ("cliMessage", "message", "commitMessage")

Answer = Mapping[str, Any]


def deploy_message(commit: str, note: str) -> str:
    """Return the message of an upload: it is the only place where an uploaded tree can say which commit it is.

    Args:
        commit: the full hash.
        note: what the release is, in a few words.
    """
    return f"{note} (commit {commit})"


def version(stdout: str) -> str:
    """Return `5.43.1` from `railway 5.43.1`; empty when it is something else."""
    found = _VERSION.search(stdout)
    return found[1] if found else ""


def document(stdout: str, *, asked: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the one JSON document on stdout.

    Args:
        stdout: what the CLI printed there.
        asked: the command, for the error.

    Raises:
        UnavailableError: it is none; what was printed is not repeated, because it may hold secrets.
    """
    try:
        return json.loads(stdout)
    except ValueError:
        raise unexpected(asked, "printed no JSON" if stdout.strip() else "printed nothing") from None


def unexpected(asked: str, what: str) -> UnavailableError:
    """Return the error of an answer that cannot be understood."""
    return UnavailableError(
        f"railway {asked} {what}",
        code="railway-answer",
        why="this version of the CLI answers in a form that is not known here",
        next="railway upgrade; if that does not help, invoke railway.check",
    )


def ndjson(stdout: str) -> Iterator[Answer]:
    """Yield the objects of a stream of JSON lines; a line that is none is passed over."""
    for line in stdout.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value


def deployments(answer: object) -> tuple[Deployment, ...]:
    """Read `deployment list --json`."""
    return tuple(_deployment(each) for each in _objects(answer) if each.get("id"))


def services(answer: object) -> tuple[Service, ...]:
    """Read `service list --json`."""
    return tuple(_service(each) for each in _objects(answer) if each.get("id"))


def project_status(answer: Answer, *, environment: str) -> ProjectStatus | None:
    """Read `status --json`; None when the environment is not in it.

    Args:
        answer: the project object.
        environment: the name or id of the one that is meant; a name in another case is found too.
    """
    named = [Environment(_text(each, "id"), _text(each, "name")) for each in _nodes(answer, "environments")]
    wanted = environment.lower()
    found = next((each for each in named if wanted in (each.id.lower(), each.name.lower())), None)
    if found is None:
        return None
    return ProjectStatus(
        id=_text(answer, "id"),
        name=_text(answer, "name"),
        workspace=_text(_object(answer, "workspace"), "name"),
        environment=found,
        services={_text(each, "id"): _text(each, "name") for each in _nodes(answer, "services")},
    )


def upload(stdout: str, *, asked: str) -> Upload:
    """Read `up --detach --json`: one line with the deployment's id.

    Raises:
        UnavailableError: there is no id, so nothing is known about a deployment.
    """
    found = next((each for each in ndjson(stdout) if each.get("deploymentId")), None)
    if found is None:
        raise unexpected(asked, "accepted the upload and named no deployment")
    return Upload(_text(found, "deploymentId"), _text(found, "logsUrl"))


def log_lines(stdout: str) -> tuple[LogLine, ...]:
    """Read `logs --json`."""
    return tuple(
        LogLine(_text(each, "timestamp"), _text(each, "message"), _text(each, "level"))
        for each in ndjson(stdout)
        if "message" in each
    )


def configuration(answer: Answer) -> dict[str, ServiceConfiguration]:
    """Read `environment config --json`: each service's configuration by its id; the variables' values stay behind."""
    return {
        name: _configuration(each)
        for name, each in _object(answer, "services").items()
        if isinstance(each, dict) and not each.get("isDeleted")
    }


def edit(answer: Answer) -> Edit | None:
    """Read `environment edit --json`; None unless `committed` says that it happened."""
    if answer.get("committed") is not True:
        return None
    return Edit(_text(answer, "environmentId"), _text(answer, "environmentName"), _text(answer, "message"))


def backups(answer: object) -> tuple[VolumeBackup, ...]:
    """Read `postgres pitr backup list --json`."""
    return tuple(
        VolumeBackup(
            id=_text(each, "id"),
            name=_text(each, "name"),
            created_at=_text(each, "createdAt"),
            expires_at=_text(each, "expiresAt"),
            megabytes=_number(each, "usedMB", "referencedMB"),
        )
        for each in _objects(answer)
        if each.get("id")
    )


def json_failure(stdout: str) -> tuple[str, str]:
    """Return code and text of the error line that `up` and `postgres` print on stdout; empty without one."""
    found = next((each for each in ndjson(stdout) if each.get("error")), {})
    return _text(found, "code"), _text(found, "error")


def _deployment(each: Answer) -> Deployment:
    meta = _object(each, "meta")
    message = next((text for key in _MESSAGE_KEYS if (text := _text(meta, key))), "")
    named = _COMMIT.search(message)
    commit = _text(meta, "commitHash") or (named[1] if named else "")
    return Deployment(_text(each, "id"), _status(each), _text(each, "createdAt"), message, commit)


def _service(each: Answer) -> Service:
    source, replicas, latest = _object(each, "source"), _object(each, "replicas"), _object(each, "latestDeployment")
    configured = replicas.get("configured")
    return Service(
        id=_text(each, "id"),
        name=_text(each, "name"),
        status=_status(each),
        deployment_id=_text(each, "deploymentId"),
        latest=_deployment(latest) if latest else None,
        url=_with_scheme(_text(each, "url")),
        volumes=tuple(_text(volume, "mountPath") for volume in _objects(each.get("volumes"))),
        image=_text(source, "image"),
        repo=_text(source, "repo"),
        replicas=configured if isinstance(configured, int) else None,
    )


def _configuration(each: Answer) -> ServiceConfiguration:
    deploy = _object(each, "deploy")
    start, before = deploy.get("startCommand"), deploy.get("preDeployCommand")
    return ServiceConfiguration(
        start_command=start if isinstance(start, str) else None,
        pre_deploy_command=(before,) if isinstance(before, str) and before else tuple(before or ()),
        healthcheck_path=_text(deploy, "healthcheckPath"),
        root_directory=_text(_object(each, "source"), "rootDirectory"),
        config_file=_text(each, "configFile"),
        variables=tuple(sorted(_object(each, "variables"))),
        raw={name: value for name, value in each.items() if name != "variables"},
    )


def _status(each: Answer) -> str:
    status = _text(each, "status")
    unknown = _UNKNOWN_STATUS.fullmatch(status)
    return unknown[1] if unknown else status


def _with_scheme(address: str) -> str:
    return address if not address or "://" in address else f"https://{address}"


def _nodes(answer: Answer, name: str) -> Iterator[Answer]:
    for edge in _objects(_object(answer, name).get("edges")):
        yield _object(edge, "node")


def _objects(value: object) -> list[Answer]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object(answer: Answer, name: str) -> Answer:
    value = answer.get(name)
    return value if isinstance(value, dict) else {}


def _text(answer: Answer, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _number(answer: Answer, *names: str) -> float | None:
    return next((float(value) for name in names if isinstance(value := answer.get(name), int | float)), None)
