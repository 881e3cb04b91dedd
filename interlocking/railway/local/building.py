"""The steps before a deployment starts: watch patterns, build, pre-deploy command.

Source: https://docs.railway.com/deployments/pre-deploy-command
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from interlocking.railway.local import images
from interlocking.railway.local.history import serving
from interlocking.railway.local.job import FailedError, Job, container_environment

_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Image:
    """What containers are made of.

    Args:
        tree: its files; containers get copies.
        start_command: the shell line that starts the service.
    """

    tree: Path
    start_command: str


def take_stock(job: Job, tree: Path) -> None:
    """Write down what the tree holds, for `is_skipped` of this deployment and of later ones."""
    (job.folder / _MANIFEST).write_text(json.dumps(images.manifest(tree)), encoding="utf-8")


def is_skipped(job: Job) -> bool:
    """Whether no file changed that the watch patterns mean since the deployment that serves; the log says so.

    Only uploads are skipped: a redeploy, or a change of settings, is wanted although no file changed.
    """
    former = serving(job.state, job.deployment.environment, job.deployment.service)
    is_upload = (job.deployment.meta or {}).get("reason", "deploy") == "deploy"
    if not job.config.watch_patterns or former is None or not is_upload:
        return False
    changed = images.changed(_files(job, former.id), _files(job, job.deployment.id))
    if images.matching(changed, job.config.watch_patterns):
        return False
    job.record.writer("build")("No changed files matched patterns: " + ", ".join(job.config.watch_patterns), "info")
    return True


def build(job: Job, tree: Path) -> Image:
    """Make the image, or take the one that was made of the same things.

    Raises:
        FailedError: the build failed.
        SupersededError: the deployment does not count any more.
    """
    if (tree / job.root_directory / "Dockerfile").is_file() or job.config.builder == "DOCKERFILE":
        raise FailedError("Local Railway builds no Dockerfile", "build")
    with job.world.change() as state:
        fails = state.trap("build") == "fails"
    if fails:
        raise FailedError("Build failed", "build")
    built = _built(job, tree) if job.config.build_command else tree
    start = job.config.start_command or images.detected_start_command(built / job.root_directory)
    if start is None:
        raise FailedError("No start command was found", "build")
    return Image(built, start)


def pre_deploy(job: Job, image: Image) -> None:
    """Run the pre-deploy command, if there is one, in a container of its own whose files are lost afterwards.

    Raises:
        FailedError: it failed, or ran out of its time.
        SupersededError: the deployment does not count any more.
    """
    if job.config.pre_deploy_command is None:
        return
    folder = images.copy(image.tree, job.folder / "pre-deploy")
    variables = container_environment(job.state, job.deployment)
    recipe = job.recipe("pre-deploy", job.config.pre_deploy_command, folder, "deploy", variables)
    try:
        status = job.run(recipe, timeout_s=job.config.pre_deploy_timeout_s)
    finally:
        shutil.rmtree(folder)
    if status is None:
        raise FailedError(f"Pre-deploy command timed out after {job.config.pre_deploy_timeout_s} seconds")
    if status != 0:
        raise FailedError(f"Pre-deploy command failed with exit code {status}")


def _built(job: Job, tree: Path) -> Path:
    command, variables = job.config.build_command or "", job.variables()
    image = job.world.folder / "images" / images.image_name(_files(job, job.deployment.id), command, variables)
    if not image.is_dir():
        draft = images.copy(tree, image.with_name(f"{job.deployment.id}.draft"))
        try:
            _run_build(job, command, draft, variables)
            _keep(draft, image)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return image


def _run_build(job: Job, command: str, draft: Path, variables: Mapping[str, str]) -> None:
    """Run the build command; what package managers fetch is kept for the whole world."""
    cache = job.world.folder / "cache"
    cache.mkdir(exist_ok=True)
    status = job.run(job.recipe("build", command, draft, "build", {**variables, "HOME": str(cache)}))
    if status != 0:
        raise FailedError(f"Build failed: the build command ended with status {status}", "build")


def _keep(draft: Path, image: Path) -> None:
    try:
        draft.rename(image)
    except OSError:
        if not image.is_dir():  # somebody else has made the same meanwhile
            raise


def _files(job: Job, deployment: str) -> Mapping[str, str]:
    """Return what the tree of a deployment held; nothing when it never came that far."""
    path = job.world.folder_of(deployment) / _MANIFEST
    files: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return files
