"""Asking for help never runs a task: pyinvoke/invoke#982 and #1084 tell how it could."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from invoke import Collection
from invoke.loader import FilesystemLoader
from invoke.parser import Argument
from invoke.program import Program

from interlocking import namespace
from tests.tasks.projects import REPOSITORY, TASKS_FILE, TinyProject

COLLECTION = namespace(REPOSITORY)
TASKS = sorted(COLLECTION.task_names)
LONGEST_SUMMARY = 52
Invoke = Callable[..., str]
OTHERS = ("doctor", "db.heads", "db.migrate")

GOLDEN_MIGRATE = """\
Usage: inv[oke] [--core-opts] db.migrate [--options] [other tasks here ...]

Docstring:
  Write a revision from model changes.

  Its id and its file are named YYYYMMDD_slug. Refuses when the database is
  not at head. Nothing changed: says so and writes no file.
  Example: invoke db.migrate -m "companion"

Options:
  --dry-run                     Show the plan; touch nothing.
  --empty                       Write a revision without operations, to fill in
                                by hand.
  --json                        One JSON object on stdout; the story goes to
                                stderr.
  -m STRING, --message=STRING   What the revision does; becomes its name.
                                Needed unless --dry-run.

"""


@cache
def arguments(task: str) -> list[Argument]:
    context = next(each for each in COLLECTION.to_contexts() if each.name == task)
    return list(context.args.values())


class KnowsSome(FilesystemLoader):
    """Invoke's loader for a project with a few of the tasks: Invoke takes its time for every one that there is."""

    tasks: tuple[str, ...] = ()

    def load(self, _name: str | None = None) -> tuple[ModuleType, str]:
        module = ModuleType("tasks")
        module.ns = Collection()  # type: ignore[attr-defined]
        for name in dict.fromkeys(self.tasks):
            *places, _ = name.split(".")
            place = module.ns
            for each in places:
                if each not in place.collections:
                    place.add_collection(Collection(each))
                place = place.collections[each]
            place.add_task(COLLECTION[name])
        module.ns.configure({"interlocking": {"root": self.start}})
        return module, self.start


def value_flags(task: str) -> list[str]:
    """Every spelling of every flag that takes a value."""
    spelled = (name for argument in arguments(task) if argument.takes_value for name in argument.names)
    return [f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}" for name in spelled]


def questions(task: str) -> Iterator[list[str]]:
    """Every nasty way to ask for help about a task."""
    for word in ("-h", "--help"):
        yield [task, word]
        yield [word, task]
        yield [task, task, word]
        yield [task, word, OTHERS[0]]
        yield [OTHERS[1], task, word]
        yield [task, OTHERS[2], "-m", word]
        yield ["--dry", task, word]
        yield from ([task, flag, word] for flag in value_flags(task))
        yield from ([task, flag, "value", word] for flag in value_flags(task))
    yield [task, "-dh"]
    yield ["-dh", task]


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Run Invoke's own program in this process, in a folder with nothing but `tasks.py`."""
    (tmp_path / "tasks.py").write_text(TASKS_FILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(*words: str, knows: tuple[str, ...] = ()) -> str:
        monkeypatch.setattr(sys, "argv", ["invoke", *words])
        monkeypatch.setattr(KnowsSome, "tasks", knows)
        Program(loader_class=KnowsSome if knows else FilesystemLoader).run(["invoke", *words], exit=False)
        captured = capsys.readouterr()
        return captured.out + captured.err

    return run


@pytest.mark.parametrize("task", TASKS)
def test_a_question_never_runs_the_task(task: str, invoke: Invoke, tmp_path: Path) -> None:
    """Whatever stands before it: also where Invoke takes `--help` for the value of a flag."""
    for words in questions(task):
        said = invoke(*words, knows=(task, *OTHERS))

        assert "Docstring:" in said or "not run, because help was asked for" in said, words
        assert "error[" not in said, words
        assert ["tasks.py"] == [path.name for path in tmp_path.iterdir()], words


def test_every_task_of_the_local_workflow_is_there() -> None:
    """By its name in the README; no synonym is needed."""
    local = "check current downgrade heads history merge migrate reset seed shell show stamp start status stop"
    wanted = {"dev", "doctor", "onboard", "test", "db.test-rollback", "db.upgrade", "db.url"}

    assert wanted | {f"db.{name}" for name in local.split()} <= set(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_only_message_and_revision_have_short_flags(task: str) -> None:
    """An automatic short flag changes with the order of the parameters, and `-h` could become one."""
    short = {(argument.name, letter) for argument in arguments(task) for letter in argument.names if len(letter) == 1}

    assert short <= {("message", "m"), ("revision", "r")}


@pytest.mark.parametrize("task", TASKS)
def test_every_flag_is_explained_and_none_is_positional(task: str) -> None:
    """A positional would swallow the next flag."""
    for argument in arguments(task):
        assert argument.help, argument.name
        assert not argument.positional, argument.name


def test_help_of_one_task_is_pinned(invoke: Invoke) -> None:
    """What a reader sees, to the letter: short flags are -m and nothing else."""
    assert GOLDEN_MIGRATE == invoke("--help", "db.migrate").replace("Usage: invoke", "Usage: inv[oke]")


def test_the_list_has_one_line_for_each_task(invoke: Invoke) -> None:
    """Invoke wraps long summaries at 80 columns, and a wrapped list is hard to scan."""
    lines = [line for line in invoke("--list").splitlines()[1:] if line.strip()]

    assert len(TASKS) == len(lines)


@pytest.mark.parametrize("task", TASKS)
def test_every_summary_leaves_room_for_longer_names(task: str) -> None:
    """A task with a long name, added tomorrow, must not wrap all others."""
    assert len((COLLECTION[task].__doc__ or "").splitlines()[0]) <= LONGEST_SUMMARY


def test_a_real_command_line_with_a_swallowed_question_runs_nothing(plain: TinyProject) -> None:
    """The same through the real program, where a run would be seen in the database."""
    for words in (["db.upgrade", "-r", "--help"], ["db.migrate", "-m", "-h"], ["db.upgrade", "--revision", "-h"]):
        said = plain.invoke(*words).ok()

        assert "not run, because help was asked for" in said.err
        assert said.out == ""
    assert plain.applied() == []
