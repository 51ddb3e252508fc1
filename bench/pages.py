"""Staff pages against the floor view, at the large shop and at the small one."""

import argparse
import gzip
import random
import re
import statistics
import time
from collections.abc import Callable, Iterator

from django.db import connection
from django.db.models import Max, Min
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from bench.database import shop
from bench.result import Result
from crm.models import Customer, Identifier, Order
from shop.models import User

ROUNDS = 120
FLOOR = "/bench/floor/"


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with override_settings(ROOT_URLCONF="bench.floor", DEBUG=False, ALLOWED_HOSTS=["*"]):
        with shop(options.small):
            client = client_of_the_bench()
            small = {name: _against_floor(client, page)[0] for name, page in _pages(client).items()}
        with shop(options.customers):
            client = client_of_the_bench()
            for name, page in _pages(client).items():
                yield from _page(client, name, page, small[name])
            yield from _search(client, 30 if options.customers >= 1_000_000 else 25)
            yield _first_view(client)


def user_of_the_bench() -> User:
    user, _ = User.objects.get_or_create(email="bench@shop.example", defaults={"name": "B", "role": "administrator"})
    return user


def client_of_the_bench() -> Client:
    client = Client()
    client.force_login(user_of_the_bench())
    return client


def _pages(client: Client) -> dict[str, Callable[[], None]]:
    cards = _sample(Customer.objects.all(), "pk")

    def get(url: str) -> Callable[[], None]:
        return lambda: ok(client, url)

    return {
        "list": get("/customers/"),
        "list by spend": get("/customers/?sort=-net"),
        "card": lambda: ok(client, f"/customers/{random.choice(cards)}/"),
        "Today": get("/"),
        "Retention": get("/retention/"),
        "At risk": get("/at-risk/"),
    }


def ok(client: Client, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)


def times_in_turn(calls: list[Callable[[], None]], rounds: int = ROUNDS) -> list[list[float]]:
    """Milliseconds of each call, taken in turn, so that the machine's moods hit all alike."""
    for call in calls * 5:
        call()
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, kept in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            kept.append((time.perf_counter() - start) * 1000)
    return times


def _against_floor(client: Client, page: Callable[[], None]) -> tuple[float, float, str]:
    """Median and p95 of a page as multiples of the floor's median, taken in the same minute."""
    floor, times = times_in_turn([lambda: ok(client, FLOOR), page])
    base, median = statistics.median(floor), statistics.median(times)
    return median / base, _p95(times) / base, f"{median:.1f} ms, floor {base:.2f} ms"


def _page(client: Client, name: str, page: Callable[[], None], small: float) -> Iterator[Result]:
    median, p95, detail = _against_floor(client, page)
    yield Result(f"{name}: median against the floor", median, "x", 8, detail)
    yield Result(f"{name}: p95 against the floor", p95, "x", 20)
    yield Result(f"{name}: against the small shop", median / small, "x", 1.3)
    with CaptureQueriesContext(connection) as queries:
        page()
    yield Result(f"{name}: queries", len(queries), "queries", 12)


def _search(client: Client, bar: float) -> Iterator[Result]:
    asked = {
        "search: a name with a typo": [_typo(name) for name in _sample(Customer.objects.all(), "name")],
        "search: part of a phone": [p[5:11] for p in _sample(Identifier.objects.filter(kind="phone"), "normalised")],
        "search: an order number": _sample(Order.objects.all(), "reference"),
    }
    for what, terms in asked.items():
        turn = iter(terms * 10)
        floor, times = times_in_turn([lambda: ok(client, FLOOR), lambda t=turn: _find(client, next(t))])
        yield Result(f"{what}, p95", _p95(times) / statistics.median(floor), "x", bar, f"{_p95(times):.1f} ms")


def _find(client: Client, term: str) -> None:
    response = client.get("/customers/", {"q": term})
    assert response.status_code in (200, 302), response.status_code


def _sample(rows, field: str) -> list:
    """Forty rows from all over the table; sorting ten million by chance would take longer than the bench."""
    ends = rows.aggregate(low=Min("pk"), high=Max("pk"))
    picked = {random.randint(ends["low"], ends["high"]) for _ in range(400)}
    return list(rows.filter(pk__in=picked).values_list(field, flat=True)[:40])


def _typo(name: str) -> str:
    place = random.randrange(2, len(name) - 1)
    return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]


def _first_view(client: Client) -> Result:
    """Everything one staff page makes a browser load: the page as it is, files compressed as they are served."""
    html = client.get("/customers/").content
    total = len(html)
    urls = set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', html))
    foreign = re.findall(rb'<(?:script|link|img)[^>]+(?:src|href)="https?://[^"]+"', html)
    assert not foreign, foreign
    for url in urls:
        total += _compressed_size(url.decode())
    return Result("first view of a staff page", total / 1000, "kB", 120, f"{len(urls)} files beside the page")


def _compressed_size(url: str) -> int:
    from django.conf import settings

    path = settings.STATIC_ROOT / url.removeprefix(settings.STATIC_URL)
    for ending in (".br", ".gz"):
        packed = path.with_name(path.name + ending)
        if packed.exists():
            return packed.stat().st_size
    return len(gzip.compress(path.read_bytes()))


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
