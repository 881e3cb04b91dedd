"""db.test-rollback as typed: verdicts, ranges, exit codes, and the JSON that other programs rely on."""

from __future__ import annotations

from tests.tasks.projects import TinyProject

ENUM = "op.execute(\"CREATE TYPE mood AS ENUM ('good')\")"


def test_pending_revisions_are_tried_and_the_target_is_not_touched(plain: TinyProject) -> None:
    """By default what an upgrade would apply."""
    plain.invoke("db.upgrade", "-r", "two").ok()

    ran = plain.invoke("db.test-rollback").ok()

    assert "three" in ran.out
    assert "1 tried, 0 failed" in ran.out
    assert ["two"] == plain.applied()


def test_nothing_pending_is_said_and_is_no_failure(upgraded: TinyProject) -> None:
    """Exit 0."""

    assert "nothing is pending" in upgraded.invoke("db.test-rollback").ok().out


def test_a_type_left_behind_is_a_sentence_and_exit_1(plain: TinyProject) -> None:
    """By revision and object."""
    plain.revision("moody", "three", upgrade=ENUM, downgrade="pass")

    ran = plain.invoke("db.test-rollback", "--revision", "moody")

    assert 1 == ran.code
    assert "after the downgrade of moody, type mood is left behind" in ran.out
    assert "next: correct it, then invoke db.test-rollback --revision moody" in ran.out


def test_the_json_keeps_its_contract(plain: TinyProject) -> None:
    """The shape of tasks.md; a broken downgrade neither hides nor infects its neighbours."""
    plain.revision("moody", "three", upgrade=ENUM, downgrade="pass")
    plain.revision("final", "moody", downgrade='raise NotImplementedError("no way back")')

    ran = plain.invoke("db.test-rollback", "--all", "--json")

    found = {each["revision"]: each for each in ran.json["revisions"]}
    assert 1 == ran.code
    assert ["one", "two", "three", "moody", "final"] == list(found)
    assert [True, True, True, False, True] == [each["ok"] for each in found.values()]
    assert found["final"]["irreversible"]
    assert [{"step": "down", "kind": "type", "name": "mood", "change": "left-behind"}] == found["moody"]["differences"]
    keys = {
        "revision",
        "ok",
        "error",
        "irreversible",
        "remarks",
        "differences",
        "data",
        "seconds_up",
        "seconds_down",
    }
    assert keys <= set(found["one"])


def test_ranges_are_one_at_a_time(plain: TinyProject) -> None:
    """`--since` begins with the revision itself; two ranges are a wrong flag."""
    since = plain.invoke("db.test-rollback", "--since", "two", "--json").ok()

    assert ["two", "three"] == [each["revision"] for each in since.json["revisions"]]
    plain.invoke("db.test-rollback", "--since", "one", "--all").refused(2, "several-ranges")
