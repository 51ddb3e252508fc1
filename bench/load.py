"""`bin/bench load ADDRESS`: so many clients ask a running shop for a while; the rate, how long answers took, errors.

Without a key it asks for one path (--path, /livez); with an API key that may add orders (--key-file, or API_KEY in the
environment) it tells orders, each its own, of the source `load`. They are real orders: not against a shop in use.
"""

import argparse
import http.client
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

Answer = tuple[str, float]  # the status or the kind of error, and seconds
Ask = Callable[["Wire", str], int]
AGAIN = 0.2  # seconds of rest after an error, so that a server that is away is not the faster for it


class Wire:
    """One client's connection, opened again after an error."""

    def __init__(self, address: SplitResult, within: float) -> None:
        self.address, self.within = address, within
        self.open: http.client.HTTPConnection | None = None

    def send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
        if self.open is None:
            kind = http.client.HTTPSConnection if self.address.scheme == "https" else http.client.HTTPConnection
            self.open = kind(self.address.hostname or "", self.address.port, timeout=self.within)
        self.open.request(method, path, body, headers)
        answer = self.open.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        if self.open:
            self.open.close()
        self.open = None


def main(argv: list[str]) -> int:
    options = _options(argv)
    address = urlsplit(options.address)
    if address.scheme not in ("http", "https") or not address.hostname:
        print("The address begins with http:// or https://.", file=sys.stderr)
        return 2
    key = options.key_file.read_text().strip() if options.key_file else os.environ.get("API_KEY", "")
    ask = _orders(key) if key else _page(options.path)
    began = time.perf_counter()
    answers = _for_a_while(address, ask, options)
    print(report(answers, time.perf_counter() - began))
    return int(any(not status.startswith("2") for status, _took in answers) or not answers)


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench load", description=__doc__)
    parser.add_argument("address", help="http://127.0.0.1:8000")
    parser.add_argument("--path", default="/livez", help="what is asked for without a key")
    parser.add_argument("--key-file", type=Path, help="a file with the API key under which orders are told")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--within", type=float, default=30, help="seconds after which an answer is an error")
    return parser.parse_args(argv)


def _page(path: str) -> Ask:
    return lambda wire, _name: wire.send("GET", path, None, {})


def _orders(key: str) -> Ask:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(wire: Wire, name: str) -> int:
        order = {
            "source": "load",
            "reference": name,
            "placed_at": datetime.now(UTC).isoformat(),
            "customer": {"external_id": name},
            "total": "18.90",
            "lines": [{"sku": "A", "name": "Green tea", "quantity": 2, "unit_price": "9.45"}],
        }
        return wire.send("POST", "/api/v1/orders/", json.dumps(order), headers)

    return ask


def _for_a_while(address: SplitResult, ask: Ask, options: argparse.Namespace) -> list[Answer]:
    run = f"{time.time_ns():x}"
    until = time.perf_counter() + options.seconds

    def client(number: int) -> list[Answer]:
        wire, answers = Wire(address, options.within), []
        while not answers or time.perf_counter() < until:
            answers.append(_timed(wire, ask, f"{run}-{number}-{len(answers)}"))
        wire.close()
        return answers

    with ThreadPoolExecutor(options.clients) as pool:
        return [answer for some in pool.map(client, range(options.clients)) for answer in some]


def _timed(wire: Wire, ask: Ask, name: str) -> Answer:
    began = time.perf_counter()
    try:
        return str(ask(wire, name)), time.perf_counter() - began
    except (OSError, http.client.HTTPException) as error:
        wire.close()
        took = time.perf_counter() - began
        time.sleep(AGAIN)
        return type(error).__name__, took


def report(answers: list[Answer], seconds: float) -> str:
    times = sorted(took for _status, took in answers)
    kinds = Counter(status for status, _took in answers)
    good = sum(count for status, count in kinds.items() if status.startswith("2"))
    lines = [f"{len(answers):,} requests in {seconds:.1f} s; {good / seconds:.1f} a second answered with success"]
    if times:
        shares = {"p50": 50, "p95": 95, "p99": 99}
        parts = [f"{name} {1000 * part(times, share):.1f}" for name, share in shares.items()]
        lines.append(f"milliseconds: {', '.join(parts)}, longest {1000 * times[-1]:.1f}")
    lines.append("answers: " + (", ".join(f"{status} × {count:,}" for status, count in kinds.most_common()) or "none"))
    return "\n".join(lines)


def part(times: list[float], percent: int) -> float:
    """The least time within which so many of a hundred were answered."""
    return times[max(-(-len(times) * percent // 100) - 1, 0)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
