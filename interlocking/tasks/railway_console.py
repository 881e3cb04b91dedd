"""The body of `railway.console`: migrating by hand in the dashboard, with every answer that is expected."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass

from interlocking.console.report import Line, Report, Span, line
from interlocking.environment import Project
from interlocking.release.commands import migrate_command, migration_tool
from interlocking.revisions.graph import Graph
from interlocking.tasks.edge import Suite
from interlocking.upgrade.status import load_graph

_WHERE = (
    "open the project in Railway's dashboard (https://railway.com/dashboard)",
    "open the backend's service, then its console (on older dashboards: Deploy, then Command)",
    "the code that is deployed there is what migrates: deploy first, then paste these one at a time",
)


@dataclass(frozen=True, slots=True)
class Paste:
    """One line for the console.

    Args:
        line: what to paste.
        expect: what it has to answer.
    """

    line: str
    expect: str


def console(suite: Suite) -> Report:
    """Return the lines to paste, made from the revision files of this tree."""
    graph = load_graph(suite.project)
    pastes = _pastes(suite.project, graph)
    lines = [line(Span(f"{number}. ", "dim"), text) for number, text in enumerate(_WHERE, 1)]
    for each in pastes:
        lines += [line(""), line("    ", Span(each.line, "bold")), *_expected(each)]
    data = {"where": list(_WHERE), "heads": list(graph.heads), "lines": [asdict(each) for each in pastes]}
    return Report(data=data, lines=lines, next="invoke deploy.status")


def _pastes(project: Project, graph: Graph) -> list[Paste]:
    tool = shlex.join(migration_tool(project))
    head = ", ".join(graph.heads)
    pastes = [Paste(f"export FLASK_APP={project.settings.app}", "nothing")] if project.uses_flask else []
    return [
        *pastes,
        Paste(f"{tool} current", f"the revision now; {head} (head) means that all is applied, and you are done"),
        Paste(f"{tool} heads", f"{head} (head); anything else: this commit is not deployed yet, so stop here"),
        Paste(migrate_command(project), _upgrade_answers(graph)),
        Paste(f"{tool} current", f"{head} (head)"),
    ]


def _upgrade_answers(graph: Graph) -> str:
    if not graph.heads:
        return "nothing: there are no revisions yet"
    newest = graph.revisions[graph.heads[0]]
    before = ", ".join(newest.down_revisions) or ""
    return f"one line a pending revision, the last of them: Running upgrade {before} -> {newest.id}, {newest.message}"


def _expected(paste: Paste) -> list[Line]:
    return [line("    ", Span("answers: ", "dim"), paste.expect)]
