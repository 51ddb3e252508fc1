from datetime import timedelta

import pytest
from django.utils import timezone

from analytics import recompute
from analytics.models import Flag, Generation, Scores
from analytics.risk import flagging
from crm.models import Event
from tests.analytics.shops import AS_OF, random_shop


@pytest.fixture(scope="module")
def figures(module_db):
    random_shop()
    found = recompute.full(AS_OF)
    Scores.objects.update(overdue_on=None, at_risk_on=None, likely_lost_on=None)
    Flag.objects.create(  # not the first time, so what follows is told
        customer=Scores.objects.latest("pk").customer,
        state="overdue",
        state_since=AS_OF,
        last_on=AS_OF,
        silent_days=1,
        closed_at=timezone.now(),
        closed_why="purchase",
    )
    return found.pk


@pytest.fixture
def generation(figures, db):
    return Generation.objects.get(pk=figures)


@pytest.fixture
def one(generation):
    return Scores.objects.filter(occasions__gt=1).earliest("pk")


def begins(scores, **days):
    Scores.objects.filter(pk=scores.pk).update(**days)


def told():
    return [(event.kind, event.data["state"]) for event in Event.objects.order_by("pk")]


def test_a_flag_is_raised_on_its_day_and_once(generation, one):
    begins(one, overdue_on=AS_OF)

    assert flagging.raise_and_clear(generation, AS_OF - timedelta(days=1)) == 0
    assert flagging.raise_and_clear(generation, AS_OF) == 1
    assert flagging.raise_and_clear(generation, AS_OF) == 0

    assert told() == [("risk.raised", "overdue")]


def test_it_grows_with_silence_and_ends_with_a_purchase(generation, one):
    begins(one, overdue_on=AS_OF, at_risk_on=AS_OF + timedelta(days=5))
    flagging.raise_and_clear(generation, AS_OF)
    flagging.raise_and_clear(generation, AS_OF + timedelta(days=5))

    begins(one, overdue_on=None, at_risk_on=None, last_on=AS_OF + timedelta(days=6))
    flagging.raise_and_clear(generation, AS_OF + timedelta(days=7))

    assert told() == [("risk.raised", "overdue"), ("risk.raised", "at_risk"), ("risk.cleared", "at_risk")]
    assert Flag.objects.latest("pk").closed_why == "purchase"


def test_it_does_not_flap_while_staying_is_unsure(generation, one):
    begins(one, at_risk_on=AS_OF, overdue_on=AS_OF)
    flagging.raise_and_clear(generation, AS_OF)

    begins(one, at_risk_on=None, overdue_on=None, p_alive=0.55)
    flagging.raise_and_clear(generation, AS_OF)
    assert Flag.objects.open().count() == 1

    begins(one, p_alive=0.65)
    flagging.raise_and_clear(generation, AS_OF)
    assert Flag.objects.open().count() == 0


def test_when_too_many_change_at_once_nobody_is_told(generation):
    Scores.objects.update(overdue_on=AS_OF)

    raised = flagging.raise_and_clear(generation, AS_OF)

    assert (raised, told()) == (Scores.objects.count(), [])
    assert Generation.objects.get(pk=generation.pk).flags_held_back == raised
    assert not Flag.objects.open().filter(announced=True).exists()


def test_who_bought_again_this_week_stands_on_today(client, sam, generation, one):
    client.force_login(sam)
    begins(one, overdue_on=AS_OF)
    flagging.raise_and_clear(generation, AS_OF)
    before = client.get("/").content.decode()

    begins(one, overdue_on=None, last_on=AS_OF + timedelta(days=1))
    flagging.raise_and_clear(generation, AS_OF + timedelta(days=1))
    after = client.get("/").content.decode()

    assert str(one.customer) not in before
    assert "Came back this week" in after
    assert str(one.customer) in after


def test_my_own_customers_at_risk_come_first_on_today(client, sam, generation, one):
    client.force_login(sam)
    today = timezone.localdate()
    Scores.objects.update(at_risk_on=today, likely_lost_on=today + timedelta(days=9))
    everybody = client.get("/").content.decode()

    one.customer.edit(actor=sam.actor, owner=sam)
    mine = client.get("/").content.decode()

    assert "My customers at risk" not in everybody
    assert "My customers at risk" in mine
