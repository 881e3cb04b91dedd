"""What Alembic calls in a revision, and operations of the project's own: read as they run, or said why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from interlocking.review.model import Direction, Reading
from interlocking.review.reviewing import review
from tests.review.projects import _STOCK_ENV, History

_HEAD = "from alembic import op\nrevision = 'one'\ndown_revision = None\n"
_DOWN = "def downgrade():\n    raise NotImplementedError\n"
# The text of the file from line 4 on; where it goes wrong; and what is said of it.
_NOT_RUN = {
    "async": ("async def upgrade():\n    op.drop_table('t')\n" + _DOWN, "upgrade", 4, "awaits nothing"),
    "yield": ("\ndef upgrade():\n    op.drop_table('t')\n    yield\n" + _DOWN, "upgrade", 5, "has a yield"),
    "async and yield": ("async def upgrade():\n    yield op.drop_table('t')\n" + _DOWN, "upgrade", 4, "awaits nothing"),
    "a coroutine": (
        "async def up():\n    op.drop_table('t')\ndef upgrade():\n    return up()\n" + _DOWN,
        *("upgrade", 6, "returns a coroutine"),
    ),
    "a generator": ("def upgrade():\n    return (op.drop_table(t) for t in 'ab')\n" + _DOWN, "upgrade", 4, "generator"),
    "no function": ("upgrade = [op.drop_table]\n" + _DOWN, "upgrade", 4, "no function but list"),
    "nothing at all": ("upgrade = None\n" + _DOWN, "upgrade", 4, "no function but NoneType"),
    "missing": (_DOWN, "upgrade", 0, "no function upgrade"),
    "arguments": ("def upgrade(engine_name):\n    op.drop_table('t')\n" + _DOWN, "upgrade", 4, "engine_name=..."),
    "downgrade": (
        "def upgrade():\n    op.execute('ANALYZE')\nasync def downgrade():\n    op.drop_table('t')\n",
        *("downgrade", 6, "async"),
    ),
}


@pytest.mark.parametrize(("text", "direction", "line", "said"), _NOT_RUN.values(), ids=_NOT_RUN)
def test_a_function_whose_lines_never_run_is_said_to_be(
    history: History, text: str, direction: Direction, line: int, said: str
) -> None:
    """Each would look as if it did nothing, or stop the upgrade."""
    history.raw("one", _HEAD + text)

    (unread,) = review(history.project, history.graph, ["one"]).unreadable

    assert (unread.kind, unread.direction, unread.line) == ("not-run", direction, line)
    assert said in unread.message


_RUN = {
    "a lambda": "upgrade = lambda: op.execute('ANALYZE')\n",
    "defaults": "def upgrade(table='t', *more, key=1, **options):\n    op.execute('ANALYZE')\n",
    "a partial": "import functools\nupgrade = functools.partial(op.execute, 'ANALYZE')\n",
    "an imported one": "from helper import upgrade\n",
    "a decorated one": (
        "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def run():\n        f('a')\n    return run\n"
        "@twice\ndef upgrade(name):\n    op.execute('ANALYZE')\n"
    ),
}


@pytest.mark.parametrize("text", _RUN.values(), ids=_RUN)
def test_a_function_that_alembic_can_call_is_run(history: History, text: str) -> None:
    """However it is made."""
    (history.root / "helper.py").write_text("from alembic import op\ndef upgrade():\n    op.execute('ANALYZE')\n")
    history.raw("one", _HEAD + text + _DOWN)

    (reading,) = history.read().values()

    assert [] == [each for each in reading.problems if each.direction == "upgrade"]
    assert ["ANALYZE"] == [each.sql for each in reading.upgrade]


_OPERATION = """
from alembic.operations import MigrateOperation, Operations

class CreateRole(MigrateOperation):
    def __init__(self, name):
        self.name = name

    @classmethod
    def create_role(cls, operations, name):
        return operations.invoke(cls(name))

Operations.register_operation("create_role")(CreateRole)

@Operations.implementation_for(CreateRole)
def create_role(operations, operation):
    operations.execute(f"CREATE ROLE {operation.name}")
"""
_RAISES = "\nraise RuntimeError('env.py was run')\n"
_IMPORTS = (
    "from pathlib import Path\ntry:\n    import roles\nexcept ImportError:\n    roles = None\nimport no_such_module\n"
)


def _use_operation(history: History) -> None:
    history.write("zero", "op.execute('ANALYZE')")
    history.write(
        "one", "op.execute('ANALYZE')\nop.create_role('reader')", "op.execute('DROP ROLE reader')", down="zero"
    )


def _is_read(reading: Reading) -> bool:
    assert not reading.problems
    return [each.sql for each in reading.upgrade] == ["ANALYZE", "CREATE ROLE reader"]


def test_an_operation_that_a_module_registers_for_env_py_is_known(tmp_path: Path) -> None:
    """Its imports are carried out, and nothing else of it."""
    history = History.begin(tmp_path, env=_IMPORTS + _STOCK_ENV + _RAISES)
    (tmp_path / "roles.py").write_text(_OPERATION)
    _use_operation(history)

    assert _is_read(history.read()["one"])


def test_an_operation_that_env_py_registers_itself_is_known(tmp_path: Path) -> None:
    """Its classes and functions are made."""
    history = History.begin(tmp_path, env=_OPERATION + _RAISES)
    _use_operation(history)

    assert _is_read(history.read()["one"])


def test_an_operation_that_nobody_registers_is_named_until_env_py_does(tmp_path: Path) -> None:
    """The reading that is kept depends on env.py from then on."""
    history = History.begin(tmp_path)
    _use_operation(history)

    (problem,) = history.read()["one"].problems
    assert (problem.kind, problem.line) == ("failed", 10)
    assert "create_role" in problem.message
    assert "let the revision import the module that registers it" in problem.message

    (tmp_path / "migrations" / "env.py").write_text(_OPERATION + _RAISES)
    assert _is_read(history.read()["one"])
