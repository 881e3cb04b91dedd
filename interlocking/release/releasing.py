"""A release: code together with the migrations that it needs, in an order that is safe for what serves meanwhile.

Every step is written into the journal before it begins, so that after a death at any point the next task knows what
happened and takes the temporary command out again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from interlocking.checks import Check
from interlocking.environment import Project
from interlocking.errors import InterlockingError
from interlocking.plan import Event, Plan, Progress, Step
from interlocking.railway.answers import deploy_message
from interlocking.railway.health import health_url
from interlocking.railway.verdicts import Verdict
from interlocking.railway.waiting import wait_for
from interlocking.release.migrating import Options, mark, mark_steps, path_of, undo_of, verify_environment
from interlocking.release.overrides import Applied, Overrides
from interlocking.release.planning import PlannedOverride
from interlocking.release.production import Production, Survey
from interlocking.release.saving import Saved, save_first, saving_steps
from interlocking.release.watch import Watched, watch

TASK = "deploy.with-migrations"


@dataclass(frozen=True, slots=True)
class Release:
    """A release that could be carried out now.

    Args:
        project: the tree that is uploaded.
        production: where it goes.
        survey: how that stands.
        planned: the temporary command; None when no revision is pending, or it migrates by itself anyway.
        options: restore point and watch; direction and revision are those of an upgrade to head.
        redeploy: deploy once more without the temporary command, which the running deployment would keep.
    """

    project: Project
    production: Production
    survey: Survey
    planned: PlannedOverride | None
    options: Options
    redeploy: bool = False

    @property
    def deploys_again(self) -> bool:
        """Whether one more deployment follows, without the temporary command."""
        return self.planned is not None and (self.redeploy or self.planned.door.deploys)

    @property
    def plan(self) -> Plan:
        """The steps, in their order."""
        backend = self.production.services.backend.name
        pending = path_of(self.production, self.survey, self.options)
        graph, planned = self.production.graph, self.planned
        migrations = "\n".join(f"{id_}  {graph.revisions[id_].message}" for id_ in pending) or "no revision is pending"
        deployed = Step(
            f"upload this tree to {backend}, and wait until it is live", migrations, "invoke deploy.rollback"
        )
        proof = Step(
            "prove that the database is at head, and that the application answers",
            undo=undo_of(self.production, self.survey, self.options) if pending else "",
        )
        steps = mark_steps(self.production, self.survey)
        steps += saving_steps(self.options.backup, self.production, self.options.backups)
        steps += [*(planned.steps if planned else ()), deployed, proof]
        if planned:
            steps.append(Step(f"put the original {planned.kind.replace('-', ' ')} back", planned.before))
        if self.deploys_again:
            steps.append(Step(f"deploy {backend} once more, without the temporary command"))
        if self.options.watch:
            steps.append(Step(f"watch log and health for {self.options.watch:g} s"))
        return Plan(f"release to {self.production.environment}", self.production.target, tuple(steps))


@dataclass(slots=True)
class Released:
    """What became of a release.

    Args:
        environment: where.
        before: the revisions that the database was at.
        after: those that it is at.
        saved: what can be gone back to.
        verdicts: of every deployment, in order.
        checks: the verification; empty when the deployment did not come to live.
        reverted: how the original command came back; empty when none was changed.
        carries_override: whether what serves was built with the temporary command.
        watched: what was seen afterwards; None when nobody watched.
        undo: what takes the migrations back; empty when there were none.
    """

    environment: str
    before: tuple[str, ...]
    after: tuple[str, ...] = ()
    saved: Saved = field(default_factory=Saved)
    verdicts: list[Verdict] = field(default_factory=list)
    checks: tuple[Check, ...] = ()
    reverted: str = ""
    carries_override: bool = False
    watched: Watched | None = None
    undo: str = ""

    @property
    def ok(self) -> bool:
        """Whether the new code is live, the database at head, and the application answers."""
        lives = bool(self.verdicts) and all(verdict.ok for verdict in self.verdicts)
        answers = self.watched is None or self.watched.ok
        return lives and answers and all(check.verdict != "fail" for check in self.checks)


def carry_out(release: Release, overrides: Overrides, progress: Progress) -> Released:
    """Carry out a release; the temporary command is taken out again whatever happens in between.

    Raises:
        InterlockingError: it stopped; the database and what serves are as the message says.
    """
    with overrides.journal.hold(TASK):
        return _Performance(release, overrides, progress).run()


class _Performance:
    """One release while it happens."""

    def __init__(self, release: Release, overrides: Overrides, progress: Progress) -> None:
        self._release = release
        self._overrides = overrides
        self._progress = progress
        self._cli = release.production.cli
        self._backend = release.production.services.backend.name
        self._result = Released(release.production.environment, release.survey.position.current)

    def run(self) -> Released:
        release, result = self._release, self._result
        mark(release.production, release.survey)
        if release.options.backup != "none":
            with self._step("take the restore point"):
                result.saved = save_first(
                    release.options.backup,
                    release.project,
                    release.production,
                    release.options.backups,
                    self._progress,
                )
        self._with_override()
        result.after = release.production.reach.current()
        if result.after != result.before:
            result.undo = undo_of(release.production, release.survey, release.options)
        if release.options.watch and result.ok:
            self._watch()
        return result

    def _with_override(self) -> None:
        planned = self._release.planned
        if planned is None:
            self._deploy_and_verify()
            return
        with self._step(f"set the temporary command in {planned.door.target}"):
            applied = self._overrides.apply(planned, task=TASK, hold=False)
        try:
            if self._lives(applied.deployment, "wait for the deployment of the temporary command"):
                self._deploy_and_verify()
        except BaseException:
            self._revert_in_trouble(applied)
            raise
        self._revert(applied)

    def _deploy_and_verify(self) -> None:
        if self._upload("migrations and code"):
            self._result.carries_override = self._release.planned is not None
            with self._step("verify revision, indexes, models and health"):
                self._result.checks = verify_environment(self._release.production, expect_head=True)

    def _upload(self, note: str) -> bool:
        with self._step(f"upload the tree to {self._backend}"):
            message = deploy_message(self._release.survey.tree.commit or "unknown", note)
            upload = self._cli.up(self._backend, folder=self._release.project.root, message=message)
        return self._lives(upload.deployment_id, f"wait for deployment {upload.deployment_id}")

    def _lives(self, deployment: str, title: str) -> bool:
        """Wait for a deployment, if there is one, and keep its verdict."""
        if not deployment:
            return True
        with self._step(title):
            verdict = wait_for(self._cli, self._backend, deployment)
        self._result.verdicts.append(verdict)
        if not verdict.ok:
            self._progress(Event("failed", verdict.words))
        return verdict.ok

    def _revert(self, applied: Applied) -> None:
        with self._step("put the original command back"):
            reverted = self._overrides.revert(applied.change, task=TASK)
        self._result.reverted = reverted.how
        if reverted.deployment:
            lives = self._lives(reverted.deployment, "wait for the deployment without the temporary command")
        else:
            lives = self._release.redeploy and self._result.ok and self._upload("without the temporary command")
        if lives:
            self._result.carries_override = False

    def _revert_in_trouble(self, applied: Applied) -> None:
        """Put the original back while another error is on its way up: that one is what the person must see."""
        try:
            self._result.reverted = self._overrides.revert(applied.change, task=TASK).how
            self._progress(Event("done", "the original command stands there again"))
        except InterlockingError as error:
            self._progress(Event("failed", f"{error.message}; next: {error.next}"))

    def _watch(self) -> None:
        seconds = self._release.options.watch
        with self._step(f"watch log and health for {seconds:g} s"):
            self._result.watched = watch(
                self._cli,
                service=self._backend,
                deployment_id=self._result.verdicts[-1].deployment_id,
                health_url=health_url(self._cli, self._release.production.services.backend),
                seconds=seconds,
                progress=self._progress,
            )

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        """Tell a step, to the journal before it begins, to the person when it is done."""
        self._overrides.journal.note(TASK, f"begin: {title}")
        self._progress(Event("started", title))
        began = time.monotonic()
        yield
        self._overrides.journal.note(TASK, f"done: {title}")
        self._progress(Event("done", title, seconds=time.monotonic() - began))
