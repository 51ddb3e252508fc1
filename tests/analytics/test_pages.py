"""Retention, At risk and what stands behind their numbers, for shops of every size."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics import recompute
from analytics.models import Generation, Scores
from analytics.reports.retention import Report
from shop.models import AuditRow, Job, Setting
from tests import build
from tests.analytics.shops import AS_OF, order, random_shop

LISTS = ("at_risk", "overdue", "likely_lost", "second_due")


@pytest.fixture
def manager(client, mira):
    client.force_login(mira)
    return client


@pytest.fixture(scope="module")
def figures(module_db):
    Setting.put("analytics.active_days", 60)
    random_shop(120)
    return recompute.full(AS_OF).pk


@pytest.fixture
def shop(figures, db):
    return Generation.objects.get(pk=figures)


def page(client, name, **asked):
    return client.get(reverse(f"analytics:{name}"), asked)


def text(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_before_the_first_run_the_pages_say_what_to_do(manager):
    assert "No figures yet" in text(page(manager, "retention"))
    assert "Nobody is watched yet" in text(page(manager, "at_risk"))


@pytest.mark.parametrize("orders", [0, 1, 3])
def test_hardly_any_orders_are_said_not_drawn(manager, cleo, orders):
    for _ in range(orders):
        order(cleo, 1, "10.00").save()
    recompute.full(AS_OF)

    retention, risk = text(page(manager, "retention")), text(page(manager, "at_risk"))

    assert "<polyline" not in retention
    assert ("No figures yet" if not orders else "Retention by month is not there yet") in retention
    assert ("Nobody is watched yet" if not orders else "too few buyers") in risk


def test_everybody_on_one_day(manager, db):
    for n in range(80):
        order(build.customer(f"Customer {n}"), 10, "20.00").save()
    recompute.full(AS_OF)

    assert text(page(manager, "retention"))
    assert all(text(page(manager, "at_risk", list=name)) for name in LISTS)


@pytest.mark.parametrize("silent", [1, 20, 200])
def test_a_shop_in_which_nobody_bought_of_late(manager, db, silent):
    """On the first days of a month, or after the season: the month that is not over has no order."""
    random_shop(60)

    recompute.full(AS_OF + timedelta(days=silent))

    assert text(page(manager, "retention"))
    assert all(text(page(manager, "at_risk", list=name)) for name in LISTS)


def test_retention_shows_both_rates_and_the_table_behind_them(manager, shop):
    body = text(page(manager, "retention"))

    for word in (
        "Retention, strict",
        "Churned, by name",
        "Reactivated",
        "The same as a table",
        "MBG/CNBD-k",
        "Classic",
    ):
        assert word in body
    report = Report.of(shop, {})
    assert report.behind("churned").replace("&", "&amp;") in body


def test_the_people_behind_a_number_are_as_many_as_it_says(manager, shop):
    for mode in ("window", "monthly"):
        for row in shop.periods.filter(mode=mode, month__gt=shop.history_from + timedelta(days=100))[:4]:
            for who, count in (
                ("churned", row.churned),
                ("kept", row.kept),
                ("returned", row.returned),
                ("active", row.end),
            ):
                response = page(manager, "behind", who=who, mode=mode, month=f"{row.month:%Y-%m}")
                shown = response.context["found"].customers
                assert shown.count() == count, (mode, row.month, who)


def test_a_page_draws_a_year_of_cohorts_and_leads_to_every_one(manager, cleo):
    Setting.put("analytics.active_days", 60)
    for days_ago in (900, 800, 40):
        order(cleo, days_ago, "20.00").save()
    random_shop(60)
    recompute.full(AS_OF)
    first = f"{AS_OF - timedelta(days=900):%b %Y}"

    newest = text(manager.get(reverse("analytics:cohorts"), headers={"HX-Request": "true"}))
    every = text(page(manager, "cohorts"))

    assert reverse("analytics:cohorts") in text(page(manager, "retention"))
    assert "Every cohort" in newest
    assert (f'row">{first}<' in newest, f'row">{first}<' in every) == (False, True)


def test_the_people_behind_a_cohort_are_as_many_as_it_says(manager, shop):
    cells = shop.cohort_cells.filter(members__gt=0)
    assert sum(cell.bought for cell in cells.filter(month=0)) > 0
    for cell in [*cells.filter(month=0), *cells.filter(month__gt=0)[:25]]:
        for kind in ("bought", "rolling", "cumulative"):
            asked = {"cohort": f"{cell.cohort:%Y-%m}", "after": cell.month, "who": kind}
            found = page(manager, "behind", **asked).context["found"]
            assert found.customers.count() == getattr(cell, kind), asked


def test_pages_of_people_go_on_where_the_last_ended(manager, shop, monkeypatch):
    monkeypatch.setattr("analytics.reports.behind.PAGE", 7)
    row = shop.periods.filter(mode="window").order_by("-end").first()
    asked, seen = {"who": "active", "mode": "window", "month": f"{row.month:%Y-%m}"}, []
    for _ in range(100):
        response = page(manager, "behind", **asked)
        seen += [figures.pk for figures in response.context["rows"]]
        if not response.context["more"]:
            break
        asked["after_row"] = dict(pair.split("=") for pair in response.context["more"].split("&"))["after_row"]

    assert len(seen) == len(set(seen)) == row.end


@pytest.mark.parametrize("list_name", LISTS)
def test_the_lists_are_as_long_as_their_tabs_say(manager, shop, list_name, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: AS_OF)
    response = page(manager, "at_risk", list=list_name)

    shown = response.context["list"]
    assert shown.rows().count() == shown.count(list_name)


def test_the_list_goes_on_where_it_ended_and_comes_out_whole_as_a_file(manager, shop, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *args: AS_OF)
    monkeypatch.setattr("analytics.risk.lists.PAGE", 5)
    first = page(manager, "at_risk", list="likely_lost")
    wanted = [scores.pk for scores in first.context["list"].rows().order_by("-at_stake", "-customer_id")]
    seen, after = [], ""
    while True:
        response = page(manager, "at_risk", list="likely_lost", after=after)
        seen += [row.scores.pk for row in response.context["rows"]]
        after = response.context["following"]
        if not after:
            break

    address = f"{reverse('analytics:at_risk_csv')}?list=likely_lost"
    assert "password" in text(manager.get(address))
    file = manager.post(address, {"password": "a long password"}).getvalue().decode()

    assert seen == wanted
    assert len(file.splitlines()) == 1 + len(wanted)
    said = {"file": "likely_lost.csv", "count": len(wanted), "filter": "list=likely_lost"}
    assert AuditRow.objects.get(kind="file.exported").data == said


@pytest.mark.parametrize(
    "asked", [{"month": "2026-13"}, {"month": "x", "mode": "y"}, {"after": "nan_1"}, {"list": "?"}]
)
def test_nonsense_in_the_address_is_taken_for_nothing(manager, shop, asked):
    assert page(manager, "retention", **asked).status_code == 200
    assert page(manager, "at_risk", **asked).status_code == 200
    assert page(manager, "behind", **asked).status_code == 404


def test_the_same_number_of_queries_for_a_small_and_a_larger_shop(manager, shop, django_assert_max_num_queries):
    for name, most in (("retention", 8), ("at_risk", 12)):
        page(manager, name)  # what is worked out on demand is worked out once
        with django_assert_max_num_queries(most):
            page(manager, name)


def test_recompute_is_asked_for_once_however_often_one_presses(manager, shop):
    for _ in range(2):
        assert manager.post(reverse("analytics:recompute")).status_code == 302

    assert Job.objects.live().count() == 1
    assert 'class="job"' in text(page(manager, "retention"))


def test_support_has_no_reports_but_sees_on_the_card_why_somebody_is_at_risk(client, sam, shop):
    client.force_login(sam)
    scores = Scores.objects.filter(occasions__gt=3).latest("pk")
    Scores.objects.filter(pk=scores.pk).update(at_risk_on=date(2020, 1, 1), likely_lost_on=date(2999, 1, 1))

    card = text(client.get(scores.customer.get_absolute_url()))

    assert page(client, "retention").status_code == 403
    assert page(client, "at_risk_csv").status_code == 403
    assert "Why at risk" in card
    assert "Usually buys every" in card


def test_a_changed_setting_is_a_new_version_of_the_definition(shop):
    again = recompute.full(AS_OF)
    Setting.put("analytics.active_days", 90, since=timezone.now())
    changed = recompute.full(AS_OF)

    assert (shop.definition, again.definition, changed.definition) == (1, 1, 2)
    assert Generation.objects.get(pk=shop.pk).periods.exists()


ODD = ["-1", "1-2_5", "NaN_1", "1e400_1", f"1_{'9' * 5000}", "9999-12", "0001-01", "2026-13", "²", "999", "'; --"]
QUESTIONS = [  # a page, what is asked in a way that makes sense, and what is odd in turn
    ("retention", {}, ["mode", "month"]),
    ("cohorts", {}, ["cohorts"]),
    ("cohorts_csv", {}, ["cohorts"]),
    ("curves", {}, ["width", "day"]),
    ("curves_csv", {"csv": "day_n"}, ["csv", "width"]),
    ("rfm", {}, ["days"]),
    ("recovery", {}, ["months"]),
    ("offers", {}, ["after"]),
    ("at_risk", {}, ["list", "after"]),
    ("behind", {"who": "kept", "month": "2026-05"}, ["who", "mode", "month", "after_row"]),
    ("behind", {"who": "bought", "cohort": "2026-01", "after": "1"}, ["who", "cohort", "after", "after_row"]),
    ("behind", {"who": "bought", "cohort": "9999-12", "after": "999"}, ["who"]),
    ("behind", {"who": "on_day", "day": "7"}, ["who", "day", "width", "clock"]),
    ("behind", {"recovery": "all", "months": "12"}, ["recovery", "months", "back"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "known", "parameters"), QUESTIONS)
def test_no_question_breaks_a_page(manager, shop, name, known, parameters):
    manager.raise_request_exception = False

    for parameter in parameters:
        for odd in ODD:
            asked = {**known, parameter: odd}
            assert page(manager, name, **asked).status_code < 500, asked
