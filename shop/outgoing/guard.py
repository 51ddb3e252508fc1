"""Where a request may go: what an address must look like, and which machines may stand behind a name.

A name is resolved once and every answer is looked at; the request then goes to an address that was looked at, so a name
that answers otherwise a moment later (DNS rebinding) leads nowhere.
"""

import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

from shop.models import Setting

LAN_HOSTS = "outgoing.lan_hosts"
LONGEST = 500
NAT64 = IPv6Network("64:ff9b::/96")
# What older versions of Python take for public: protocols, relays, NAT64 of one's own, documentation.
NOT_PUBLIC: list[Any] = [
    *map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24")),
    *map(IPv6Network, ("64:ff9b:1::/48", "100::/64", "2001::/23", "3fff::/20", "5f00::/16")),
]
PORTS = {"https": 443, "http": 80}
LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]


class Refused(Exception):
    """Nothing is sent there. `why`: malformed, credentials, host, port, scheme, address, unknown_host."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Target:
    """An address as it was typed, taken apart. `in_lan`: an administrator named the host."""

    scheme: str
    host: str
    port: int
    path: str
    in_lan: bool = False

    @property
    def named(self) -> str:
        """As in the header Host: without the port where it goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def lan_hosts() -> frozenset[str]:
    return frozenset(line.strip().casefold() for line in Setting.get(LAN_HOSTS).splitlines() if line.strip())


def target(url: str, lan: Iterable[str] | None = None) -> Target:
    """Raises Refused. Asks no name server: what stands behind the name is looked at when something is sent."""
    if len(url) > LONGEST or not url.isprintable() or any(c.isspace() for c in url) or "\\" in url:
        raise Refused("malformed")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused("malformed") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise Refused("scheme" if parts.scheme not in PORTS else "malformed")
    if "@" in parts.netloc:
        raise Refused("credentials")
    port = PORTS[parts.scheme] if port is None else port
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise Refused("malformed")
    found = Target(parts.scheme, _host(parts.hostname), port, path)
    named = {found.host, f"{found.host}:{port}", found.named}
    if named & (lan_hosts() if lan is None else set(lan)):
        return Target(found.scheme, found.host, port, path, in_lan=True)
    return _fit_for_the_internet(found)


def _fit_for_the_internet(found: Target) -> Target:
    if found.scheme != "https":
        raise Refused("scheme")
    if found.port not in PORTS.values() and found.port < 1024:
        raise Refused("port")
    return found


def _host(typed: str) -> str:
    """In the letters of DNS, or a plain IP address; 0177.0.0.1, 2130706433 and 0x7f.1 are neither."""
    try:
        return str(ip_address(typed))
    except ValueError:
        pass
    try:
        host = typed.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise Refused("host") from error
    labels = host.split(".")
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in labels) or _is_number(labels[-1]):
        raise Refused("host")
    return host


def _is_number(label: str) -> bool:
    return label.isdigit() or re.fullmatch(r"0x[0-9a-f]*", label) is not None


def unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries inside, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Of the whole world, and of one machine."""
    inner = unwrapped(address)
    bad = inner.is_multicast or inner.is_reserved or inner.is_unspecified or inner.is_loopback or inner.is_link_local
    bad = bad or getattr(inner, "is_site_local", False) or any(inner in network for network in NOT_PUBLIC)
    return inner.is_global and not bad


def is_of_a_lan(address: Address) -> bool:
    """What an administrator may allow: never the addresses by which clouds tell machines their secrets."""
    inner = unwrapped(address)
    return not (inner.is_multicast or inner.is_unspecified or inner.is_link_local)


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(found: Target, within: float, asked: Resolve = resolve) -> list[str]:
    """Every address behind the name, asked for once. One that may not be reached spoils them all. Raises Refused."""
    answers = _asked_within(within, asked, found)
    fits = is_of_a_lan if found.in_lan else is_public
    try:
        good = all(fits(ip_address(answer.partition("%")[0])) for answer in answers)
    except ValueError as error:
        raise Refused("address") from error
    if not answers:
        raise Refused("unknown_host")
    if not good:
        raise Refused("address")
    return answers


def _asked_within(seconds: float, asked: Resolve, found: Target) -> list[str]:
    """Name servers keep their own time, so another thread waits for them."""
    answers: list[list[str]] = []

    def look() -> None:
        try:
            answers.append(asked(found.host, found.port))
        except (OSError, UnicodeError):
            answers.append([])

    asking = threading.Thread(target=look, daemon=True)
    asking.start()
    asking.join(seconds)
    if not answers:
        raise TimeoutError
    return answers[0]
