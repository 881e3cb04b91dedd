"""A review as SARIF 2.1.0, which code scanning services read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import interlocking
from interlocking.console.finding import lock_words
from interlocking.console.report import Report, line
from interlocking.review.model import Finding, Hazard, Severity
from interlocking.review.result import Review, Unread

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_UNREADABLE = "unreadable"


def sarif_report(review: Review, hazards: Mapping[str, Hazard]) -> Report:
    """Return a review as a SARIF log; exit 1 when there are errors.

    Args:
        review: what was found.
        hazards: every hazard by id, for the description of the rules.
    """
    text = json.dumps(sarif(review, hazards), indent=2)
    return Report({}, [line(each) for each in text.splitlines()], exit_code=0 if review.passes else 1)


def sarif(review: Review, hazards: Mapping[str, Hazard]) -> dict[str, Any]:
    """Return the log as JSON data."""
    results = [*map(_unread, review.unreadable), *map(_result, review.findings)]
    ids = list(dict.fromkeys(result["ruleId"] for result in results))
    for result in results:
        result["ruleIndex"] = ids.index(result["ruleId"])
    driver = {
        "name": "interlocking",
        "semanticVersion": interlocking.__version__,
        "rules": [_rule(id_, hazards.get(id_)) for id_ in ids],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(id_: str, hazard: Hazard | None) -> dict[str, Any]:
    title = hazard.title if hazard else id_
    level = _LEVELS[hazard.severity] if hazard else "note"
    return {"id": id_, "shortDescription": {"text": title}, "defaultConfiguration": {"level": level}}


def _result(finding: Finding) -> dict[str, Any]:
    return {
        "ruleId": finding.id,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding.file, finding.line)],
        "partialFingerprints": {"interlocking/v1": _fingerprint(finding)},
        **_suppressions(finding.reason, suppressed=finding.suppressed),
    }


def _unread(unread: Unread) -> dict[str, Any]:
    which = unread.direction or "the file"
    return {
        "ruleId": _UNREADABLE,
        "level": "error",
        "message": {"text": f"{which} could not be read to its end: {unread.message}"},
        "locations": [_location(unread.file, unread.line)],
        **_suppressions(unread.reason, suppressed=unread.suppressed),
    }


def _message(finding: Finding) -> str:
    parts = [finding.message, finding.why]
    parts += [f"Lock: {lock_words(finding.lock)}"] if finding.lock else []
    parts += [f"Instead:\n{finding.replacement}"] if finding.replacement else []
    return "\n".join(part for part in parts if part)


def _location(file: str, at: int) -> dict[str, Any]:
    artifact = {"uri": quote(file), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(at, 1)}}}


def _suppressions(reason: str, *, suppressed: bool) -> dict[str, Any]:
    return {"suppressions": [{"kind": "inSource", "justification": reason}]} if suppressed else {}


def _fingerprint(finding: Finding) -> str:
    """Return what stays the same when lines are added above: GitHub then knows the finding again."""
    parts = (finding.id, finding.revision, finding.direction, finding.table, finding.column, finding.sql)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
