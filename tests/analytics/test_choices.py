"""Retention for any period, group and comparison: what the address says, who is behind, what cannot be read."""

import json
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from analytics import recompute
from analytics.metrics import asking, rfm_grid
from analytics.metrics.asking import Question
from analytics.metrics.groups import read as group
from analytics.metrics.spans import Span, year_before
from analytics.metrics.table import BY_NAME
from analytics.models import AskedFigures, Generation, RfmPeriod
from analytics.reports.retention import Report
from crm.models import Customer, Order
from feedback.figures import counting
from feedback.figures.periods import midnight
from feedback.models import Invitation
from loyalty.models import Tier
from loyalty.models.tier import TierPeriod
from shop.models import Setting
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


@pytest.fixture(scope="module")
def figures(module_db):
    Setting.put("analytics.active_days", 60)
    random_shop(90)
    Customer.objects.filter(pk__in=list(Customer.objects.order_by("pk").values_list("pk", flat=True)[:40])).update(
        source="web"
    )
    return recompute.full(AS_OF).pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


def page(client, name="retention", **asked):
    return client.get(reverse(f"analytics:{name}"), asked)


@pytest.mark.parametrize(
    ("written", "first", "last", "before", "year"),
    [
        ("2024-02", (2024, 2, 1), (2024, 2, 29), "2024-01", "2023-02"),
        ("2026-Q1", (2026, 1, 1), (2026, 3, 31), "2025-Q4", "2025-Q1"),
        ("2026", (2026, 1, 1), (2026, 12, 31), "2025", "2025"),
        ("2024-02-29..2024-03-01", (2024, 2, 29), (2024, 3, 1), "2024-02-27..2024-02-28", "2023-02-28..2023-03-01"),
    ],
)
def test_a_period_and_those_beside_it(written, first, last, before, year):
    span = Span.read(written)

    assert (span.first, span.last, span.key) == (date(*first), date(*last), written)
    assert (span.before.key, span.year_before.key) == (before, year)
    assert year_before(date(2024, 2, 29)) == date(2023, 2, 28)


@pytest.mark.parametrize(
    "nonsense", ["", "2026-13", "2026-Q5", "x", "2026-1", "2026-02-30..2026-03-01", "0001", "9999"]
)
def test_what_is_no_period_is_none(nonsense):
    assert Span.read(nonsense) is None


def test_a_month_that_is_not_over_is_set_beside_as_many_days():
    march = Span.read("2026-03").until(date(2026, 3, 31))

    assert (march.last, march.complete, march.before.last) == (date(2026, 3, 30), False, date(2026, 2, 28))
    assert Span.read("2026-05").until(date(2026, 5, 11)).before.last == date(2026, 4, 10)


def brute(rows, span, window, known_until):
    """The definitions once more, customer by customer."""
    found = {"start": 0, "end": 0, "kept": 0, "new": 0, "returned": 0, "tried_and_left": 0, "first_seen": 0}
    for days in rows.values():
        before = span.first - timedelta(days=1)
        start = any(before - timedelta(days=window) < day <= before for day in days)
        end = any(span.last - timedelta(days=window) < day <= span.last for day in days)
        fresh, known = span.first <= min(days) <= span.last, min(days) < known_until
        found["start"] += start
        found["end"] += end
        found["kept"] += start and end
        found["new"] += fresh and end and not known
        found["first_seen"] += fresh and end and known
        found["tried_and_left"] += fresh and not end and not known
        found["returned"] += end and not start and min(days) < span.first
    return found


@pytest.mark.parametrize("written", ["2026-02", "2026-Q1", "2025", "2025-11-15..2026-02-10", "2026-05-30..2026-05-31"])
@pytest.mark.parametrize("source", ["", "web"])
def test_any_range_and_group_is_what_counting_by_hand_gives(shop, mira, written, source):
    whose = {} if not source else {"customer__source": source}
    rows = {}
    for customer, at in Order.objects.filter(**whose).values_list("customer", "placed_at"):
        rows.setdefault(customer, []).append(at.date())
    span = Span.read(written)

    sums = asking.sums(shop, [Question(span, group(f"source-{source}" if source else "", mira))])[0]

    known_until = shop.history_from + timedelta(days=60)
    assert {name: getattr(sums.window, name) for name in brute(rows, span, 60, known_until)} == brute(
        rows, span, 60, known_until
    )
    inside = [day for days in rows.values() for day in days if span.first <= day <= span.last]
    assert sums.spent.x == len(inside)
    assert sums.again["30"] == by_hand(rows, span, 30, known_until)


def by_hand(rows, span, days, known_until):
    k = n = 0
    for bought in map(sorted, map(set, rows.values())):
        if bought[0] >= known_until and span.first <= bought[0] + timedelta(days=days) <= span.last:
            n += 1
            k += len(bought) > 1 and bought[1] <= bought[0] + timedelta(days=days)
    return [k, n]


def test_the_people_behind_any_figure_are_as_many_as_it_says(manager, mira, shop):
    sums = {}
    for whose in ("", "source-web"):
        sums[whose] = asking.sums(shop, [Question(Span.read("2026-Q1"), group(whose, mira))])[0]
    for whose, found in sums.items():
        counted = {
            "start": found.window.start,
            "active": found.window.end,
            "churned": found.window.churned,
            "returned": found.window.returned,
            "new": found.window.new,
            "left": found.window.tried_and_left,
            "bought": found.spent.n,
            "ever": found.customers,
            "again_30": found.again["30"][0],
        }
        for who, n in counted.items():
            response = page(manager, "behind", period="2026-Q1", group=whose, who=who)
            assert response.context["found"].customers.count() == n, (whose, who)


def test_what_was_worked_out_once_is_looked_up(shop, django_assert_num_queries):
    question = Question(Span.read("2026-Q1"))
    first = asking.sums(shop, [question])

    with django_assert_num_queries(1):
        again = asking.sums(shop, [question])

    assert again == first
    assert AskedFigures.objects.count() == 1


def test_the_kept_answers_stay_within_their_bound_and_go_with_their_figures(shop, monkeypatch):
    monkeypatch.setattr(AskedFigures, "MOST", 2)
    for written in ("2026-01", "2026-02", "2026-03", "2026-04"):
        asking.sums(shop, [Question(Span.read(written))])
    kept = AskedFigures.objects.count()

    recompute.full(AS_OF)

    assert (kept, AskedFigures.objects.count()) == (2, 0)


def test_a_tier_is_as_it_stood_when_the_period_began(shop, mira):
    gold = Tier.objects.create(name="Gold")
    now, then = Customer.objects.order_by("pk")[:2]
    began, ended = date(2025, 1, 1), date(2026, 3, 15)
    TierPeriod.objects.create(customer=then, tier=gold, began_on=began, kept_until=ended, ended_on=ended)
    TierPeriod.objects.create(customer=now, tier=gold, began_on=ended, kept_until=date(2027, 1, 1))

    whose = group(f"tier-{gold.pk}", mira)

    assert whose.ids(Span.read("2026-03")).tolist() == [then.pk]
    assert whose.ids(Span.read("2026-04")).tolist() == [now.pk]


def test_a_group_of_rfm_is_as_it_was_noted_when_the_period_began(shop, mira):
    moved, stayed = Customer.objects.order_by("pk")[:2]
    january, march = date(2026, 1, 10), date(2026, 3, 10)
    RfmPeriod.objects.create(customer=moved, group="champion", began_on=january, ended_on=march)
    RfmPeriod.objects.create(customer=moved, group="loyal", left_behind="champion", began_on=march)
    RfmPeriod.objects.create(customer=stayed, group="champion", began_on=january)

    whose = group("rfm-champion", mira)

    assert [whose.ids(Span.read(month)).tolist() for month in ("2026-02", "2026-04", "2025-06")] == [
        [moved.pk, stayed.pk],
        [stayed.pk],
        [stayed.pk],
    ]


def test_a_group_of_rfm_says_since_when_it_is_noted(shop, mira):
    customer = Customer.objects.first()
    RfmPeriod.objects.create(customer=customer, group="champion", began_on=date(2026, 1, 10), ended_on=date(2026, 3, 1))

    rfm_grid.count(shop)

    assert "noted since 10 Jan 2026" in group("rfm-champion", mira).note


def test_what_customers_said_stands_among_the_figures(manager, mira, shop):
    survey, rows = build.survey("nps"), list(Customer.objects.filter(source="web")[:12])
    for number, customer in enumerate(rows):
        build.response(customer, survey, 9 if number < 9 else 3, at=date(2026, 4, 10))
    counting.count_anew()

    for whose in ("", "source-web"):
        sums = asking.sums(shop, [Question(Span.read("2026-04"), group(whose, mira))])[0]
        assert (BY_NAME["nps"].make(sums, "window").value, sums.said["nps"]["survey"]) == (50.0, survey.pk)
    assert BY_NAME["csat"].make(sums, "window") is None
    assert f"survey={survey.pk}" in page(manager, period="2026-04").content.decode()


def test_the_people_behind_what_was_said_are_as_many_as_it_says(manager, mira, shop):
    asked, never_bought = Customer.objects.filter(source="web")[:12], build.customer("Nell Ray", source="web")
    survey, april = build.survey("nps"), date(2026, 4, 10)
    for customer in [*asked, never_bought]:
        build.response(customer, survey, 9, at=april)
    for customer in Customer.objects.filter(source="web")[12:15]:
        build.invitation(customer, survey)
    Invitation.objects.update(sent_at=midnight(april))
    counting.count_anew()

    for whose in ("", "source-web", "source-nowhere"):
        sums = asking.sums(shop, [Question(Span.read("2026-04"), group(whose, mira))])[0]
        for who, n in (("answered", sums.said["rate"][0]), ("nps", sum(n for _score, n in sums.said["nps"]["counts"]))):
            response = page(manager, "behind", period="2026-04", group=whose, who=who)
            assert response.context["found"].customers.count() == n == len(response.context["rows"]), (whose, who)


def test_who_answered_twice_is_behind_the_figure_once_and_the_page_says_so(manager, shop):
    survey, customer = build.survey("nps"), Customer.objects.filter(source="web").first()
    for _time in range(2):
        build.response(customer, survey, 9, at=date(2026, 4, 10))
    Invitation.objects.update(sent_at=midnight(date(2026, 4, 10)))

    for who in ("answered", "nps"):
        response = page(manager, "behind", period="2026-04", group="source-web", who=who)

        assert [row.customer_id for row in response.context["rows"]] == [customer.pk]
        assert "Who answered twice is here once." in response.content.decode()


def test_a_saved_view_says_that_it_looks_backwards_and_is_only_for_who_may_see_it(manager, mira, sam, shop):
    mine = build.segment(mira, address="source=web")

    body = page(manager, group=f"segment-{mine.pk}").content.decode()

    assert "Today’s members, looked at backwards." in body
    assert group(f"segment-{mine.pk}", sam) is None


def test_what_the_address_says_wrongly_is_said(manager, shop):
    for asked in ({"period": "1990-01"}, {"period": "2026-13"}, {"group": "tier-77"}, {"group": "moon-1"}):
        assert 'role="status"' in page(manager, **asked).content.decode()
    for asked in ({"period": "2026-13", "who": "kept"}, {"period": "2026-01", "who": "?"}):
        assert page(manager, "behind", **asked).status_code == 404


def test_every_kind_of_period_group_and_comparison_can_be_looked_at(manager, shop):
    for period in ("2026-04", "2026-Q1", "2025", "2026-05-03..2026-05-20"):
        for more in ({}, {"group": "source-web"}, {"group": "cohort-2025", "against": "year"}, {"mode": "monthly"}):
            response = page(manager, period=period, **more)
            assert response.status_code == 200
            assert 'class="stats"' in response.content.decode()


def test_figures_and_movements_come_as_files(manager, shop):
    figures = page(manager, "retention_csv", csv="figures", period="2026-Q1").content.decode()
    moved = page(manager, "retention_csv", csv="moved", period="2026-Q1").content.decode()

    assert "Retention, strict" in figures
    assert "Average order" in figures
    assert "Active at the start" in moved


def test_the_last_figures_of_an_older_definition_stay_readable_by_name(manager, shop):
    before = Report.of(shop, {}).moved
    Setting.put("analytics.active_days", 90)
    recompute.full(AS_OF)

    today = page(manager).content.decode()
    old = page(manager, version="1")

    assert "?version=1" in today.replace("&amp;", "&").replace("mode=window&", "") or "version=1" in today
    assert "These are the last figures of definition v1" in " ".join(old.content.decode().split())
    assert old.context["report"].moved == before
    assert Generation.objects.current().definition == 2


def test_old_figures_go_but_the_last_ones_of_a_definition_stay(shop, monkeypatch):
    monkeypatch.setattr(recompute, "KEEP", 1)
    Setting.put("analytics.active_days", 90)
    for _ in range(3):
        recompute.full(AS_OF)

    assert sorted(Generation.objects.values_list("definition", flat=True)) == [1, 2, 2]


def test_late_refunds_mark_the_month(manager, mira, shop):
    late = Order.objects.filter(placed_at__year=2026, placed_at__month=3).first()
    late.refund(late.total / 2, at=late.placed_at + timedelta(days=45))

    made = recompute.full(AS_OF)

    assert made.periods.get(month=date(2026, 3, 1), mode="window").late == Decimal(late.total) / 2
    sums = asking.sums(made, [Question(Span.read("2026-03"))])[0]
    assert sums.late == float(late.total / 2)
    assert "were given back after it was over" in page(manager, period="2026-03").content.decode()


def test_revenue_retention_splits_what_was_lost_from_what_shrank(manager, db):
    Setting.put("analytics.active_days", 60)
    spent = {"gone": (100, 0), "less": (100, 40), "more": (100, 150), "fresh": (0, 70)}
    for name, (then, now) in spent.items():
        customer = build.customer(name)
        for days_ago, amount in ((500, then), (100, now)):
            if amount:
                order(customer, days_ago, f"{amount}.00").save()
    order(build.customer("First"), 800, "1.00").save()

    made = recompute.full(AS_OF)
    season = asking.sums(made, [Question(Span.read("2026-05"))])[0].season

    assert (season.net.y, season.net.x, season.net.n) == (190, 300, 3)
    assert (season.gross.y, season.lost.y, season.shrunk.y) == (140, 100, 60)
    for who, names in (("season", {"gone", "less", "more"}), ("season_lost", {"gone"}), ("season_shrunk", {"less"})):
        found = page(manager, "behind", period="2026-05", who=who).context["found"].customers
        assert {row.customer.given_name for row in found} == names


@pytest.mark.parametrize("as_of", [AS_OF, AS_OF + timedelta(days=14)])
def test_what_people_look_at_first_is_worked_out_before_they_do(manager, shop, as_of):
    made = recompute.full(as_of)

    asking.ahead(made)

    before = AskedFigures.objects.count()
    assert page(manager).status_code == 200
    assert AskedFigures.objects.count() == before > 0


def test_the_command_says_the_same_as_the_page(manager, shop):
    said = json.loads(run("metrics", "--json", "--period", "2026-Q1", "--group", "source-web"))

    figures = page(manager, period="2026-Q1", group="source-web").context["report"].figures
    assert set(said["metrics"]) == {one.metric.name for one in figures}
    for one in figures:
        assert said["metrics"][one.metric.name]["value"] == (one.now.value if one.now else None)
    assert (said["period"]["first"], said["against"]["last"]) == ("2026-01-01", "2025-12-31")
    assert "retention: " in run("metrics")


@pytest.mark.parametrize("asked", [["--period", "1990"], ["--period", "x"], ["--group", "moon-1"]])
def test_the_command_says_what_it_cannot_read(shop, asked):
    with pytest.raises(CommandError):
        run("metrics", *asked)


def test_the_command_needs_figures(db):
    with pytest.raises(CommandError, match="recompute"):
        run("metrics")


def run(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()
