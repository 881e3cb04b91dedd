"""Reviews revisions: reads them, gathers what is known around them, lets the rules judge, says what came out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from interlocking.environment import Project
from interlocking.errors import UsageError
from interlocking.review.context import Context, Size
from interlocking.review.files import read_text, text_of
from interlocking.review.lint_settings import LintSettings, is_stated, lint_settings
from interlocking.review.model import Finding, Reading
from interlocking.review.opinions import join
from interlocking.review.reading.making import writes_downgrade
from interlocking.review.reading.rendering import Ahead
from interlocking.review.reading.revisions import read_revisions
from interlocking.review.result import Review
from interlocking.review.rules import HAZARDS, judge
from interlocking.review.squawk import SquawkMissingError, ask_squawk
from interlocking.review.surroundings.code import Code, read_code
from interlocking.review.surroundings.envpy import read_environment
from interlocking.review.surroundings.statistics import parse_statistics
from interlocking.review.verdict import conclude, require_known
from interlocking.revisions.directory import Locations, locations_of
from interlocking.revisions.graph import Graph
from interlocking.revisions.order import newest_first

if TYPE_CHECKING:
    from interlocking.review.schema.live import Live  # a review without a database needs no driver


def review(
    project: Project,
    graph: Graph,
    ids: Collection[str],
    *,
    one_release: bool = True,
    deployed_first: bool = False,
    live: Live | None = None,
    applied: Collection[str] = (),
    ahead: Ahead | None = None,
) -> Review:
    """Review revisions.

    Args:
        project: whose they are.
        graph: the revision files.
        ids: what is reviewed.
        one_release: they reach production together; False: each by itself, as in an old history.
        deployed_first: see `Context.deployed_first`.
        live: what the database at hand says; it must stand right before the first of `ids`.
        applied: the revisions that this database has.
        ahead: a child that was started ahead.

    Raises:
        UsageError: a setting or the statistics file is wrong.
    """
    order = tuple(reversed(newest_first(graph, graph.ancestors(ids))))
    chosen = tuple(id_ for id_ in order if id_ in set(ids))
    reviewing = _Reviewing(project, graph, lint_settings(project), live=live, applied=frozenset(applied))
    return reviewing.run(order, chosen, one_release=one_release, deployed_first=deployed_first, ahead=ahead)


class _Reviewing:
    """One review."""

    def __init__(
        self, project: Project, graph: Graph, settings: LintSettings, *, live: Live | None, applied: frozenset[str]
    ) -> None:
        self._project = project
        self._graph = graph
        self._settings = settings
        self._live = live
        self._applied = applied
        self._version = live.server_version if live else settings.postgres
        self._notes: list[str] = []
        self._read: list[Reading] = []

    def run(
        self,
        order: Sequence[str],
        chosen: Sequence[str],
        *,
        one_release: bool,
        deployed_first: bool,
        ahead: Ahead | None,
    ) -> Review:
        """Review `chosen`; `order` is all that comes before them, and they.

        The rules take the readings as they come: the child reads on while one is judged.
        """
        require_known(self._settings, HAZARDS)
        if not self._graph.revisions:
            self._notes.append(_nothing_in(locations_of(self._project)))
        wanted = [self._graph.revisions[id_] for id_ in (chosen if self._live else order)]
        earlier = [self._graph.revisions[id_] for id_ in order if self._live and id_ not in chosen]
        context = replace(
            self._context(chosen, one_release=one_release),
            deployed_first=deployed_first,
            downgrades_before=any(writes_downgrade(read_text(each.path)) for each in earlier),
        )
        readings = read_revisions(self._project, wanted, self._settings, server_version=self._version, ahead=ahead)
        last_known = len(wanted) - len(chosen)
        judgement = judge(islice(readings, last_known), self._remembered(readings), context)
        findings = self._with_squawk(judgement.findings)
        concluded, unread = conclude(self._read, findings, self._settings, HAZARDS)
        return Review(tuple(chosen), concluded, unread, tuple(self._notes), tuple(self._read), judgement.phases)

    def _remembered(self, readings: Iterator[Reading]) -> Iterator[Reading]:
        for reading in readings:
            self._read.append(reading)
            yield reading

    def _context(self, chosen: Sequence[str], *, one_release: bool) -> Context:
        environment = locations_of(self._project).environment.resolve()
        said = read_environment(text_of(environment / "env.py"))
        code = self._code(environment)
        return Context(
            judged=tuple(chosen),
            one_release=one_release,
            transaction_mode=said.transaction_mode,
            env_commits=said.commits,
            env_autocommit=said.autocommit,
            has_lock_timeout=said.has_lock_timeout,
            server_version=self._version,
            version_stated=bool(self._live) or is_stated(self._project, "postgres"),
            deployed=code.deployed,
            models=code.models,
            sizes={**(self._live.sizes if self._live else {}), **_statistics(self._project, self._settings)},
            database=self._live.database if self._live else None,
            seed=self._live.seed if self._live else None,
            applied=self._applied,
            settings=self._settings,
        )

    def _code(self, environment: Path) -> Code:
        root = self._project.root.resolve()
        code = read_code(
            root, folders=self._settings.models, migrations=environment, main_branch=self._settings.main_branch
        )
        if code.problem and self._settings.main_branch:
            self._notes.append(f"the deployed models are not known: {code.problem}")
        return code

    def _with_squawk(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Add what squawk says about the upgrades: nobody but us is asked about the way back."""
        if not self._settings.squawk:
            return findings
        statements = [statement for reading in self._read for statement in reading.upgrade]
        try:
            opinions = ask_squawk(statements, self._settings, server_version=self._version)
        except SquawkMissingError as error:
            self._notes.append(f"no second opinion: {error}")
            return findings
        return join(findings, opinions, statements, self._settings)


def _nothing_in(locations: Locations) -> str:
    """Say that there is nothing to review, lest a wrong folder looks like a clean history."""
    folders = ", ".join(str(folder) for folder in locations.folders)
    below = any(path.parent not in locations.folders for folder in locations.folders for path in folder.rglob("*.py"))
    hint = ", but in a folder below: `recursive_version_locations = true` or `version_locations` of Alembic" * below
    return f"there is no revision file in {folders}{hint}"


def _statistics(project: Project, settings: LintSettings) -> Mapping[str, Size]:
    if not settings.statistics:
        return {}
    path = project.root / settings.statistics
    if not path.is_file():
        raise UsageError(
            f"there is no statistics file {path}",
            code="bad-statistics",
            why="`statistics` in [tool.interlocking.lint] names it",
            next="write it with the query of docs/settings.md, or remove the setting",
        )
    return parse_statistics(text_of(path), name=settings.statistics)
