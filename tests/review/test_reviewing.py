"""A review as a whole: what is found, kept, split, refused, and squawk's second opinion."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from interlocking.review.linting import lint
from interlocking.review.result import Review
from interlocking.review.reviewing import review
from interlocking.review.schema.knowledge import Knowledge
from interlocking.review.schema.live import Live, Rows
from interlocking.review.schema.objects import Table
from interlocking.revisions.order import pending
from tests.review.projects import History

TABLE = 'op.create_table("t", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("name", sa.Text()))'


@pytest.fixture
def shop(history: History) -> History:
    """A table, and a revision on it that blocks writes, adds a column and drops one."""
    history.write("made", TABLE, 'op.drop_table("t")')
    history.write(
        "mixed",
        'op.create_index("ix_t_name", "t", ["name"])\nop.add_column("t", sa.Column("a", sa.Text()))\n'
        'op.drop_column("t", "name")',
        'op.add_column("t", sa.Column("name", sa.Text()))\nop.drop_column("t", "a")\n',
        down="made",
    )
    return history


def lint_all(history: History) -> Review:
    return lint(
        history.project, lambda: history.graph, lambda graph: pending(graph, ()), selection=("all",), one_release=False
    )


def ids(found: Review) -> set[str]:
    return {finding.id for finding in found.errors}


def test_a_finding_stands_at_its_line_with_what_to_write_instead(shop: History) -> None:
    found = review(shop.project, shop.graph, ["mixed"])
    index = next(each for each in found.findings if each.id == "index-not-concurrent")
    assert (index.file, index.line, index.table) == ("migrations/versions/mixed.py", 9, "t")
    assert index.lock is not None
    assert index.lock.mode == "share"
    assert "postgresql_concurrently=True" in index.replacement
    assert index.also == ("require-concurrent-index-creation",)
    assert not found.passes


def test_a_table_of_the_same_release_is_empty(shop: History) -> None:
    assert "index-not-concurrent" not in ids(review(shop.project, shop.graph, ["made", "mixed"]))
    assert "index-not-concurrent" in ids(review(shop.project, shop.graph, ["made", "mixed"], one_release=False))


def test_errors_do_not_pass_and_allowed_ones_do(shop: History) -> None:
    refused = review(shop.project, shop.graph, ["mixed"], applied=["made"])
    assert not refused.passes
    path = shop.root / "migrations" / "versions" / "mixed.py"
    allowances = ", ".join(sorted(ids(refused)))
    path.write_text(
        "".join(
            f"{text}  # interlocking: allow {allowances}: a quiet night\n"
            if text.startswith("    op.")
            else f"{text}\n"
            for text in path.read_text().splitlines()
        )
    )
    found = review(shop.project, shop.graph, ["mixed"], applied=["made"])
    assert found.passes
    assert {each.reason for each in found.findings if each.suppressed} == {"a quiet night"}


def test_an_empty_folder_is_no_clean_history(history: History) -> None:
    """Alembic does not look into folders below by itself, and neither does a review: that is said."""
    (note,) = lint_all(history).notes
    assert "there is no revision file in" in note
    assert "recursive_version_locations" not in note
    (history.root / "migrations" / "versions" / "2026").mkdir()
    (history.root / "migrations" / "versions" / "2026" / "one.py").write_text("revision = 'one'\n")
    (note,) = review(history.project, history.graph, []).notes
    assert "recursive_version_locations" in note


def test_an_unreadable_revision_does_not_pass(history: History) -> None:
    history.write("one", "op.no_such_thing()")
    found = review(history.project, history.graph, ["one"])
    assert [each.kind for each in found.unread] == ["failed"]
    assert not found.passes


def test_a_result_is_kept_until_something_changes(shop: History) -> None:
    first = lint_all(shop)
    assert first.readings
    again = lint_all(shop)
    assert not again.readings
    assert (again.findings, again.unreadable) == (first.findings, first.unreadable)
    (shop.root / "pyproject.toml").write_text("[tool.interlocking.lint.severities]\nindex-not-concurrent = 'off'\n")
    assert "index-not-concurrent" not in ids(lint_all(shop))


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"edition": 4}'])
def test_a_damaged_cache_is_no_cache(shop: History, damage: str) -> None:
    first = lint_all(shop)
    for path in (shop.root / ".interlocking" / "review").rglob("*.json"):
        path.write_text(damage)
    assert lint_all(shop).findings == first.findings


def test_without_a_place_for_the_cache_it_works_all_the_same(shop: History) -> None:
    first = lint_all(shop)
    shutil.rmtree(shop.root / ".interlocking")
    (shop.root / ".interlocking").write_text("a file in the way")
    assert lint_all(shop).findings == first.findings


def test_squawk_says_what_the_hazards_do_not_cover(history: History) -> None:
    (history.root / "pyproject.toml").write_text(
        "[tool.interlocking.lint.squawk_severities]\nban-create-policy = 'warning'\n"
    )
    history.write("one", 'op.execute("CREATE POLICY p ON t USING (true)")')
    found = review(history.project, history.graph, ["one"])
    policy = next(each for each in found.findings if each.id == "squawk-ban-create-policy")
    assert (policy.severity, policy.source, policy.line) == ("warning", "squawk", 9)


def test_squawk_can_be_left_out(shop: History) -> None:
    (shop.root / "pyproject.toml").write_text("[tool.interlocking.lint]\nsquawk = false\n")
    found = review(shop.project, shop.graph, ["mixed"])
    assert not any(each.also for each in found.findings)


def test_the_statistics_file_tells_small_tables_from_large_ones(shop: History) -> None:
    large = review(shop.project, shop.graph, ["mixed"])
    (shop.root / "sizes.csv").write_text("table,rows,bytes\nt,40,8192\n")
    (shop.root / "pyproject.toml").write_text("[tool.interlocking.lint]\nstatistics = 'sizes.csv'\n")
    small = review(shop.project, shop.graph, ["mixed"])
    assert "index-not-concurrent" in ids(large) - ids(small)


def test_a_changed_revision_only_is_read_again(shop: History, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for name, down in (("a", "mixed"), ("b", "a")):
        shop.write(name, f'open({str(ran)!r}, "a").write("{name}")\nop.execute("ANALYZE")', "pass", down=down)
    lint_all(shop)
    shop.write("b", f'open({str(ran)!r}, "a").write("c")\nop.execute("ANALYZE t")', "pass", down="a")
    lint_all(shop)
    assert ran.read_text() == "abc"


def test_a_result_that_a_busy_machine_may_have_caused_is_not_kept(shop: History) -> None:
    flag = shop.root / "busy"
    flag.touch()
    shop.write("mixed", f"import os\nif os.path.exists({str(flag)!r}): os._exit(7)", down="made")
    assert [each.kind for each in lint_all(shop).unread] == ["ended"]
    flag.unlink()
    assert lint_all(shop).unread == ()


def test_findings_survive_being_kept(shop: History) -> None:
    found = lint_all(shop)
    assert [replace(each) for each in lint_all(shop).findings] == list(found.findings)


def test_a_do_block_has_the_phase_of_the_last_thing_it_does(shop: History) -> None:
    shop.write(
        "block",
        'op.execute("DO $$ BEGIN ALTER TABLE t ADD COLUMN b text; ALTER TABLE t DROP COLUMN a; END $$")',
        down="mixed",
    )
    found = review(shop.project, shop.graph, ["block"])
    assert found.phases["block", "upgrade"] == ("contract",)
    assert {each.phase for each in found.findings if each.id == "drop-column"} == {"contract"}


@pytest.mark.parametrize(
    ("earlier", "severity"), [('op.drop_table("t")', "warning"), ("raise", "warning"), ("pass", "info")]
)
def test_downgrades_that_a_database_is_past_are_looked_at(history: History, earlier: str, severity: str) -> None:
    """A project that has some misses one that is empty, also where the database stands for what came before."""
    history.write("made", TABLE, earlier)
    history.write("more", TABLE.replace('"t"', '"u"'), "pass", down="made")
    live = Live(Knowledge(live=True), {}, 15, Rows(connection=None))  # type: ignore[arg-type] - nothing is asked

    found = review(history.project, history.graph, ["more"], live=live, applied=["made"])

    assert [severity] == [each.severity for each in found.findings if each.id == "downgrade-missing"]


def test_a_view_made_anew_is_nothing_to_undo(history: History) -> None:
    """Though the revision made what is there now."""
    history.write("made", TABLE, 'op.drop_table("t")')
    history.write("more", 'op.execute("DROP VIEW v; CREATE VIEW v AS SELECT 1 AS a")', "pass", down="made")
    live = Live(Knowledge(live=True, tables={"v": Table("v", kind="view")}), {}, 15, Rows(connection=None))  # type: ignore[arg-type]

    found = review(history.project, history.graph, ["more"], live=live, applied=["made"])

    assert "downgrade-missing" not in {each.id for each in found.findings}


@pytest.mark.parametrize(
    ("settings", "severity"), [("", "info"), ("postgres = 15\n", "error"), ("postgres = 18\n", None)]
)
def test_what_the_server_cannot_do_yet_fails_where_somebody_says_which_it_is(
    tmp_path: Path, settings: str, severity: str | None
) -> None:
    """Who writes it has a newer server than the default, unless the setting says otherwise."""
    (tmp_path / "pyproject.toml").write_text(
        f"[tool.interlocking]\nalembic_ini = 'alembic.ini'\n[tool.interlocking.lint]\n{settings}"
    )
    history = History.begin(tmp_path)
    history.write("one", 'op.execute("ALTER TABLE t ADD COLUMN b int GENERATED ALWAYS AS (a) VIRTUAL")')

    found = review(history.project, history.graph, ["one"]).findings

    assert [severity] * bool(severity) == [each.severity for each in found if each.id == "server-too-old"]
