"""The public address: requests and answers pass through it as they are, and break where they break."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.railway.local.platforms import Place, get, place, write_app
from tests.waiting import DEADLINE_SECONDS, wait_until

_APP = """
import hashlib, json, os, time

def app(environ, start):
    path = environ["PATH_INFO"]
    body = environ["wsgi.input"].read()
    if path == "/stream":
        start("200 OK", [("Content-Type", "text/plain")])
        return stream(environ["QUERY_STRING"])
    if path == "/cut":
        start("200 OK", [("Content-Length", "1000")])
        return [b"short"]
    if path == "/abrupt":
        with open("../asked", "a") as file:
            file.write("once ")
        os.kill(os.getpid(), 9)
    if path == "/nothing":
        start("204 No Content", [])
        return []
    seen = {name: value for name, value in environ.items() if isinstance(value, str)}
    text = json.dumps({"environ": seen, "size": len(body), "digest": hashlib.sha256(body).hexdigest()}).encode()
    start("207 Odd", [("X-Two", "a"), ("X-Two", "b"), ("Set-Cookie", "c=1"), ("Content-Length", str(len(text)))])
    return [text]

def stream(wanted):
    yield b"0\\n"
    while wanted and not os.path.exists(wanted):
        time.sleep(0.02)
    yield b"1\\n"
    yield b"2\\n"
"""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One deployment for all tests of this module."""
    folder = tmp_path_factory.mktemp("proxy")
    with place(folder / "world") as running:
        app = write_app(folder / "app", railway='healthcheckPath = "/stream"\n')
        (app / "app.py").write_text(_APP)
        deployment = running.deploy(app)
        assert "SUCCESS" == running.status(deployment), running.story(deployment)
        yield running


def asked(web: Place) -> str:
    """How often the application was asked for `/abrupt`."""
    newest = next(reversed(web.world.read().deployments))
    return (web.world.folder_of(newest) / "asked").read_text()


@pytest.fixture
def connection(web: Place) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(web.instance.address or "", timeout=DEADLINE_SECONDS)
    yield connection
    connection.close()


def test_requests_arrive_as_they_were_sent(connection: http.client.HTTPConnection) -> None:
    """Method, encoded path, query, headers and body; the edge's own headers are added."""
    body = b"x" * 3_000_000
    headers = {"Content-Type": "text/odd", "X-Mine": "1", "Connection": "X-Hop", "X-Hop": "gone"}
    connection.request("PATCH", "/a%2Fb%20c?q=%26&q=2", body=body, headers=headers)
    answer = connection.getresponse()
    seen = json.loads(answer.read())
    environ = seen["environ"]

    assert (207, "Odd", ["a", "b"]) == (answer.status, answer.reason, answer.headers.get_all("X-Two"))
    assert ("PATCH", "/a%2Fb%20c?q=%26&q=2") == (environ["REQUEST_METHOD"], environ["RAW_URI"])
    assert (len(body), "text/odd", "1") == (seen["size"], environ["CONTENT_TYPE"], environ["HTTP_X_MINE"])
    assert "HTTP_X_HOP" not in environ
    assert ("127.0.0.1", "http") == (environ["HTTP_X_FORWARDED_FOR"], environ["HTTP_X_FORWARDED_PROTO"])
    assert environ["HTTP_X_RAILWAY_REQUEST_ID"] == answer.headers["X-Railway-Request-Id"]
    assert f"{connection.host}:{connection.port}" == environ["HTTP_HOST"]


def test_a_body_without_a_length_arrives_whole(connection: http.client.HTTPConnection) -> None:
    """As a client sends what it does not know the size of."""
    connection.request("POST", "/", body=iter([b"one", b"two"]), encode_chunked=True)

    assert 6 == json.loads(connection.getresponse().read())["size"]


def test_cookies_of_one_client_are_not_sent_for_another(connection: http.client.HTTPConnection) -> None:
    """The edge remembers nothing."""
    for _ in range(2):
        connection.request("GET", "/")
        assert "HTTP_COOKIE" not in json.loads(connection.getresponse().read())["environ"]


@pytest.mark.parametrize(("method", "path", "status"), [("HEAD", "/", 207), ("GET", "/nothing", 204)])
def test_answers_without_a_body(connection: http.client.HTTPConnection, method: str, path: str, status: int) -> None:
    """The connection can be used again after them."""
    for _ in range(2):
        connection.request(method, path)
        answer = connection.getresponse()
        assert (status, b"") == (answer.status, answer.read())


def test_answers_are_passed_on_while_they_are_made(connection: http.client.HTTPConnection, tmp_path: Path) -> None:
    """A client that waits for the first line must not wait for the last: here the others come when it has read that."""
    has_read = tmp_path / "has-read"
    connection.request("GET", f"/stream?{has_read}")
    answer = connection.getresponse()

    assert b"0\n" == answer.readline()
    has_read.touch()
    assert b"1\n2\n" == answer.read()


def test_an_answer_that_breaks_off_breaks_off_for_the_client(connection: http.client.HTTPConnection) -> None:
    """It must not look complete."""
    connection.request("GET", "/cut")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        connection.getresponse().read()


def test_nothing_is_tried_twice(web: Place) -> None:
    """Not even what could be: what the application loses, its client sees."""
    status, text = get(f"{web.url}/abrupt")

    assert (502, True, "once ") == (status, "Application failed to respond" in text, asked(web))


def test_the_edge_answers_for_an_application_that_never_came(tmp_path: Path) -> None:
    """With 404, and says that it is the edge that speaks."""
    with place(tmp_path / "world") as web:
        app = write_app(tmp_path / "app", railway='preDeployCommand = ["sleep 600"]\n')
        web.begin(app)
        wait_until(lambda: get(web.url)[0] != 0)
        connection = http.client.HTTPConnection(web.instance.address or "", timeout=DEADLINE_SECONDS)
        connection.request("GET", "/")
        answer = connection.getresponse()
        body = json.loads(answer.read())
        connection.close()

        assert (404, "true") == (answer.status, answer.headers["X-Railway-Fallback"])
        assert ("error", 404, "Application not found") == (body["status"], body["code"], body["message"])


def test_a_client_that_leaves_disturbs_nobody(web: Place, tmp_path: Path) -> None:
    """Neither the edge nor the next client, who comes while the answer is still made."""
    host, _, port = (web.instance.address or "").partition(":")
    has_left = tmp_path / "has-left"
    with socket.create_connection((host, int(port))) as leaving:
        leaving.sendall(f"GET /stream?{has_left} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert leaving.recv(10)
    has_left.touch()

    assert 207 == get(web.url)[0]


def test_a_slow_client_does_not_hold_up_the_others(web: Place) -> None:
    """One that never ends its request."""
    host, _, port = (web.instance.address or "").partition(":")
    with socket.create_connection((host, int(port))) as slow:
        slow.sendall(b"GET /strea")

        assert 207 == get(web.url)[0]


def test_every_request_has_a_line_in_the_log(web: Place) -> None:
    """With the keys of `railway logs --http --json`."""
    get(f"{web.url}/logged?secret=no")
    log = web.world.folder / "http" / f"{web.instance.id}.ndjson"
    wait_until(lambda: "/logged" in log.read_text())
    line = next(row for row in map(json.loads, log.read_text().splitlines()) if row["path"] == "/logged")

    assert ("GET", 207, "127.0.0.1") == (line["method"], line["httpStatus"], line["srcIp"])
    assert web.status(line["deploymentId"]) == "SUCCESS"
