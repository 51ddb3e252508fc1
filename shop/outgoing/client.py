"""Sends one request and reads one answer: ten seconds in all, 64 kB, no redirects, no proxies.

http.client is the reader; the connection is ours, because it must go to an address that was looked at (guard.py),
under the name that was typed, and because the time is for the whole of it, however slowly the other side drips.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shop.outgoing.guard import Refused, Resolve, Target, checked_addresses, resolve, target

TIME = 10.0
ANSWER = 64 * 1024
HEADERS = 16 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back. No `status`: nothing did, and `trouble` says why not.

    `trouble`: timeout, connection, tls, malformed, or "refused_" and what guard.Refused says.
    """

    status: int = 0
    text: str = ""
    trouble: str = ""
    took_ms: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


class _TooLong(Exception):
    """More came than anybody needs to read."""


class _Clock:
    def __init__(self, seconds: float) -> None:
        self.began = time.monotonic()
        self.ends = self.began + seconds

    @property
    def left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    @property
    def took_ms(self) -> int:
        return round((time.monotonic() - self.began) * 1000)


class _Wire(io.RawIOBase):
    """The socket as http.client reads it: each read has only the time that is left, and all have a limit."""

    def __init__(self, wire: socket.socket, clock: _Clock, most: int) -> None:
        self.wire, self.clock, self.left = wire, clock, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.left <= 0:
            raise _TooLong
        self.wire.settimeout(self.clock.left)
        read = self.wire.recv_into(memoryview(buffer)[: self.left])
        self.left -= read
        return read

    def makefile(self, *_mode: Any, **_options: Any) -> io.BufferedReader:
        return io.BufferedReader(self)


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    within: float = TIME,
    asked: Resolve = resolve,
    lan: frozenset[str] | None = None,
    trust: ssl.SSLContext | None = None,
) -> Answer:
    """Never raises for what the other side does or is. `lan`: read beforehand where there is no database."""
    clock = _Clock(within)
    try:
        goal = target(url, lan)
        wire = _connect(goal, checked_addresses(goal, clock.left, asked), clock, trust)
    except Refused as refused:
        return Answer(trouble=f"refused_{refused.why}", took_ms=clock.took_ms)
    except (OSError, ValueError) as error:
        return Answer(trouble=_trouble(error), took_ms=clock.took_ms)
    try:
        with wire:
            return _exchange(wire, clock, _request(goal, body, headers))
    except (OSError, ValueError, http.client.HTTPException, _TooLong) as error:
        return Answer(trouble=_trouble(error), took_ms=clock.took_ms)


def _trouble(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "connection" if isinstance(error, OSError) else "malformed"


def _connect(goal: Target, addresses: list[str], clock: _Clock, trust: ssl.SSLContext | None) -> socket.socket:
    """To the first of the addresses that takes the call."""
    for place, address in enumerate(addresses):
        last = place == len(addresses) - 1
        try:
            wire = socket.create_connection((address, goal.port), timeout=clock.left if last else clock.left / 2)
        except OSError:
            if last:
                raise
            continue
        return _secured(wire, goal, clock, trust) if goal.scheme == "https" else wire
    raise ConnectionError


def _secured(wire: socket.socket, goal: Target, clock: _Clock, trust: ssl.SSLContext | None) -> socket.socket:
    try:
        wire.settimeout(clock.left)
        return (trust or _of_the_system()).wrap_socket(wire, server_hostname=goal.host)
    except BaseException:
        wire.close()
        raise


@cache
def _of_the_system() -> ssl.SSLContext:
    return ssl.create_default_context()


def _request(goal: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    own = {"Host": goal.named, "Content-Length": str(len(body)), "Connection": "close", "Accept-Encoding": "identity"}
    lines = [f"POST {goal.path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**headers, **own}.items())]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header breaks its line")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _exchange(wire: socket.socket, clock: _Clock, request: bytes) -> Answer:
    wire.settimeout(clock.left)
    wire.sendall(request)
    answer = http.client.HTTPResponse(_Wire(wire, clock, ANSWER + HEADERS), method="POST")  # type: ignore[arg-type]
    answer.begin()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, _text(answer), "", clock.took_ms, headers)


def _text(answer: http.client.HTTPResponse) -> str:
    """What an answer says is for people to read: half of it is as good as all, the status came before."""
    try:
        return answer.read(ANSWER).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException, _TooLong):
        return ""
