"""How long requests took, for a monitor: one histogram of all processes of the web."""

import pytest
from django.db import OperationalError

from shop import request_times
from shop.models import RequestTimes
from shop.request_times import Tally

AN_HOUR = 3600


@pytest.fixture
def counting(settings, monkeypatch):
    settings.COUNT_REQUESTS = True
    monkeypatch.setattr(request_times, "TALLY", Tally())
    request_times.TALLY.written_at += AN_HOUR  # on a busy machine, too, nothing is due before a test says so
    return request_times.TALLY


def said(client):
    lines = client.get("/metrics").content.decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if line.startswith("regulars_request_"))


def bucket(le, status="2xx"):
    return f'regulars_request_duration_seconds_bucket{{route="shop:login",status="{status}",le="{le}"}}'


def test_two_processes_count_into_one_histogram(client, db, counting):
    other = Tally()
    for tally, seconds in ((counting, 0.004), (counting, 0.3), (other, 0.3), (other, 99.0)):
        tally.note("shop:login", 200, seconds)
    other.write()

    figures = said(client)

    assert [figures[bucket(le)] for le in ("0.01", "0.25", "0.5", "10.0", "+Inf")] == ["1", "1", "3", "3", "4"]
    of_all = '{route="shop:login",status="2xx"}'
    assert figures[f"regulars_request_duration_seconds_count{of_all}"] == "4"
    assert float(figures[f"regulars_request_duration_seconds_sum{of_all}"]) == pytest.approx(99.604, abs=0.01)


def test_a_request_is_counted_by_its_route_and_never_by_its_path(client, db, counting):
    client.get("/login/")
    client.get("/customers/4711/")
    client.get("/nowhere/4711/")
    client.get("/livez")

    figures = said(client)

    assert figures[bucket("+Inf")] == "1"
    assert not [line for line in figures if "4711" in line or "livez" in line]
    assert [line for line in figures if 'status="4xx"' in line and 'route=""' in line]


def test_nothing_is_written_between_two_times(client, db, counting):
    client.get("/login/")
    assert not RequestTimes.objects.exists()

    counting.written_at -= AN_HOUR + request_times.EVERY
    client.get("/login/")

    assert sum(RequestTimes.objects.filter(route="shop:login").values_list("requests", flat=True)) == 2


def test_what_could_not_be_written_is_written_later(db, counting, monkeypatch):
    def away(*_asked):
        raise OperationalError

    counting.note("shop:login", 200, 0.1)
    with monkeypatch.context() as outage:
        outage.setattr(request_times, "ask", away)
        counting.write()
    counting.note("shop:login", 200, 0.1)
    counting.write()

    assert RequestTimes.objects.get().requests == 2


def test_without_the_web_nothing_is_counted(client, db, monkeypatch):
    monkeypatch.setattr(request_times, "TALLY", Tally())

    client.get("/login/")

    assert request_times.TALLY.counted == {}
    assert said(client) == {}
