"""Which findings have one right answer, and what the files look like with it. Reads nothing, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from interlocking.review.fixes.case import Case, Later, Surroundings
from interlocking.review.fixes.columns import volatile_default
from interlocking.review.fixes.constraints import not_valid, unique
from interlocking.review.fixes.edits import Edits
from interlocking.review.fixes.following import following, place_of_work, re_pointed, render
from interlocking.review.fixes.indexes import concurrently
from interlocking.review.fixes.nullability import set_not_null
from interlocking.review.fixes.result import CannotFixError, Change, FileChange, Fixed, Fixes, Left
from interlocking.review.fixes.sites import Source, read_source
from interlocking.review.model import Finding, Reading, Statement
from interlocking.review.result import Review
from interlocking.revisions.graph import Graph
from interlocking.revisions.model import Revision
from interlocking.revisions.naming import revision_id
from interlocking.revisions.source import parse_revision

Recipe = Callable[[Case], "Later | tuple[Later, ...] | None"]

# In the order in which they are applied to one call: what changes the column comes before what it carried.
_RECIPES: Mapping[str, Recipe] = {
    "volatile-default": volatile_default,
    "unique-constraint": unique,
    "foreign-key-validated": not_valid,
    "check-validated": not_valid,
    "set-not-null": set_not_null,
    "index-not-concurrent": concurrently,
    "drop-index-not-concurrent": concurrently,
}
_FAILING = {
    "unique-over-duplicates": "values occur more than once: mend the rows first",
    "not-null-over-nulls": "rows hold NULL: fill them first",
    "constraint-violated": "rows break it: mend them first",
}


@dataclass(frozen=True)
class Question:
    """What is to be fixed.

    Attributes:
        review: of the revisions that may be changed; all of them pending.
        graph: all revisions.
        files: the bytes of the revision files, by path.
        root: the project's folder, for names.
        today: the date in the ids of new revisions.
        around: what is known around the revisions.
        taken: names of files that are there, without their ending.
        spared: revisions that are not touched, and why, a clause.
    """

    review: Review
    graph: Graph
    files: Mapping[Path, bytes]
    root: Path
    today: date
    around: Surroundings
    taken: Collection[str] = ()
    spared: Mapping[str, str] = field(default_factory=dict)


def is_candidate(finding: Finding) -> bool:
    """Say whether there is a recipe: it is about the way up, no mere remark, and nobody allowed it."""
    risky = finding.severity != "info" and not finding.suppressed
    return risky and finding.id in _RECIPES and finding.direction == "upgrade"


def find_fixes(question: Question) -> Fixes:
    """Return what fixing would do."""
    fixing = _Fixing(question)
    for reading in question.review.readings:
        fixing.revision(reading, [each for each in question.review.of(reading.revision) if is_candidate(each)])
    return fixing.result()


class _Fixing:
    """Goes through the revisions, oldest first."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._now = dict(question.files)
        self._taken = {
            *question.taken,
            *(name for each in question.graph.revisions.values() for name in (each.id, *each.branch_labels)),
        }
        self._chain: list[Path] = []
        self._rewritten: set[Path] = set()
        self._revisions: list[str] = []
        self._fixed: list[Fixed] = []
        self._left: list[Left] = []

    def revision(self, reading: Reading, findings: Sequence[Finding]) -> None:
        """Fix one revision, as far as it goes."""
        revision = self._question.graph.revisions[reading.revision]
        try:
            self._require_not_spared(revision.id, "")
            attempt = _Attempt(read_source(_plain(revision, self._now)), reading, self._question)
            attempt.try_all(findings)
            added = self._write(revision, attempt) if attempt.fixed else {}
        except CannotFixError as error:
            self._left += [Left(each, str(error)) for each in findings]
            return
        self._left += attempt.left
        for finding, work in attempt.fixed:
            places = {place_of_work(each) for each in work}
            self._fixed.append(Fixed(finding, (revision.id, *(added[each] for each in added if each in places))))

    def _write(self, revision: Revision, attempt: _Attempt) -> dict[tuple[int, str], str]:
        """Put the new text of a revision in its place, and the revisions that follow behind it.

        Returns:
            The ids of those, oldest first, by the place of the work in them.
        """
        now, path = dict(self._now), revision.path
        last = revision.id
        added: dict[tuple[int, str], str] = {}
        work, today = [each for _, works in attempt.fixed for each in works], self._question.today
        for new in following(work, attempt.base, self._question.around.transaction_mode):
            id_ = revision_id(new.message, today=today, taken={*self._taken, *added.values()})
            now[path.parent / f"{id_}.py"] = render(attempt.source.module, new, id_=id_, down=last, today=today)
            added[new.place] = last = id_
        for child in self._question.graph.children[revision.id] if added else ():
            self._require_not_spared(child, f"{child} comes behind it: ")
            place = self._question.graph.revisions[child]
            now[place.path] = re_pointed(_plain(place, now), revision.id, last)
        now[path] = attempt.edits.applied().bytes
        self._now = now
        self._taken.update(added.values())
        self._rewritten.add(path)
        self._chain += [path, *(path.parent / f"{id_}.py" for id_ in added.values())]
        self._revisions += [revision.id, *added.values()]
        return added

    def _require_not_spared(self, id_: str, which: str) -> None:
        if id_ in self._question.spared:
            raise CannotFixError(which + self._question.spared[id_])

    def result(self) -> Fixes:
        """Return what came of it."""
        re_pointed = [path for path in self._now if path not in self._chain and self._now[path] != self._before(path)]
        changes = [self._change(path, self._now[path]) for path in (*self._chain, *re_pointed)]
        return Fixes(tuple(changes), tuple(self._fixed), tuple(self._left), tuple(self._revisions))

    def _before(self, path: Path) -> bytes:
        return self._question.files.get(path, b"")

    def _change(self, path: Path, data: bytes) -> FileChange:
        change: Change = "rewritten" if path in self._rewritten else "re-pointed"
        name = (
            path.relative_to(self._question.root).as_posix() if path.is_relative_to(self._question.root) else str(path)
        )
        return FileChange(path, name, change if path in self._question.files else "written", self._before(path), data)


class _Attempt:
    """The recipes for one revision; one that gives up leaves no trace."""

    def __init__(self, source: Source, reading: Reading, question: Question) -> None:
        self.source = source
        self.edits = Edits(source)
        self.fixed: list[tuple[Finding, Sequence[Later]]] = []
        self.left: list[Left] = []
        self.base = "op"
        self._reading = reading
        self._question = question

    def try_all(self, findings: Sequence[Finding]) -> None:
        """Try the recipe of each finding."""
        order = list(_RECIPES)
        for finding in sorted(findings, key=lambda each: order.index(each.id)):
            try:
                self.fixed.append((finding, self._try(finding)))
            except CannotFixError as error:
                self.left.append(Left(finding, str(error)))

    def _try(self, finding: Finding) -> Sequence[Later]:
        if not finding.fixable:
            raise CannotFixError("the table is partitioned")
        statement = self._statement(finding)
        self._require_rows_fit(finding)
        edits = self.edits.copied()
        site = self.source.site("upgrade", finding.line, statement.operation.name)
        case = Case(finding, statement, site, self.source, self._reading, edits, self._question.around)
        work = _RECIPES[finding.id](case)
        self.edits, self.base = edits, site.base
        return (work,) if isinstance(work, Later) else work or ()

    def _statement(self, finding: Finding) -> Statement:
        alike = [each for each in self._reading.upgrade if (each.line, each.sql) == (finding.line, finding.sql)]
        if len(alike) != 1:
            raise CannotFixError("the same call makes it more than once" if alike else "it stands inside other SQL")
        return alike[0]

    def _require_rows_fit(self, finding: Finding) -> None:
        for each in self._question.review.of(finding.revision):
            if (
                each.id in _FAILING
                and each.severity == "error"
                and (each.line, each.sql) == (finding.line, finding.sql)
            ):
                raise CannotFixError(_FAILING[each.id])


def _plain(revision: Revision, files: Mapping[Path, bytes]) -> bytes:
    """Return the bytes of a revision file.

    Raises:
        CannotFixError: it is not a plain file of the versions folder, or only running it tells its id.
    """
    data = files.get(revision.path)
    if data is None or not isinstance(parse_revision(data, path=revision.path), Revision):
        raise CannotFixError(f"{revision.path.name} is not a plain revision file of the versions folder")
    return data
