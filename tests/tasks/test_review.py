"""db.review and db.lint as they are typed, and the hook that does without Invoke."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast
from zipfile import ZipFile

import pytest
from invoke.vendor import yaml

from interlocking.review.hazards import HAZARDS
from interlocking.review.verdict import OWN_HAZARDS
from tests.review.projects import History
from tests.tasks.projects import REPOSITORY, TinyProject, plain_project
from tests.waiting import DEADLINE_SECONDS

TASKS = "from pathlib import Path\nfrom interlocking import namespace\nns = namespace(Path(__file__).parent)\n"
PROGRAMS = Path(sys.executable).parent
NO_SERVER = "postgresql://nobody@127.0.0.1:9/none"


@pytest.fixture
def shop(history: History) -> History:
    (history.root / "tasks.py").write_text(TASKS)
    history.write(
        "made", 'op.create_table("t", sa.Column("id", sa.BigInteger(), primary_key=True))', 'op.drop_table("t")'
    )
    history.write("index", 'op.create_index("ix_t_id", "t", ["id"])', 'op.drop_index("ix_t_id", "t")', down="made")
    return history


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History.begin(tmp_path / "project")


def typed(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(PROGRAMS), "DATABASE_URL": NO_SERVER, "HOME": str(root)}
    argv = [PROGRAMS / words[0], *words[1:]]
    return subprocess.run(
        argv, cwd=root, env=env, check=False, capture_output=True, text=True, timeout=DEADLINE_SECONDS
    )


def test_the_hook_and_the_task_say_the_same(shop: History) -> None:
    hook = typed(shop.root, "interlocking-lint", "--format", "json")
    task = typed(shop.root, "invoke", "db.lint", "--format", "json")
    assert (hook.returncode, task.returncode) == (1, 1)
    assert json.loads(hook.stdout) == json.loads(task.stdout)
    assert "index-not-concurrent" in {finding["id"] for finding in json.loads(hook.stdout)["findings"]}
    assert json.loads(hook.stdout)["schema"] == 1


def test_each_format_comes_alone_on_stdout(shop: History) -> None:
    text = typed(shop.root, "interlocking-lint")
    sarif = typed(shop.root, "interlocking-lint", "--format", "sarif")
    github = typed(shop.root, "interlocking-lint", "--format", "github")
    assert "fail  2 revisions: 1 error" in text.stdout
    assert json.loads(sarif.stdout)["version"] == "2.1.0"
    assert github.stdout.startswith("<!-- interlocking-review -->")
    assert "::error file=migrations/versions/index.py,line=9" in github.stderr


def test_since_counts_the_revision_that_is_named_as_deployed(shop: History) -> None:
    """A table that it makes is old for what came after: an index on it is a hazard."""
    after_it = typed(shop.root, "interlocking-lint", "--since", "made", "--format", "json")

    found = json.loads(after_it.stdout)
    assert "index-not-concurrent" in {each["id"] for each in found["findings"]}


def test_since_judges_the_end_of_the_history(shop: History) -> None:
    shop.write("last", 'op.execute("ANALYZE t")', 'op.execute("ANALYZE t")', down="index")
    (shop.root / "pyproject.toml").write_text("[tool.interlocking.lint]\nsince = 'last'\n")
    assert typed(shop.root, "interlocking-lint").returncode == 0
    assert typed(shop.root, "interlocking-lint", "--all").returncode == 1
    assert typed(shop.root, "interlocking-lint", "--since", "index").returncode == 1
    unknown = typed(shop.root, "interlocking-lint", "--since", "nothing")
    assert (unknown.returncode, "revision-not-found" in unknown.stderr) == (2, True)


def test_a_review_needs_no_server(shop: History) -> None:
    shown = typed(shop.root, "invoke", "db.review", "-r", "index", "--sql")
    assert shown.returncode == 1
    assert "without a database" in shown.stderr
    assert "CREATE INDEX ix_t_id ON t (id)" in shown.stdout
    assert "postgresql_concurrently=True" in shown.stdout


def test_a_wrong_format_is_a_wrong_value(shop: History) -> None:
    refused = typed(shop.root, "invoke", "db.lint", "--format", "xml")
    assert (refused.returncode, "unknown-format" in refused.stderr) == (2, True)


@pytest.mark.parametrize("form", ["json", "github", "sarif"])
def test_an_error_in_the_place_of_a_review_comes_in_the_format_asked_for(shop: History, form: str) -> None:
    """A program gets no empty answer, and nobody's older comment stays as if it were of now."""
    shop.raw("broken", "x = (\n")
    answers = [typed(shop.root, "interlocking-lint", "--format", form)]
    answers.append(typed(shop.root, "invoke", "db.lint", "--format", form))
    assert [each.returncode for each in answers] == [2, 2]
    assert answers[0].stdout == answers[1].stdout
    assert "revision-syntax-error" in answers[0].stdout
    assert "error[revision-syntax-error]" in answers[0].stderr
    assert ("::error title=revision-syntax-error::" in answers[0].stderr) == (form == "github")


def test_a_file_that_may_not_be_read_is_named(shop: History) -> None:
    """Root, who may read everything, gives that up first."""
    (shop.root / "migrations" / "versions" / "index.py").chmod(0)
    given_up = "-dac_override,-dac_read_search"
    restricted = ["setpriv", f"--bounding-set={given_up}", f"--inh-caps={given_up}"] if os.geteuid() == 0 else []
    argv = [*restricted, PROGRAMS / "interlocking-lint"]
    ran = subprocess.run(argv, cwd=shop.root, check=False, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, "error[file-unreadable]" in ran.stderr, "Permission denied" in ran.stderr) == (
        2,
        True,
        True,
    )


def test_sarif_is_json_already(shop: History) -> None:
    """`--json` says nothing more."""
    log = json.loads(typed(shop.root, "invoke", "db.lint", "--json", "--format", "sarif").stdout)
    (run,) = log["runs"]
    (rule,) = [each for each in run["tool"]["driver"]["rules"] if each["id"] == "index-not-concurrent"]
    assert rule["help"]["markdown"].startswith("# index-not-concurrent")
    assert "](" not in rule["help"]["markdown"].replace("](http", "")


def test_a_hazard_is_explained_where_there_is_no_project(tmp_path: Path) -> None:
    shown = typed(tmp_path, "interlocking-lint", "--explain", "set-not-null")
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, "set-not-null")
    assert '    op.alter_column("users", "email", nullable=False)' in shown.stdout
    theirs = typed(tmp_path, "interlocking-lint", "--explain", "squawk-ban-char-field")
    assert "https://squawkhq.com/docs/ban-char-field" in theirs.stdout
    unknown = typed(tmp_path, "interlocking-lint", "--explain", "not-null")
    assert (unknown.returncode, "did you mean" in unknown.stderr) == (2, True)


def test_the_task_explains_too(shop: History) -> None:
    page = typed(shop.root, "invoke", "db.lint", "--explain", "set-not-null", "--json")
    assert json.loads(page.stdout)["page"].startswith("# set-not-null")


def test_the_pages_come_along_with_the_package(tmp_path: Path) -> None:
    """All of them, also those about the comments in files."""
    argv = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(argv, cwd=REPOSITORY, check=True, capture_output=True, timeout=DEADLINE_SECONDS)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(ZipFile(wheel).namelist())
    assert {f"interlocking/docs/{each.docs}" for each in (*HAZARDS.values(), *OWN_HAZARDS.values())} <= packed


def test_the_pre_commit_hook_runs_what_is_installed() -> None:
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    assert hook["id"] == hook["entry"] == "interlocking-lint"
    assert (PROGRAMS / hook["entry"]).is_file()


def test_the_workflow_runs_the_lint_and_fails_with_it(shop: History, tmp_path: Path) -> None:
    """Its script, run by bash as the runner does: `-eo pipefail`."""
    assert set(workflow()[True]["workflow_call"]["inputs"]) == {"since", "folder", "python", "install", "comment"}
    summary = tmp_path / "summary.md"
    ran = run_step("Lint", shop.root, PATH=f"{PROGRAMS}:/usr/bin:/bin", GITHUB_STEP_SUMMARY=str(summary), SINCE="")
    assert ran.returncode == 1
    assert summary.read_text() == (shop.root / "review.md").read_text()
    assert "<b>index-not-concurrent</b>" in summary.read_text()


@pytest.mark.parametrize(
    ("found", "existing", "said"),
    [
        ("1 revision: 1 error", "", "pr comment 7 --body-file review.md"),
        ("1 revision: nothing found", "", ""),
        (
            "1 revision: nothing found",
            "31",
            "api --method PATCH repos/me/shop/issues/comments/31 --field body=@review.md",
        ),
        ("", "31", ""),
    ],
    ids=["new", "nothing to say", "edited in place", "no lint"],
)
def test_the_workflow_keeps_one_comment(tmp_path: Path, found: str, existing: str, said: str) -> None:
    """The program of GitHub is a stand-in that writes down what it is asked."""
    stand_in = f'#!/bin/sh\ncase "$*" in *paginate*) echo "{existing}";; *) echo "$@" >> asked;; esac\n'
    (tmp_path / "gh").write_text(stand_in)
    (tmp_path / "gh").chmod(0o755)
    if found:
        (tmp_path / "review.md").write_text(f"<!-- interlocking-review -->\n{found}\n")
    path = f"{tmp_path}:/usr/bin:/bin"
    ran = run_step("Comment", tmp_path, PATH=path, GITHUB_REPOSITORY="me/shop", PULL_REQUEST="7")
    asked = tmp_path / "asked"
    assert (ran.returncode, asked.read_text().strip() if asked.exists() else "") == (0, said)


def workflow() -> dict[object, Any]:
    text = (REPOSITORY / ".github" / "workflows" / "lint-migrations.yml").read_text()
    return cast("dict[object, Any]", yaml.safe_load(text))


def run_step(name: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    job = workflow()["jobs"]["lint"]
    assert job["defaults"]["run"] == {"shell": "bash", "working-directory": "${{ inputs.folder }}"}
    (step,) = [step for step in job["steps"] if step.get("name") == name]
    argv = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(
        argv, cwd=folder, env=env, check=False, capture_output=True, text=True, timeout=DEADLINE_SECONDS
    )


def test_the_hook_finds_the_project_from_a_folder_inside(shop: History) -> None:
    ran = typed(shop.root, "interlocking-lint", "--format", "json")
    argv = [PROGRAMS / "interlocking-lint", "--format", "json"]
    inside = subprocess.run(
        argv,
        cwd=shop.root / "migrations" / "versions",
        check=False,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )
    assert (inside.returncode, inside.stdout) == (1, ran.stdout)


def test_github_is_told_paths_from_the_top_of_the_repository(shop: History) -> None:
    """Where the project is a folder of it."""
    env = {"PATH": str(PROGRAMS), "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(shop.root.parent)}
    said = {
        form: subprocess.run(
            [PROGRAMS / "interlocking-lint", "--format", form],
            cwd=shop.root,
            env=env,
            check=False,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
        for form in ("github", "sarif")
    }
    assert "::error file=project/migrations/versions/index.py,line=9,endLine=9" in said["github"].stderr
    assert "<code>project/migrations/versions/index.py:9</code>" in said["github"].stdout
    assert '"uri": "project/migrations/versions/index.py"' in said["sarif"].stdout


def test_a_database_at_hand_is_asked_and_a_local_upgrade_warned_about(upgraded: TinyProject) -> None:
    """Two rows with one name: the review knows before the upgrade fails on them."""
    upgraded.sql("CREATE TABLE plans (name text)")
    upgraded.sql("INSERT INTO plans VALUES ('basic'), ('basic'), ('pro')")
    upgraded.revision("four", "three", upgrade='op.create_unique_constraint("uq_plans", "plans", ["name"])')

    found = upgraded.invoke("db.review", "--json").json

    assert [each["revision"] for each in found["revisions"]] == ["four"]
    assert "unique-over-duplicates" in {finding["id"] for finding in found["findings"]}
    upgraded = upgraded.invoke("db.upgrade")
    assert upgraded.code != 0
    assert "warn  migrations/versions/four.py" in upgraded.err
    assert "production refuses these" in upgraded.err


def test_an_empty_database_is_one_that_no_revision_has_reached(plain: TinyProject) -> None:
    """All are pending, each as a release of its own: what an older one made may hold rows elsewhere. Nothing is made."""
    plain.revision("four", "three", upgrade='op.create_index("ix_one", "one", ["id"])')

    found = plain.invoke("db.review", "--json")

    assert found.code == 1
    assert [each["revision"] for each in found.json["revisions"]] == ["one", "two", "three", "four"]
    errors = [(each["id"], each["revision"]) for each in found.json["findings"] if each["severity"] == "error"]
    assert errors == [("index-not-concurrent", "four")]
    assert "without a database" not in found.err
    assert plain.sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == []


def test_a_project_without_revisions_is_told_how_to_begin(tmp_path: Path, url: str) -> None:
    """There is no newest revision to review."""
    assert "there is no revision yet" in plain_project(tmp_path, url).invoke("db.review").ok().out


def test_nothing_pending_is_calm(upgraded: TinyProject) -> None:

    assert "nothing is pending" in upgraded.invoke("db.review").ok().out


def test_what_was_written_is_reviewed_at_once(tmp_path: Path, url: str) -> None:
    models = (
        "from sqlalchemy import Column, Integer, MetaData, Table\nmetadata = MetaData()\n"
        'Table("plans", metadata, Column("id", Integer, primary_key=True), Column("seats", Integer, nullable=False))\n'
    )
    project = plain_project(tmp_path, url, models=models)
    project.sql("CREATE TABLE plans (id serial PRIMARY KEY)")

    written = project.invoke("db.migrate", "-m", "seats", "--json").ok().json

    assert "column-required" in {finding["id"] for finding in written["review"]["findings"]}
    assert not written["review"]["passes"]
    assert "column-required" in project.invoke("db.review").text
