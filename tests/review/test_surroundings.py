"""What is read around the revisions: env.py, the models at two commits, the statistics file, the settings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from interlocking.errors import UsageError
from interlocking.review.context import Size
from interlocking.review.lint_settings import LintSettings, resolve_lint
from interlocking.review.rules import HAZARDS
from interlocking.review.surroundings.code import read_code
from interlocking.review.surroundings.envpy import read_environment
from interlocking.review.surroundings.models import map_models
from interlocking.review.surroundings.statistics import parse_statistics
from interlocking.review.verdict import require_known
from interlocking.settings import Layer


@pytest.mark.parametrize(
    ("text", "mode", "timeout"),
    [
        ("from interlocking.upgrade import run_guarded\nrun_guarded()", "guard", True),
        ("context.configure(connection=c, transaction_per_migration=True)", "each", False),
        ("options = {'transaction_per_migration': True}\ncontext.configure(**options)", "each", False),
        ("context.configure(connection=c, transaction_per_migration=False)", "one", False),
        ("context.configure(connection=c)\nc.execute(text('SET lock_timeout = 100'))", "one", True),
        ("context.configure(", "unknown", False),
        ("", "unknown", False),
    ],
)
def test_env_py_says_how_revisions_share_a_transaction(text: str, mode: str, timeout: bool) -> None:
    said = read_environment(text)
    assert (said.transaction_mode, said.has_lock_timeout) == (mode, timeout)


def test_an_environment_that_commits_itself() -> None:
    """As it has to when the connection was used before Alembic began."""
    assert read_environment("with context.begin_transaction():\n    context.get_bind().commit()").commits
    assert read_environment("engine = create_engine(url, isolation_level='AUTOCOMMIT')").autocommit
    assert not read_environment("engine = create_engine(url, isolation_level='SERIALIZABLE')").autocommit
    assert not read_environment("with context.begin_transaction():\n    context.run_migrations()").commits


MODELS = """
class Stamped:
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())

class User(Stamped, Base):
    __tablename__ = "users"
    __table_args__ = {"schema": "shop"}
    id: Mapped[int] = mapped_column(primary_key=True)
    mail: Mapped[str] = mapped_column("email", String(80), default="x")
    nick: Mapped[str | None]
    posts: Mapped[list["Post"]] = relationship(back_populates="user")

class BlogPost(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80), nullable=False)
    body = db.Column(db.Text)

class Strange(Elsewhere, Base):
    __tablename__ = "strange"
    id = Column(Integer, primary_key=True)

tags = Table("tags", metadata, Column("id", Integer, Identity()), Column("name", Text, nullable=False))
"""


def test_models_are_read_without_importing_them() -> None:
    mapped = map_models({"app/models.py": MODELS})
    assert mapped is not None
    assert set(mapped.tables) == {"shop.users", "blog_post", "strange", "tags"}
    users = mapped.tables["shop.users"]
    assert set(users.columns) == {"id", "email", "nick", "made_at"}
    assert (users.columns["email"].attribute, users.columns["email"].has_default) == ("mail", True)
    assert (users.columns["nick"].nullable, users.columns["email"].nullable) == (True, False)
    assert users.columns["made_at"].has_server_default
    assert users.complete
    assert not mapped.tables["strange"].complete
    assert mapped.column("public.blog_post", "body").nullable  # type: ignore[union-attr]
    assert mapped.column("tags", "id").has_server_default  # type: ignore[union-attr]


ODD_MODELS = {
    "app/people.py": """
class Employee(Base):
    __tablename__: str = "employees"
    id = Column(Integer, primary_key=True)
    note = deferred(Column(Text))

class Manager(Employee):
    level: Mapped[int]
""",
    "app/billing.py": """
class Item(Base):
    __tablename__ = "billing_items"
    price = Column(Integer)
""",
    "app/stock.py": """
class Item(Base):
    __tablename__ = "stock_items"
    place = Column(Text)
""",
    "app/alerts.py": """
class Stamped(SQLModel):
    made_at: datetime = Field(default_factory=now)

class Alert(Stamped, table=True):
    id: UUID = Field(primary_key=True)
    title: str | None
    rules: list["Rule"] = Relationship(back_populates="alerts")
""",
    "app/computed.py": """
class Named(Base):
    @declared_attr
    def __tablename__(cls):
        return plural(cls.__name__)

class AuditLog(Named):
    actor = Column(Text)
""",
}


def test_models_in_the_ways_that_people_write_them() -> None:
    """Classes of one name in two modules, one table of two classes, SQLModel, wrapped columns, computed names."""
    mapped = map_models(ODD_MODELS)
    assert mapped is not None
    assert {name: set(table.columns) for name, table in mapped.tables.items()} == {
        "employees": {"id", "note", "level"},
        "billing_items": {"price"},
        "stock_items": {"place"},
        "alert": {"id", "title", "made_at"},
    }
    assert mapped.possible("shop.audit_logs", "actor")
    assert not mapped.possible("audit_logs", "other")
    assert not mapped.possible("employees", "actor")


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def test_the_deployed_models_are_those_of_the_merge_base(tmp_path: Path) -> None:
    models = tmp_path / "app" / "models.py"
    models.parent.mkdir()
    models.write_text('class A(Base):\n    __tablename__ = "a"\n    x = Column(Text)\n    y = Column(Text)\n')
    (tmp_path / "migrations").mkdir()
    git(tmp_path, "init", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "deployed")
    git(tmp_path, "checkout", "-b", "feature")
    models.write_text('class A(Base):\n    __tablename__ = "a"\n    x = Column(Text)\n')
    code = read_code(tmp_path, folders=(), migrations=tmp_path / "migrations", main_branch="")
    assert code.models is not None
    assert code.deployed is not None
    assert (set(code.models.tables["a"].columns), set(code.deployed.tables["a"].columns)) == ({"x"}, {"x", "y"})
    unknown = read_code(tmp_path, folders=(), migrations=tmp_path / "migrations", main_branch="release")
    assert unknown.deployed is None
    assert "release" in unknown.problem


def test_models_of_many_files_are_read_as_they_were(tmp_path: Path) -> None:
    """Also where a branch has moved, added and removed files, and under names with spaces and other alphabets."""
    text = 'class A(Base):\n    __tablename__ = "{0}"\n    x = Column(Text)\n'
    for name in ("gone", "moved", "my models", "été"):
        (tmp_path / f"{name}.py").write_text(text.format(name[:2]))
    git(tmp_path, "init", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "deployed")
    git(tmp_path, "checkout", "-b", "feature")
    git(tmp_path, "rm", "gone.py")
    git(tmp_path, "mv", "moved.py", "elsewhere.py")
    for name in ("my models", "été"):
        (tmp_path / f"{name}.py").write_text(text.format(name[:2]).replace("x", "y"))
    (tmp_path / "new.py").write_text(text.format("ne"))
    git(tmp_path, "add", ".")
    code = read_code(tmp_path, folders=(), migrations=tmp_path / "migrations", main_branch="")
    assert code.deployed is not None
    assert code.deployed.tables.keys() == {"go", "mo", "my", "ét"}
    assert all(set(table.columns) == {"x"} for table in code.deployed.tables.values())


def test_sizes_come_from_csv_or_json() -> None:
    assert parse_statistics("table,rows,bytes\npublic.a,12,8192\nshop.b,-1,\n", name="s.csv") == {
        "a": Size(12, 8192),
        "shop.b": Size(None, None),
    }
    assert parse_statistics('{"a": {"rows": 40000000}}', name="s") == {"a": Size(40_000_000, None)}


@pytest.mark.parametrize("text", ["rows\n1\n", '{"a": 4}', "{", "table,rows\na,many\n"])
def test_a_statistics_file_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_statistics(text, name="s.csv")
    assert raised.value.code == "bad-statistics"


def test_settings_are_read_from_tables_and_variables() -> None:
    table = {"postgres": 16, "models": ["app"], "deadline": "2s", "severities": {"set-not-null": "off"}}
    settings = resolve_lint([Layer("file", table), Layer("variable", {"postgres": "18", "squawk": "no"})])
    assert (settings.postgres, settings.models, settings.deadline, settings.squawk) == (18, ("app",), 2.0, False)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"postgres": 3}, "bad-setting"),
        ({"deadline": 5}, "bad-setting"),
        ({"severities": {"set-not-null": "loud"}}, "bad-setting"),
        ({"sinze": "a"}, "unknown-setting"),
    ],
)
def test_wrong_settings_are_refused(values: dict[str, object], code: str) -> None:
    with pytest.raises(UsageError) as raised:
        resolve_lint([Layer("file", values)])
    assert raised.value.code == code


def test_a_severity_for_an_unknown_hazard_is_refused() -> None:
    with pytest.raises(UsageError) as raised:
        require_known(LintSettings(severities={"set-not-nul": "off"}), HAZARDS)
    assert (raised.value.code, "set-not-null" in raised.value.next) == ("unknown-hazard", True)
