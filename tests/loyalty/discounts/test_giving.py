from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.models import Event
from loyalty.discounts import approving, limits
from loyalty.discounts.approving import NotYourOwn, TooLate
from loyalty.discounts.assigning import CannotBeGiven, HasItAlready, Terms, give, give_to_everybody
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.offers import offers_for
from loyalty.discounts.worth import Usual
from loyalty.models import Assignment, Grant
from shop.models import Setting
from tests import build
from tests.loyalty.discounts import making

SORRY = Terms(reason="The cup was chipped", source="apology")


def can_use(customer):
    return [offer.name for offer in offers_for(Buyer.of(customer), at=timezone.now())]


def test_a_discount_within_the_limits_is_there_at_once(sam, ana):
    assignment = give(making.discount(), ana, SORRY, by=sam)

    assert (assignment.state, assignment.over) == ("done", [])
    assert can_use(ana) == ["Ten percent"]
    event = Event.objects.get(kind="discount.assigned")
    assert (event.customer, event.actor, event.data["discount"]) == (ana, sam.actor, "Ten percent")


def test_above_a_limit_the_customer_sees_nothing_until_somebody_else_approves(sam, mira, ana):
    assignment = give(making.discount("Half", percent=50), ana, SORRY, by=sam)
    assert (assignment.state, [over[0] for over in assignment.over]) == ("pending", ["percent", "amount"])
    assert can_use(ana) == []

    with pytest.raises(NotYourOwn):
        approving.approve(assignment, by=sam)
    approving.approve(assignment, by=mira)

    assert can_use(ana) == ["Half"]
    kinds = Event.objects.filter(customer=ana, kind__startswith="discount.").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["discount.asked", "discount.approved", "discount.assigned"]


def test_nobody_approves_what_they_asked_for_themselves(mira, ana):
    assignment = give(making.discount("Half", percent=50), ana, SORRY, by=mira)

    with pytest.raises(NotYourOwn):
        approving.approve(assignment, by=mira)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.update(decided_by=mira)

    assert can_use(ana) == []


def test_what_was_refused_or_not_approved_in_72_hours_never_begins(sam, mira, ana, ben):
    refused = give(making.discount("Half", percent=50), ana, SORRY, by=sam)
    late = give(making.discount("Most", percent=90), ben, SORRY, by=sam)

    assert late.lapses_at - late.asked_at == timedelta(hours=72)
    approving.refuse(refused, by=mira)
    Assignment.objects.filter(pk=late.pk).update(lapses_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(TooLate):
        approving.approve(late, by=mira)
    approving.lapse()

    assert list(Assignment.objects.order_by("pk").values_list("state", flat=True)) == ["refused", "lapsed"]
    assert can_use(ana) == can_use(ben) == []
    assert not Grant.objects.filter(withdrawn_at=None).exists()


def test_each_limit_counts_what_was_given_before(sam, ana, ben, cleo):
    for name, value in {"amount": 10, "customer": 15, "day": 20, "month": 1000}.items():
        Setting.put(f"discounts.support_{name}", Decimal(value))
    eight = making.discount("Eight", kind="amount", amount=8)
    nine = making.discount("Nine", kind="amount", amount=9)

    def passed(discount, customer):
        return [over[0] for over in give(discount, customer, SORRY, by=sam).over]

    assert passed(eight, ana) == []
    assert passed(nine, ana) == ["customer"]
    assert passed(eight, ben) == ["day"]


def test_the_limits_are_settings_and_an_administrator_has_none(ada, sam, ana):
    Setting.put("discounts.support_percent", 60)
    Setting.put("discounts.support_amount", Decimal(100))
    half = making.discount("Half", percent=50)

    assert limits.passed(sam, half.version, Decimal(1)) == []
    assert limits.passed(ada, making.discount("All", percent=100).version, Decimal(1000)) == []


def test_the_sentence_of_a_limit_says_both_figures(sam):
    [over] = limits.passed(sam, making.discount(percent=Decimal("17.5")).version, Decimal(1))

    assert over.sentence == "17.5% off; without asking it is 15%."


def test_who_has_it_and_has_not_used_it_is_not_given_it_twice(sam, ana):
    discount = making.discount()
    give(discount, ana, SORRY, by=sam)

    with pytest.raises(HasItAlready):
        give(discount, ana, SORRY, by=sam)


def test_a_paused_discount_is_neither_given_nor_taken(sam, ana):
    discount = making.discount()
    give(discount, ana, SORRY, by=sam)
    discount.pause()

    with pytest.raises(CannotBeGiven):
        give(discount, build.customer("Dora"), SORRY, by=sam)
    assert making.hold(making.basket("20.00"), Buyer.of(ana)) == []


def test_a_public_code_counts_as_often_as_it_may_be_used(mira):
    Setting.put("discounts.manager_day", Decimal(1000))
    five = making.discount("Five", kind="amount", amount=5)

    assert give_to_everybody(five, Terms(uses=100), by=mira).over == []
    assert [over[0] for over in give_to_everybody(five, Terms(uses=150), by=mira).over] == ["day"]


def test_an_order_that_went_back_whole_does_not_say_what_one_usually_is(ana):
    build.order(ana, "40.00", reference="1")
    build.order(ana, "9000.00", reference="2").refund(Decimal(9000))

    assert Usual.now().goods < 100
