"""How long requests took, by route and kind of status, of all processes and machines of the web.

Each process counts in its memory and adds what it counted to one table every ten seconds, at the end of a request. What
a process counted that is killed in between is missing.
"""

import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby

from django.db import Error
from django.http import HttpRequest, HttpResponse

from shop.asking import ask
from shop.models import RequestTimes

log = logging.getLogger(__name__)

STEPS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
EVERY = 10.0

# In order, so that two processes never wait for each other in a circle.
_ADD = """
INSERT INTO shop_requesttimes AS kept (route, status, step, requests, seconds)
SELECT * FROM unnest(%(routes)s::text[], %(statuses)s::text[], %(steps)s::int[], %(requests)s::bigint[],
                     %(seconds)s::float8[]) AS counted (route, status, step, requests, seconds)
 ORDER BY route, status, step
    ON CONFLICT (route, status, step) DO UPDATE
   SET requests = kept.requests + EXCLUDED.requests, seconds = kept.seconds + EXCLUDED.seconds
"""

Key = tuple[str, str, int]


class Tally:
    """What one process has counted and not written yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.counted: dict[Key, tuple[int, float]] = {}
        self.written_at = time.monotonic()

    def note(self, route: str, status: int, seconds: float) -> None:
        self._add({(route[:120], f"{status // 100}xx", bisect_left(STEPS, seconds)): (1, seconds)})

    def is_due(self) -> bool:
        return time.monotonic() - self.written_at >= EVERY

    def write(self) -> None:
        """What cannot be written now is written the next time."""
        with self.lock:
            counted, self.counted, self.written_at = self.counted, {}, time.monotonic()
        if not counted:
            return
        try:
            ask(_ADD, _columns(counted))
        except Error as error:
            log.warning("request times wait", extra={"error": type(error).__name__})
            self._add(counted)

    def _add(self, more: dict[Key, tuple[int, float]]) -> None:
        with self.lock:
            for key, (requests, seconds) in more.items():
                before = self.counted.get(key, (0, 0.0))
                self.counted[key] = (before[0] + requests, before[1] + seconds)


TALLY = Tally()


def _columns(counted: dict[Key, tuple[int, float]]) -> dict[str, list[object]]:
    return {
        "routes": [route for route, _status, _step in counted],
        "statuses": [status for _route, status, _step in counted],
        "steps": [step for _route, _status, step in counted],
        "requests": [requests for requests, _seconds in counted.values()],
        "seconds": [seconds for _requests, seconds in counted.values()],
    }


def note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """By the name of the route, never by the path, which may hold a number of somebody."""
    match = request.resolver_match
    TALLY.note((match.view_name or match.route) if match else "", response.status_code, seconds)
    if TALLY.is_due() and response.status_code < 500:  # else the database may be what is away
        TALLY.write()


class Histogram:
    """In the text format of Prometheus, where each step counts all that were quicker."""

    name, meaning = "request_duration_seconds", "How long requests took until they were answered."

    def __init__(self, rows: list[RequestTimes]) -> None:
        self.rows = rows

    def lines(self) -> Iterator[str]:
        if self.rows:
            yield f"# HELP regulars_{self.name} {self.meaning}"
            yield f"# TYPE regulars_{self.name} histogram"
        for (route, status), steps in groupby(self.rows, key=lambda row: (row.route, row.status)):
            yield from self._of_route(f'route="{route}",status="{status}"', list(steps))

    def _of_route(self, labels: str, steps: list[RequestTimes]) -> Iterator[str]:
        counted, so_far = {row.step: row.requests for row in steps}, 0
        for number, bound in enumerate((*STEPS, "+Inf")):
            so_far += counted.get(number, 0)
            yield f'regulars_{self.name}_bucket{{{labels},le="{bound}"}} {so_far}'
        yield f"regulars_{self.name}_sum{{{labels}}} {sum(row.seconds for row in steps):g}"
        yield f"regulars_{self.name}_count{{{labels}}} {so_far}"


def of_the_web() -> Iterator[Histogram]:
    TALLY.write()
    yield Histogram(list(RequestTimes.objects.order_by("route", "status", "step")))
