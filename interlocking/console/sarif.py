"""A review as SARIF 2.1.0, which code scanning services read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import interlocking
from interlocking.console.finding import lock_words, unread_words
from interlocking.console.report import Report, line, sentences
from interlocking.errors import InterlockingError
from interlocking.review.model import Finding, Hazard, Severity
from interlocking.review.reading.spans import span_of
from interlocking.review.result import Review, Unread

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_PROBLEMS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "recommendation"}
_UNREADABLE = "unreadable"
_SQUAWK = "squawk-"
_FINGERPRINT = "interlocking/v1"

Pages = Callable[[str], str]


def sarif_report(review: Review, sources: Mapping[str, str], hazards: Mapping[str, Hazard], page_of: Pages) -> Report:
    """Return a review as a SARIF log; exit 1 when there are errors.

    Args:
        review: what was found.
        sources: the text of each file that something is said about.
        hazards: every hazard by id, for the description of the rules.
        page_of: returns a page of the docs folder as Markdown, empty when there is none.
    """
    return _report(sarif(review, sources, hazards, page_of), exit_code=0 if review.passes else 1)


def failed_report(error: InterlockingError) -> Report:
    """Return a log that says why there was no review: a service must not take it for one that found nothing."""
    said = {"level": "error", "descriptor": {"id": error.code}, "message": {"text": sentences(error)}}
    return _report(_log([], [], {"executionSuccessful": False, "toolExecutionNotifications": [said]}), exit_code=1)


def sarif(review: Review, sources: Mapping[str, str], hazards: Mapping[str, Hazard], page_of: Pages) -> dict[str, Any]:
    """Return the log as JSON data; arguments as of `sarif_report`."""
    unread = [_unread(each, sources) for each in review.unreadable]
    results = [*unread, *(_result(each, sources) for each in review.findings)]
    ids = list(dict.fromkeys(result["ruleId"] for result in results))
    for result in results:
        result["ruleIndex"] = ids.index(result["ruleId"])
    _tell_apart(results)
    notes = [{"level": "note", "message": {"text": note}} for note in review.notes]
    ran = {"executionSuccessful": True, "toolExecutionNotifications": notes}
    return _log([_rule(id_, hazards.get(id_), page_of) for id_ in ids], results, ran)


def _report(log: dict[str, Any], *, exit_code: int) -> Report:
    return Report({}, [line(each) for each in json.dumps(log, indent=2).splitlines()], exit_code=exit_code)


def _log(rules: list[dict[str, Any]], results: list[dict[str, Any]], invocation: dict[str, Any]) -> dict[str, Any]:
    driver = {"name": "interlocking", "semanticVersion": interlocking.__version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(id_: str, hazard: Hazard | None, page_of: Pages) -> dict[str, Any]:
    if hazard is None:
        return _foreign_rule(id_)
    page = page_of(hazard.docs) or f"{hazard.title}\n"
    return {
        "id": id_,
        "shortDescription": {"text": hazard.title},
        "fullDescription": {"text": _first_paragraph(page)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[hazard.severity]},
        "properties": {
            "tags": ["migrations", "postgresql"],
            "precision": "high",
            "problem.severity": _PROBLEMS[hazard.severity],
        },
    }


def _foreign_rule(id_: str) -> dict[str, Any]:
    uri = f"https://squawkhq.com/docs/{id_.removeprefix(_SQUAWK)}"
    return {
        "id": id_,
        "shortDescription": {"text": f"a rule of squawk: {id_.removeprefix(_SQUAWK)}"},
        "help": {"text": uri, "markdown": f"<{uri}>"},
        "helpUri": uri,
        "defaultConfiguration": {"level": "note"},
    }


def _first_paragraph(page: str) -> str:
    paragraphs = [each for each in page.split("\n\n") if each.strip() and not each.startswith("#")]
    return " ".join((paragraphs or [page])[0].split())


def _result(finding: Finding, sources: Mapping[str, str]) -> dict[str, Any]:
    parts = (finding.id, finding.revision, finding.direction, finding.table, finding.column, finding.sql)
    return {
        "ruleId": finding.id,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding.file, finding.line, sources)],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(*parts)},
        **_suppressions(finding.reason, suppressed=finding.suppressed),
    }


def _unread(unread: Unread, sources: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ruleId": _UNREADABLE,
        "level": "error",
        "message": {"text": unread_words(unread)},
        "locations": [_location(unread.file, unread.line, sources)],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(_UNREADABLE, unread.revision, unread.direction or "")},
        **_suppressions(unread.reason, suppressed=unread.suppressed),
    }


def _message(finding: Finding) -> str:
    parts = [finding.message, finding.why]
    parts += [f"Lock: {lock_words(finding.lock)}"] if finding.lock else []
    parts += [f"Instead:\n{finding.replacement}"] if finding.replacement else []
    return "\n".join(part for part in parts if part)


def _location(file: str, at: int, sources: Mapping[str, str]) -> dict[str, Any]:
    span = span_of(sources.get(file, ""), at)
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.last_line,
        "endColumn": span.end,
    }
    artifact = {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _suppressions(reason: str, *, suppressed: bool) -> dict[str, Any]:
    return {"suppressions": [{"kind": "inSource", "justification": reason}]} if suppressed else {}


def _fingerprint(*parts: str) -> str:
    """Return what stays the same when lines are added above: GitHub then knows the finding again."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def _tell_apart(results: list[dict[str, Any]]) -> None:
    """Number those that have one fingerprint: the same statement, run twice."""
    seen: Counter[str] = Counter()
    for result in results:
        marks = result["partialFingerprints"]
        mark = marks[_FINGERPRINT]
        seen[mark] += 1
        marks[_FINGERPRINT] = f"{mark}:{seen[mark]}"
