"""Views of the list: those an index serves against the small shop, all others against the floor view."""

import argparse
import statistics
from collections.abc import Iterator

from django.test import Client, override_settings

from bench.database import shop
from bench.pages import FLOOR, client_of_the_bench, ok, times_in_turn
from bench.result import Result

ROUNDS = 20
# Of facets with an index in whose order they are shown. Each fills its page in the small shop, too: that is checked.
INDEXED = {
    "newest": "sort=-created",
    "last order": "last_on=2025-01-01..&sort=-last_on",
    "orders": "orders=10..&sort=-orders",
    "spent": "net=500..&sort=-net",
    "average order": "average_order=50..&sort=-average_order",
    "first order": "first_on=2023-01-01..&sort=-first_on",
    "tier kept until": "tier_until=2024-01-01..&sort=-tier_until",
    "missing to the next tier": "to_next_tier=1..&sort=-to_next_tier",
}
OTHER = {
    "nobody has bought nothing": "state=no_orders",
    "bought once": "state=one_order",
    "at risk, by spend": "state=at_risk&sort=-net",
    "no e-mail": "has_email=no",
    "no phone": "has_phone=no",
    "may not be asked by mail": "surveys_by_email=no",
    "may be asked by mail": "surveys_by_email=yes",
    "no points mail": "points_by_email=no",
    "objects to scoring": "objects_to_profiling=yes",
    "nothing spent": "net=-",
    "nothing at stake": "at_stake=-",
    "much at stake": "at_stake=99999..",
    "an RFM group of few": "rfm=new",
    "not scored": "state=not_scored",
    "nothing about the town": "city=-",
    "nothing about where from": "source=-",
    "a town": "city=town+77",
    "a language": "language=uk",
    "not a language": "language.not=en",
    "birthday today": "birthday=today",
    "many points": "points=800..",
    "no points": "points=-",
    "points that wait": "points_pending=1..",
    "points in all": "points_in_all=1500..",
    "owes points": "points_debt=1..",
    "points expire soon": "points_end=..today",
    "of the highest tier": "tier=3",
    "of no tier": "tier=-",
    "about to lose a tier": "tier_at_risk=yes",
    "has a discount": "has_discount=yes",
    "has none": "has_discount=no",
    "was given a discount": "discount=1",
    "never with a discount": "discount_dependence=never",
    "always with a discount": "discount_dependence=always",
    "no tag": "tags=-",
    "an open complaint": "open_complaint=yes",
    "two groups": "city=town+77&birthday=today&match=any&2.language=ru&groups=any",
}


def measure(options: argparse.Namespace) -> Iterator[Result]:
    with override_settings(ROOT_URLCONF="bench.floor", DEBUG=False, ALLOWED_HOSTS=["*"]):
        with shop(options.small):
            client = client_of_the_bench()
            small = {asked: (_rows(client, asked), _against_floor(client, asked)[0]) for asked in INDEXED.values()}
        with shop(options.customers):
            client = client_of_the_bench()
            for name, asked in INDEXED.items():
                rows, before = small[asked]
                assert _rows(client, asked) == rows > 0, f"{name}: pages of unlike length cannot be compared"
                median, detail = _against_floor(client, asked)
                yield Result(f"view, {name}: against the small shop", median / before, "x", 1.3, detail)
            for name, asked in OTHER.items():
                median, detail = _against_floor(client, asked)
                yield Result(f"view, {name}: median against the floor", median, "x", 40, detail)


def _rows(client: Client, asked: str) -> int:
    return client.get(f"/customers/?{asked}").content.count(b'name="pick"')


def _against_floor(client: Client, asked: str) -> tuple[float, str]:
    floor, times = times_in_turn([lambda: ok(client, FLOOR), lambda: ok(client, f"/customers/?{asked}")], ROUNDS)
    base, median = statistics.median(floor), statistics.median(times)
    return median / base, f"{median:.1f} ms, floor {base:.2f} ms"
