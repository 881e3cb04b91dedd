"""Reviews revisions: reads them, gathers what is known around them, lets the rules judge, says what came out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from interlocking.environment import Project
from interlocking.errors import UsageError
from interlocking.review.code import Code, read_code
from interlocking.review.context import Context, Database, Size
from interlocking.review.envpy import read_environment
from interlocking.review.files import locations_of, text_of
from interlocking.review.kept import Results
from interlocking.review.lint_settings import LintSettings, lint_settings
from interlocking.review.model import Finding, Reading, Statement
from interlocking.review.reading import read_revisions
from interlocking.review.result import Review
from interlocking.review.squawk import Opinion, SquawkMissingError, ask_squawk
from interlocking.review.statistics import parse_statistics
from interlocking.revisions.graph import Graph
from interlocking.revisions.order import newest_first


@dataclass(frozen=True, slots=True)
class Live:
    """What a database at hand tells a review.

    Attributes:
        server_version: its major version.
        applied: the revisions that it has.
        seed: its tables, columns, constraints and so on, for the rules.
        sizes: of its tables; only production's own tell how long a lock is held.
        database: answers questions about its rows.
    """

    server_version: int
    applied: frozenset[str] = frozenset()
    seed: object | None = None
    sizes: Mapping[str, Size] = field(default_factory=dict)
    database: Database | None = None


def review(
    project: Project, graph: Graph, ids: Collection[str], *, one_release: bool = True, live: Live | None = None
) -> Review:
    """Review revisions.

    Args:
        project: whose they are.
        graph: the revision files.
        ids: what is reviewed.
        one_release: they reach production together; False: each by itself, as in an old history.
        live: what the database at hand tells.

    Raises:
        UsageError: a setting or the statistics file is wrong.
    """
    order = tuple(reversed(newest_first(graph, graph.ancestors(ids))))
    chosen = tuple(id_ for id_ in order if id_ in set(ids))
    return _Reviewing(project, graph, lint_settings(project), one_release=one_release, live=live).run(order, chosen)


def lint(
    project: Project,
    load: Callable[[], Graph],
    choose: Callable[[Graph], Collection[str]],
    *,
    selection: Sequence[str],
    one_release: bool,
) -> Review:
    """Review revisions without a database; while no file has changed, the result of last time is given again.

    Args:
        project: whose they are.
        load: reads the revision files.
        choose: returns what is reviewed.
        selection: what `choose` goes by.
        one_release: as in `review`.

    Raises:
        UsageError: a setting or the statistics file is wrong, or `load` and `choose` say so.
    """
    results = Results(project, lint_settings(project), selection, one_release=one_release)
    if kept := results.kept():
        return kept
    graph = load()
    return results.keep(review(project, graph, choose(graph), one_release=one_release))


class _Reviewing:
    """One review."""

    def __init__(
        self, project: Project, graph: Graph, settings: LintSettings, *, one_release: bool, live: Live | None
    ) -> None:
        self._project = project
        self._graph = graph
        self._settings = settings
        self._one_release = one_release
        self._live = live
        self._notes: list[str] = []

    def run(self, order: Sequence[str], chosen: Sequence[str]) -> Review:
        """Review `chosen`; `order` is all that comes before them, and they."""
        from interlocking.review.rules import HAZARDS, judge  # noqa: PLC0415 - a warm run judges nothing
        from interlocking.review.verdict import conclude, require_known  # noqa: PLC0415

        require_known(self._settings, HAZARDS)
        version = self._live.server_version if self._live else self._settings.postgres
        wanted = chosen if self._live and self._live.seed is not None else order
        readings = read_revisions(
            self._project, [self._graph.revisions[id_] for id_ in wanted], self._settings, server_version=version
        )
        judged = [readings[id_] for id_ in chosen]
        with ThreadPoolExecutor(1) as beside:
            opinions = beside.submit(self._ask_squawk, judged, version)
            history = [readings[id_] for id_ in wanted if id_ not in set(chosen)]
            judgement = judge(history, judged, self._context(chosen, version))
            findings = self._joined(judgement.findings, opinions)
        concluded, unread = conclude(judged, findings, self._settings, HAZARDS)
        return Review(tuple(chosen), concluded, unread, tuple(self._notes), tuple(judged), judgement.phases)

    def _context(self, chosen: Sequence[str], version: int) -> Context:
        environment = locations_of(self._project).environment.resolve()
        said = read_environment(text_of(environment / "env.py"))
        code = self._code(environment)
        sizes = dict(self._live.sizes) if self._live else {}
        return Context(
            judged=tuple(chosen),
            one_release=self._one_release,
            transaction_mode=said.transaction_mode,
            has_lock_timeout=said.has_lock_timeout,
            server_version=version,
            deployed=code.deployed,
            models=code.models,
            sizes={**sizes, **_statistics(self._project, self._settings)},
            database=self._live.database if self._live else None,
            seed=self._live.seed if self._live else None,
            applied=self._live.applied if self._live else frozenset(),
            settings=self._settings,
        )

    def _code(self, environment: Path) -> Code:
        root = self._project.root.resolve()
        code = read_code(
            root, folders=self._settings.models, migrations=environment, main_branch=self._settings.main_branch
        )
        if code.models and code.problem:
            self._notes.append(f"the deployed models are not known: {code.problem}")
        return code

    def _ask_squawk(self, judged: Sequence[Reading], version: int) -> tuple[list[Statement], tuple[Opinion, ...]]:
        if not self._settings.squawk:
            return [], ()
        statements = [each for reading in judged for each in (*reading.upgrade, *reading.downgrade)]
        return statements, ask_squawk(statements, self._settings, server_version=version)

    def _joined(
        self,
        findings: Sequence[Finding],
        opinions: Future[tuple[list[Statement], tuple[Opinion, ...]]],
    ) -> Sequence[Finding]:
        from interlocking.review.opinions import join  # noqa: PLC0415 - a warm run joins nothing

        try:
            statements, said = opinions.result()
        except SquawkMissingError as error:
            self._notes.append(f"no second opinion: {error}")
            return findings
        return join(findings, said, statements, self._settings)


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
