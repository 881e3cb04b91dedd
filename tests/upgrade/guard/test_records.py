"""The audit and the checksums, through `alembic` and through `flask db`."""

from __future__ import annotations

import subprocess
from dataclasses import replace

from interlocking.postgres.url import parse
from interlocking.redaction import Secret
from tests.upgrade.guard.histories import History


def test_an_edited_applied_file_is_refused_with_its_diff(either: History) -> None:
    """Against what git has, and before anything runs; layout does not count."""
    file = either.revision("one", 'op.execute("CREATE TABLE a (id int)")')
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=either.root, check=True)
    assert 0 == either.upgrade()[0]
    (commit,) = either.rows("SELECT git_commit FROM interlocking_audit")[0]
    assert 40 == len(commit)
    either.revision("two", 'op.execute("CREATE TABLE b (id int)")')

    file.write_text(file.read_text().replace("id int", "id bigint"))
    status, said = either.upgrade()
    assert 3 == status, said
    assert "Don't edit applied migration files: one was edited after it was applied" in said
    assert '-    op.execute("CREATE TABLE a (id int)")\n+    op.execute("CREATE TABLE a (id bigint)")' in said
    assert [] == either.rows("SELECT 1 FROM pg_tables WHERE tablename = 'b'")

    file.write_text(file.read_text().replace("id bigint", "id int").replace("\n", "\r\n") + "\r\n# said later\r\n")
    status, said = either.upgrade()
    assert (0, ["two"]) == (status, either.heads), said


def test_every_attempt_has_a_row(either: History) -> None:
    """Applied, failed, tried again, undone, stamped; with tries, waiting, file, commit, person and machine."""
    file = either.revision("one", 'op.execute("CREATE TABLE a (id int)")', 'op.execute("DROP TABLE a")')
    either.revision("two", 'op.execute("SELECT 1 / 0")')
    either.upgrade(RAILWAY_GIT_COMMIT_SHA="c" * 40, RAILWAY_SERVICE_NAME="web", RAILWAY_ENVIRONMENT_NAME="staging")
    either.run("downgrade", "base")
    either.run("stamp", "one")

    rows = either.rows(
        "SELECT revision, direction, outcome, tries, waited >= 0, seconds > 0, checksum IS NULL, git_commit, error"
        " FROM interlocking_audit ORDER BY id"
    )
    commit = "c" * 40
    assert [
        ("one", "upgrade", "applied", 1, True, True, False, commit, ""),
        ("two", "upgrade", "failed", 1, True, True, False, commit),
        ("one", "downgrade", "applied", 1, True, True, False, None, ""),
        ("one", "stamp", "applied", 1, True, True, True, None, ""),
    ] == [row[:8] if row[2] == "failed" else row for row in rows]
    assert "division by zero" in rows[1][8]
    assert file.exists()
    (actor, host) = either.rows("SELECT actor, host FROM interlocking_audit ORDER BY id LIMIT 1")[0]
    assert actor.startswith("railway web (staging) as ")
    assert host


def test_a_role_that_may_not_make_tables_is_warned_once(either: History) -> None:
    """Each revision would have its row; the migration goes on without."""
    role = parse(either.url).database + "_role"
    either.rows(
        f"CREATE TABLE a (id int); CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);"
        f"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON a, alembic_version TO {role};"
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    )
    for number in range(3):
        either.revision(f"r{number}", f'op.execute("INSERT INTO a VALUES ({number})")')
    status, said = either.run(
        "upgrade", "head", url=replace(parse(either.url), user=role, password=Secret("x")).libpq()
    )

    assert (0, ["r2"]) == (status, either.heads), said
    assert 1 == said.count("no audit is written: permission denied for schema public")
    either.rows(f"DROP OWNED BY {role}; DROP ROLE {role}")
