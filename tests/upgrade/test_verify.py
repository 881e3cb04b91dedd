"""Edited, missing and unknown files: found, refused, shown and signed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import psycopg2
import pytest

from interlocking.console.verified import verified_report
from interlocking.environment import Project
from interlocking.errors import RefusedError, UsageError
from interlocking.postgres.connect import connect
from interlocking.postgres.url import parse
from interlocking.revisions.directory import locate, read_history
from interlocking.revisions.graph import build_graph
from interlocking.upgrade.audit.origin import read_origin
from interlocking.upgrade.audit.trail import Recorder
from interlocking.upgrade.verifying.project import accept, verify_project
from interlocking.upgrade.verifying.verify import Verification, file_checksum, require_unedited
from tests.upgrade.projects import Folder

TABLE = "public.alembic_version"


class Shop:
    """A project with two revisions, both applied and audited."""

    def __init__(self, folder: Folder, url: str) -> None:
        self.folder, self.url = folder, parse(url)
        self.files = {"r1": folder.table("r1"), "r2": folder.table("r2", down="r1")}
        self.record()

    @property
    def project(self) -> Project:
        return self.folder.load(self.url.libpq())

    def record(self) -> None:
        origin = read_origin(self.folder.root, {})
        with Recorder(lambda: connect(self.url), version_table=TABLE, origin=origin) as recorder:
            for id_, path in self.files.items():
                recorder.finish(recorder.begin(id_, "upgrade", checksum=file_checksum(path)), "applied")
        self.stand_at("r2")

    def stand_at(self, *revisions: str) -> None:
        with connect(self.url) as connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num text); TRUNCATE alembic_version")
            for each in revisions:
                cursor.execute("INSERT INTO alembic_version VALUES (%s)", (each,))

    def edit(self, id_: str = "r1") -> None:
        path = self.files[id_]
        path.write_text(path.read_text().replace("'name'", "'title'"))

    def verify(self) -> Verification:
        return verify_project(self.project, self.url)


@pytest.fixture
def shop(plain: Folder, empty: str) -> Shop:
    return Shop(plain, empty)


def test_untouched_files_are_fine(shop: Shop) -> None:
    """And so are reformatted ones."""
    shop.files["r1"].write_bytes(b"# reviewed\r\n" + shop.files["r1"].read_bytes().replace(b"\n", b"\r\n"))
    found = shop.verify()

    assert (True, 2, ()) == (found.ok, found.compared, found.unrecorded)
    assert 0 == verified_report(found).exit_code


def test_an_edited_file_is_found(shop: Shop) -> None:
    """With what was recorded, and exit 1."""
    shop.edit()
    found = shop.verify()

    assert ["r1"] == [each.revision for each in found.edited]
    assert found.edited[0].found == file_checksum(shop.files["r1"]) != found.edited[0].applied.checksum
    assert 1 == verified_report(found).exit_code


def test_the_guard_refuses_an_edited_file(shop: Shop) -> None:
    """Before anything runs, with the way out."""
    shop.edit()
    with connect(shop.url) as connection, pytest.raises(RefusedError) as refused:
        require_unedited(shop.files, connection, version_table=TABLE)

    assert "Don't edit applied migration files: r1" in refused.value.message
    assert ("applied-file-edited", 3) == (refused.value.code, refused.value.exit_code)
    assert "invoke db.verify --accept r1" in refused.value.next


def test_the_guard_lets_untouched_files_pass(shop: Shop) -> None:
    """Also one that is pending: it may be edited freely."""
    shop.edit("r2")
    with connect(shop.url) as connection:
        require_unedited({"r1": shop.files["r1"]}, connection, version_table=TABLE)


def test_the_diff_against_git_is_shown(shop: Shop) -> None:
    """When git has what was applied."""
    commit_all(shop.folder.root)
    shop.record()
    shop.edit()
    diff = shop.verify().edited[0].diff

    assert "\n-    op.create_table('r1', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name'" in diff
    assert "\n+    op.create_table('r1', sa.Column('id', sa.Integer, primary_key=True), sa.Column('title'" in diff


def test_a_commit_that_was_not_applied_is_not_shown(shop: Shop) -> None:
    """The file was applied before it was committed, and edited in between."""
    shop.edit()
    commit_all(shop.folder.root)

    assert "" == shop.verify().edited[0].diff


def test_an_edit_can_be_signed(shop: Shop) -> None:
    """The next edit is found again."""
    shop.edit()
    assert accept(shop.project, shop.url, "r1").ok
    shop.files["r1"].write_text(shop.files["r1"].read_text().replace("'title'", "'heading'"))
    found = shop.verify()

    assert ["accepted"] == [each.applied.kind for each in found.edited]


def test_only_an_applied_revision_can_be_signed(shop: Shop) -> None:
    """A signature for anything else is a mistake."""
    shop.stand_at("r1")
    with pytest.raises(RefusedError, match="r2 is not applied"):
        accept(shop.project, shop.url, "r2")
    with pytest.raises(UsageError, match="there is no revision 'r9'"):
        accept(shop.project, shop.url, "r9")


def test_a_revision_that_was_undone_may_be_edited(shop: Shop) -> None:
    """It will run again as it is then."""
    shop.stand_at("r1")
    shop.edit("r2")

    assert shop.verify().ok


def test_a_missing_file_is_found_until_it_is_signed(shop: Shop) -> None:
    """A history that was shortened on purpose."""
    shop.files["r1"].unlink()
    shop.folder.table("r2")
    accept(shop.project, shop.url, "r2")

    assert ("r1",) == shop.verify().missing
    assert accept(shop.project, shop.url, "r1").ok


def test_code_older_than_the_database_is_told_apart(shop: Shop) -> None:
    """The files below the unknown revision are still compared."""
    shop.files["r2"].unlink()
    shop.edit()
    found = shop.verify()

    assert (("r2",), ()) == (found.unknown, found.missing)
    assert ["r1"] == [each.revision for each in found.edited]


def test_what_was_applied_without_the_guard_is_said(plain: Folder, empty: str) -> None:
    """Nobody can tell whether it was edited, and that is no failure."""
    plain.table("r1")
    with psycopg2.connect(empty) as connection:
        connection.cursor().execute("CREATE TABLE alembic_version (version_num text)")
        connection.cursor().execute("INSERT INTO alembic_version VALUES ('r1')")
    connection.close()
    found = verify_project(plain.load(empty), parse(empty))

    assert (True, 0, ("r1",)) == (found.ok, found.compared, found.unrecorded)


def test_a_checksum_of_a_later_rule_accuses_nobody(shop: Shop) -> None:
    """Code that was rolled back meets rows of a newer suite."""
    with connect(shop.url) as connection:
        connection.cursor().execute("UPDATE interlocking_audit SET checksum = 'v9:feed'")

    assert shop.verify().ok


def test_a_file_that_is_no_longer_python_was_edited(shop: Shop) -> None:
    """Whatever it is now, it is not what was applied."""
    graph = build_graph(read_history(locate(shop.folder.root, ini=shop.folder.root / "alembic.ini")))
    shop.files["r1"].write_text("def upgrade(:")
    with connect(shop.url) as connection, pytest.raises(RefusedError, match="r1"):
        require_unedited({"r1": graph.revisions["r1"].path}, connection, version_table=TABLE)


def test_the_report_is_json(shop: Shop) -> None:
    """Everything in it can be written down."""
    shop.edit()
    data = json.loads(json.dumps(verified_report(shop.verify()).data))

    assert (False, "r1", []) == (data["ok"], data["edited"][0]["revision"], data["missing"])


def commit_all(root: Path) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for words in (["init"], ["add", "."], [*who, "commit", "-m", "all"]):
        subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("compared", "unrecorded", "said"),
    [
        (2, (), "2 applied revisions compared: each still has the file that was applied"),
        (0, (), "no revision is applied: there is nothing to compare"),
        (0, ("r1",), "1 applied without the guard: nobody recorded what their files were"),
    ],
)
def test_what_was_compared_is_said_in_one_line(compared: int, unrecorded: tuple[str, ...], said: str) -> None:
    """None is not a number of files that are as they were."""
    report = verified_report(Verification((), (), (), compared, unrecorded))

    assert [said] == ["".join(span.text for span in each).split(maxsplit=1)[1] for each in report.lines]
