"""Who comes first of those at risk: what they say raises the rank, and changes no figure."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from analytics.models import Generation, Scores
from analytics.risk import ranking
from analytics.risk.ranking import Place
from analytics.risk.reasons import reasons_of
from tests import build
from tests.analytics.standing import silent
from tests.feedback.figures.giving import give

pytestmark = pytest.mark.django_db


def at_risk(name, at_stake):
    customer = build.customer(name)
    silent(
        customer, last=200, since=0, at_stake=at_stake, orders=3, net=90, average_order=30, last_spend=30, usual_gap=20
    )
    return customer


def pages(n):
    """Names, page by page, until nothing follows."""
    everybody, behind, names = ranking.Paged.of(lambda _about: Scores.objects.select_related("customer"), n), None, []
    while found := everybody.page(behind):
        names += [scores.customer.given_name for _place, scores in found]
        behind = Place.read(str(found[-1][0]))
    return names


@pytest.fixture
def people():
    """Half as much again: Low ranks by 120, Both by 90, Complains by 75, and Better by the 70 at stake."""
    people = {name: at_risk(name, value) for name, value in
              {"Calm": 100, "Low": 80, "Better": 70, "Both": 60, "Complains": 50, "Equal": 75}.items()}  # fmt: skip
    csat, nps = build.survey("csat"), build.survey("nps")
    give(csat, {2: 1}, customer=people["Low"])
    give(nps, {3: 1}, customer=people["Better"], days_ago=30)
    give(nps, {9: 1}, customer=people["Better"], days_ago=1)
    give(nps, {6: 1}, customer=people["Both"])
    for name in ("Both", "Complains"):
        build.complaint(people[name])
    return people


@pytest.mark.parametrize("n", [1, 2, 4, 50])
def test_a_low_score_and_an_open_complaint_raise_the_rank_and_pages_hold_everybody_once(people, n):
    assert pages(n) == ["Low", "Calm", "Both", "Equal", "Complains", "Better"]


def test_a_complaint_that_is_closed_raises_nothing(people):
    complaint = people["Complains"].complaints.get()
    for step in (complaint.solve, complaint.tell, complaint.close):
        step(actor="")

    assert pages(50) == ["Low", "Calm", "Both", "Equal", "Better", "Complains"]
    assert Scores.objects.get(customer=people["Low"]).at_stake == Decimal(80)


def test_without_a_model_nobody_is_lost_between_pages(people):
    Scores.objects.update(at_stake=None)

    assert pages(2) == ["Equal", "Complains", "Both", "Better", "Low", "Calm"]


@pytest.mark.parametrize("text", ["", "x", "1_", "_1", "NaN_1", "1e99_1", "1_x", "1_" + "9" * 30])
def test_a_place_that_makes_no_sense_is_the_beginning(text):
    assert Place.read(text) is None


def test_an_open_complaint_is_a_reason_beside_the_low_score(people):
    rows = list(Scores.objects.filter(customer__in=[people["Both"], people["Calm"]]).order_by("customer"))

    calm, both = reasons_of(rows, timezone.localdate())

    assert calm.heard() == []
    assert [strip_tags(reason).partition(" ")[0] for reason in both.heard()] == ["NPS", "Complaint"]
    assert "Complaint open: first answer by" in strip_tags(both.short())


def test_who_is_erased_while_the_list_is_put_together_is_left_out_of_it(people):
    rows = list(Scores.objects.filter(customer__in=[people["Both"], people["Calm"]]).order_by("customer"))
    people["Calm"].figures.delete()

    assert [one.customer for one in reasons_of(rows, timezone.localdate())] == [people["Both"]]


def test_the_page_shows_them_in_this_order_and_says_why(people, as_manager):
    states = {"at_risk": [6, 1000], "overdue": [0, 0], "likely_lost": [0, 0], "second_due": [0, 0]}
    Generation.objects.create(
        as_of=timezone.localdate(), is_current=True, published_at=timezone.now(), customers=6,
        totals={"states": {timezone.localdate().isoformat(): states}}, curves={"second_after": 30},
    )  # fmt: skip

    html = as_manager.get(reverse("analytics:at_risk")).content.decode()

    rows = html.split("<tbody>")[1]
    assert [rows.index(name) for name in ("Low", "Calm", "Both")] == sorted(
        rows.index(n) for n in ("Low", "Calm", "Both")
    )
    assert "half as much again" in html
