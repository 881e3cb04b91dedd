"""Ports of Local Railway: several worlds are made at once, by several processes."""

from __future__ import annotations

import socket
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

from interlocking.railway.local.ports import free_port


def given(count: int) -> list[int]:
    return [free_port() for _ in range(count)]


def test_nobody_is_given_what_another_was_given_a_moment_ago() -> None:
    """It may be about to listen there."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        ports = [port for each in processes.map(given, [300, 300]) for port in each]

    assert 600 == len(set(ports))


def test_where_somebody_listens_is_passed_over() -> None:
    """Also on all addresses of the machine."""
    following = free_port() + 1
    with socket.socket() as taken:
        with suppress(OSError):  # somebody does already
            taken.bind(("", following))
            taken.listen()

        assert following not in given(3)
