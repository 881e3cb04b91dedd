"""One value of `railway.toml` or `railway.json` is set; every other byte stays."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlocking.errors import UsageError
from interlocking.railway.toml_rewrite import Format, Path, read_document, value_at, with_value
from tests.railway.toml_files import TABLES, TEXTS, written_files

START: Path = ("deploy", "startCommand")
OVERRIDE: Path = ("environments", "production", "deploy", "startCommand")
PRE_DEPLOY: Path = ("deploy", "preDeployCommand")
NEW = 'flask db upgrade && gunicorn -b "0:$PORT"'

SHAPES = {
    "basic": (
        '[deploy]\nstartCommand = "gunicorn -b \\"0:$PORT\\""\n',
        f"[deploy]\nstartCommand = {json.dumps(NEW)}\n",
    ),
    "literal": ("[deploy]\nstartCommand = 'gunicorn -b \"0:$PORT\"'\n", f"[deploy]\nstartCommand = '{NEW}'\n"),
    "multi-line": (
        '[deploy]\nstartCommand = """\ngunicorn -b \\\n   "0:$PORT\\""""  # why\n',
        '[deploy]\nstartCommand = """\nflask db upgrade && gunicorn -b \\\n   "0:$PORT\\""""  # why\n',
    ),
    "multi-line literal": (
        "[deploy]\nstartCommand = '''gunicorn -b \"0:$PORT\"'''\n",
        f"[deploy]\nstartCommand = '''{NEW}'''\n",
    ),
    "comments, spaces and order": (
        '# top\n\n[deploy]   # here\nx=1\n\tstartCommand   =  "gunicorn -b \\"0:$PORT\\""   # keep\n[build]\ny = [ 1,2 ]\n',
        '# top\n\n[deploy]   # here\nx=1\n\tstartCommand   =  "flask db upgrade && gunicorn -b \\"0:$PORT\\""   # keep\n[build]\ny = [ 1,2 ]\n',
    ),
    "dotted key": ("deploy.startCommand = 'gunicorn -b \"0:$PORT\"'", f"deploy.startCommand = '{NEW}'"),
    "quoted key": ('[deploy]\n"startCommand" = \'gunicorn -b "0:$PORT"\'', f"[deploy]\n\"startCommand\" = '{NEW}'"),
    "inline table": (
        "deploy = { x = 1, startCommand = 'gunicorn -b \"0:$PORT\"' }\n",
        f"deploy = {{ x = 1, startCommand = '{NEW}' }}\n",
    ),
    "windows": (
        "[deploy]\r\nstartCommand = 'gunicorn -b \"0:$PORT\"'\r\n[build]\r\n",
        f"[deploy]\r\nstartCommand = '{NEW}'\r\n[build]\r\n",
    ),
    "byte order mark": (
        "\ufeff[deploy]\nstartCommand = 'gunicorn -b \"0:$PORT\"'",
        f"\ufeff[deploy]\nstartCommand = '{NEW}'",
    ),
    "a table in two places": (
        "[deploy]\nstartCommand = 'gunicorn -b \"0:$PORT\"'\n[build]\nz = 1\n[deploy.limits]\nstartCommand = 'other'\n",
        f"[deploy]\nstartCommand = '{NEW}'\n[build]\nz = 1\n[deploy.limits]\nstartCommand = 'other'\n",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_text_keeps_its_shape(name: str) -> None:
    """Its quotes and its escapes too: only what is new is written."""
    before, after = SHAPES[name]

    assert after == with_value(before.encode(), START, NEW).decode()


MISSING = {
    "a table": ("[deploy]\nx = 1\n\n# builds\n[build]\n", "[deploy]\nx = 1\nstartCommand = {}\n\n# builds\n[build]\n"),
    "an indented table": ("[deploy]\n  x = 1", "[deploy]\n  x = 1\n  startCommand = {}"),
    "an empty table": ("[deploy]\n[build]\ny = 1\n", "[deploy]\nstartCommand = {}\n[build]\ny = 1\n"),
    "dotted keys": ("deploy.x = 1\n[build]\n", "deploy.x = 1\ndeploy.startCommand = {}\n[build]\n"),
    "an inline table": ("deploy = { x = 1 }\n", "deploy = { x = 1, startCommand = {} }\n"),
    "no table": ("[build]\ny = 1", "[build]\ny = 1\n\n[deploy]\nstartCommand = {}\n"),
    "windows": ("[deploy]\r\nx = 1\r\n", "[deploy]\r\nx = 1\r\nstartCommand = {}\r\n"),
    "windows without the table": ("[build]\r\ny = 1", "[build]\r\ny = 1\r\n\r\n[deploy]\r\nstartCommand = {}\r\n"),
    "nothing at all": ("", "[deploy]\nstartCommand = {}\n"),
    "only a table within": ("[deploy.limits]\nx = 1\n", "[deploy]\nstartCommand = {}\n\n[deploy.limits]\nx = 1\n"),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_key_is_written_where_it_belongs(name: str) -> None:
    """In the style of its neighbours."""
    before, after = MISSING[name]

    assert (
        after.replace("= {}", f"= {json.dumps('flask run')}")
        == with_value(before.encode(), START, "flask run").decode()
    )


def test_an_environment_has_a_value_of_its_own() -> None:
    """The base is left alone."""
    before = b"[deploy]\nstartCommand = 'a'\n[environments.production]\ndeploy.startCommand = 'b'\n"

    assert before.replace(b"'b'", b"'c && b'") == with_value(before, OVERRIDE, "c && b")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("preDeployCommand = [ 'a', ] # c\n", "preDeployCommand = [ 'b && a', ] # c\n"),
        ("preDeployCommand = [\n  'a' # one\n]\n", "preDeployCommand = [\n  'b && a' # one\n]\n"),
        ("preDeployCommand = 'a'\n", 'preDeployCommand = ["b && a"]\n'),
        ("", 'preDeployCommand = ["b && a"]\n'),
    ],
)
def test_a_list_of_one(before: str, after: str) -> None:
    """The pre-deploy command is one, in a list."""
    assert f"[deploy]\n{after}" == with_value(f"[deploy]\n{before}".encode(), PRE_DEPLOY, ["b && a"]).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{\n  "deploy": {\n    "startCommand": "a"\n  }\n}\n',
            '{\n  "deploy": {\n    "startCommand": "b && a"\n  }\n}\n',
        ),
        ('{"deploy":{"x":[{"startCommand":1}],"startCommand":"a\\u0062"}}', None),
        ('{"deploy": {\n    "x": 1\n}}', '{"deploy": {\n    "startCommand": "b && a",\n    "x": 1\n}}'),
        ('{"deploy": {}}', '{"deploy": {"startCommand": "b && a"}}'),
        ("{}", '{"deploy": {"startCommand": "b && a"}}'),
        ('{"deploy": {"startCommand": null}}', '{"deploy": {"startCommand": "b && a"}}'),
        ('{"build": 1}', '{"deploy": {"startCommand": "b && a"}, "build": 1}'),
    ],
)
def test_json_keeps_its_shape(before: str, after: str | None) -> None:
    """Space, order and escapes."""
    new = "b && ab" if after is None else "b && a"
    expected = after or '{"deploy":{"x":[{"startCommand":1}],"startCommand":"b && a\\u0062"}}'

    assert expected == with_value(before.encode(), START, new, "json").decode()


@pytest.mark.parametrize(("data", "format"), [(b"[deploy", "toml"), (b"{", "json"), (b"[]", "json"), (b"\xff", "toml")])
def test_what_cannot_be_read_is_left_alone(data: bytes, format: Format) -> None:
    """Railway could not read it either."""
    with pytest.raises(UsageError, match="cannot be read") as caught:
        with_value(data, START, "a", format)

    assert "railway-config-rejected" == caught.value.code


def test_what_is_no_table_is_left_alone() -> None:
    """`deploy` is a number: there is no place for a command in it."""
    with pytest.raises(UsageError) as caught:
        with_value(b"deploy = 1\n", START, "a")

    assert "config-not-rewritable" == caught.value.code


def _same(one: object, other: object) -> bool:
    return json.dumps(one, sort_keys=True, default=repr) == json.dumps(other, sort_keys=True, default=repr)


@settings(max_examples=150, deadline=None)
@given(data=written_files(), prefix=TEXTS)
def test_only_that_value_changes(data: bytes, prefix: str) -> None:
    """Parsed, nothing else differs; and setting the old value again gives the old bytes where there was one."""
    before = _parsed(data)
    old = value_at(before, START)
    new = f"{prefix} && {old}" if isinstance(old, str) else f"{prefix} && gunicorn"

    changed = with_value(data, START, new)

    wanted = {**before, "deploy": {**before["deploy"], "startCommand": new}}
    assert _same(wanted, _parsed(changed))
    assert data.startswith(b"\xef\xbb\xbf") == changed.startswith(b"\xef\xbb\xbf")
    if old is None:
        assert _is_insertion(data, changed)


@settings(max_examples=150, deadline=None)
@given(document=TABLES, indent=st.sampled_from([None, 0, 2, "\t"]), new=TEXTS, path=st.sampled_from([START, OVERRIDE]))
def test_only_that_value_of_json_changes(
    document: dict[str, Any], indent: int | str | None, new: str, path: Path
) -> None:
    """As in TOML."""
    table = document
    for name in path[:-1]:
        table[name] = table[name] if isinstance(table.get(name), dict) else {}
        table = table[name]
    text = json.dumps(document, indent=indent, default=str)

    changed = with_value(text.encode(), path, new, "json")

    assert new == value_at(json.loads(changed), path)
    assert _without(json.loads(text), path) == _without(json.loads(changed), path)


def _without(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """The document without the value, and without the tables that only held it."""
    name, *rest = path
    kept = {key: value for key, value in document.items() if key != name}
    inner = document.get(name)
    if rest and isinstance(inner, dict) and (left := _without(inner, tuple(rest))):
        kept[name] = left
    return kept


def _parsed(data: bytes) -> dict[str, Any]:
    assert read_document(data) == tomllib.loads(data.decode("utf-8-sig"))
    return read_document(data)


def _is_insertion(before: bytes, after: bytes) -> bool:
    """Whether `after` is `before` with bytes put in at one place."""
    common = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(before))
    return any(after.endswith(before[at:]) for at in range(common, -1, -1))
