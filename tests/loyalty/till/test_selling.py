"""Quote, hold, commit, void, over the API."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from crm.models import Customer, Event, Order
from loyalty.discounts import sweeping
from loyalty.models import Checkout, Grant, Hold, Redemption
from loyalty.points import expiring
from loyalty.programme.settling import settle
from loyalty.till.joining import join
from loyalty.till.sweeping import due, lapse_checkouts
from shop.models import Setting
from tests import build
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.till.making import Till, days, lines, points, rule, sums


def test_a_quote_says_the_price_the_points_and_why_not_and_writes_nothing(till, ana):
    rule()
    points(ana, 300)
    points(ana, 40, available_at=days(3))
    ten = grant(ana)
    big = grant(ana, discount("From 500", minimum=500))

    said = till.quote(customer={"id": ana.pk}, lines=lines("2x20.00", "15.50"), shipping="4.50", use_points=250).json()

    assert [said[name] for name in ("full", "discount", "paid_by_points", "total")] == [
        "60.00",
        "5.55",
        "2.50",
        "51.95",
    ]
    assert [(one["grant"], one["amount"]) for one in said["discounts"]] == [(ten.pk, "5.55")]
    assert (said["points_spendable"], said["points_used"]) == (300, 250)
    assert said["points_earned"] == 47  # 55.50 − 5.55 − 2.29 of the points that pay for goods
    assert {(one.get("grant"), one["code"]) for one in said["why_not"]} == {
        (big.pk, "below_minimum"),
        (None, "pending"),
    }
    assert not Checkout.objects.exists()
    assert not Redemption.objects.exists()


def test_lines_and_shipping_add_up_to_the_total(till, ana):
    points(ana, 333)
    grant(ana)

    said = till.quote(
        customer={"id": ana.pk}, lines=lines("9.99", "3x3.33", "0.01"), shipping="4.99", use_points=333
    ).json()

    parts = [*said["lines"], said["shipping"]]
    assert sum(Decimal(part["total"]) for part in parts) == Decimal(said["total"])
    assert sum(Decimal(part["by_points"]) for part in parts) == Decimal(said["paid_by_points"])


def test_what_was_quoted_is_what_is_charged_and_earned(till, ana):
    rule()
    points(ana, 500)
    grant(ana)
    body = {"customer": {"email": "ANA@people.example"}, "lines": lines("19.99", "7x1.13"), "use_points": 123}
    quoted = till.quote(**body).json()

    paid = till.sell(total=quoted["total"], **body)

    order = Order.objects.get(reference="1001")
    assert (order.total, str(order.total)) == (Decimal(quoted["total"]), f"{quoted['total']}0")
    assert order.goods - order.discount + order.shipping == order.total
    assert [str(line.paid) for line in order.lines.order_by("position")] == [
        f"{one['total']}0" for one in quoted["lines"]
    ]
    assert (paid["state"], paid["order"], paid["total"]) == ("paid", order.pk, quoted["total"])
    assert settle(order) == quoted["points_earned"] == paid["points_earned"]
    assert sums(ana) == (377, quoted["points_earned"], 0, 0)
    assert Event.objects.filter(order=order).values_list("kind", flat=True).order_by("pk")[0] == "order.placed"


def test_a_declined_card_does_not_lock_the_buyer_out(till, ana):
    points(ana, 100)
    once = grant(None, code="WELCOME2345", uses=1)
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 100, "codes": ["welcome-2345"]}
    first = till.hold(**body).json()

    again = till.hold(**body)
    other = till.hold(**{**body, "lines": lines("30.00")})
    voided = till.void(other.json()["hold"])
    after = till.hold(**body)

    assert (again.status_code, again.json()["hold"]) == (200, first["hold"])
    assert (other.status_code, other.json()["total"]) == (201, "26.00")
    assert voided.json()["state"] == "voided"
    assert (after.status_code, after.json()["total"]) == (201, "17.00")
    once.refresh_from_db()
    assert (once.taken, sums(ana)) == (1, (0, 0, 100, 0))


def test_the_quote_of_an_order_is_not_blocked_by_its_own_hold(till, ana):
    points(ana, 100)
    grant(None, code="WELCOME2345", uses=1)
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 100, "codes": ["WELCOME2345"]}
    till.hold(**body)

    same, stranger = till.quote(reference="1001", **body).json(), till.quote(reference="1002", **body).json()

    assert (same["total"], same["points_used"], same["why_not"]) == ("17.00", 100, [])
    assert (stranger["total"], stranger["points_used"]) == ("20.00", 0)
    assert {one["code"] for one in stranger["why_not"]} == {"used_up", "not_enough_points"}


def test_points_and_discount_are_held_together_or_not_at_all(till, ana):
    points(ana, 50)
    mine = grant(ana)

    refused = till.hold(customer={"id": ana.pk}, lines=lines("20.00"), use_points=51)

    assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_points")
    assert (refused.json()["needed"], refused.json()["available"]) == (51, 50)
    mine.refresh_from_db()
    assert (mine.taken, Checkout.objects.count(), Hold.objects.count()) == (0, 0, 0)


def test_nobody_pays_another_price_than_they_were_shown(till, ana):
    grant(ana)

    refused = till.hold(customer={"id": ana.pk}, lines=lines("20.00"), total="17.00")

    assert (refused.status_code, refused.json()["code"]) == (409, "price_changed")
    assert refused.json()["quote"]["total"] == "18.00"


def test_fewer_points_than_held_can_be_spent_and_the_rest_comes_back(till, ana):
    points(ana, 1000)
    held = till.hold(customer={"id": ana.pk}, lines=lines("10.00", "5.00"), use_points=1000).json()

    paid = till.commit(held["hold"], points=400).json()

    assert (held["total"], paid["total"], paid["points_used"], paid["paid_by_points"]) == ("5.00", "11.00", 400, "4.00")
    assert sums(ana) == (600, 0, 0, 0)
    assert Order.objects.get(reference="1001").total == Decimal("11.00")
    assert sum(Decimal(line["total"]) for line in paid["lines"]) == Decimal("11.00")


def test_more_points_than_held_are_refused(till, ana):
    points(ana, 1000)
    held = till.hold(customer={"id": ana.pk}, lines=lines("10.00"), use_points=100).json()

    refused = till.commit(held["hold"], points=101)

    assert (refused.status_code, refused.json()["code"], sums(ana)) == (409, "too_many_points", (900, 0, 100, 0))


def test_every_call_may_be_repeated_with_its_key(till, ana):
    points(ana, 100)
    grant(ana)
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 100}

    holds = [till.hold(key="hold", **body) for _ in range(3)]
    commits = [till.commit(holds[0].json()["hold"], key="commit") for _ in range(3)]
    late = till.commit(holds[0].json()["hold"], key="another")

    assert len({answer.content for answer in holds}) == len({answer.content for answer in commits}) == 1
    assert late.json()["order"] == commits[0].json()["order"]
    assert (Order.objects.filter(reference="1001").count(), sums(ana)) == (1, (0, 0, 0, 0))
    assert Redemption.objects.get().state == "committed"


def test_what_is_paid_cannot_be_let_go_and_what_was_let_go_cannot_be_paid(till, ana):
    paid = till.sell("1", customer={"id": ana.pk}, lines=lines("5.00"))
    gone = till.hold("2", customer={"id": ana.pk}, lines=lines("5.00")).json()
    till.void(gone["hold"])

    answers = [till.void(paid["hold"]), till.commit(gone["hold"])]

    assert [(one.status_code, one.json()["code"], one.json()["state"]) for one in answers] == [
        (409, "hold_is_over", "paid"),
        (409, "hold_is_over", "voided"),
    ]
    assert till.void(gone["hold"]).status_code == 200


def test_what_nobody_paid_goes_back_when_its_time_is_over(till, ana):
    points(ana, 100)
    mine = grant(ana)
    held = till.hold(customer={"id": ana.pk}, lines=lines("20.00"), use_points=100).json()
    assert due() == []

    Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert due() == [("loyalty.lapse_checkouts", [])]
    lapse_checkouts()

    mine.refresh_from_db()
    assert (Checkout.objects.get(pk=held["hold"]).state, mine.taken, sums(ana)) == ("expired", 0, (100, 0, 0, 0))
    assert till.commit(held["hold"]).json()["state"] == "expired"


def test_a_payment_just_too_late_still_counts_when_nobody_swept(till, ana):
    points(ana, 100)
    held = till.hold(customer={"id": ana.pk}, lines=lines("20.00"), use_points=100).json()
    Checkout.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Hold.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    paid = till.commit(held["hold"])

    assert (paid.status_code, paid.json()["state"], sums(ana)) == (200, "paid", (0, 0, 0, 0))


@pytest.mark.parametrize("swept", [sweeping.sweep, expiring.sweep])
def test_a_payment_that_finds_a_part_of_it_swept_is_told_that_it_is_over(till, as_support, ana, swept):
    """Points, discounts and baskets are swept each by a work of their own."""
    points(ana, 100)
    grant(ana)
    held = till.hold(customer={"id": ana.pk}, lines=lines("20.00"), use_points=100).json()
    for model in (Checkout, Hold, Redemption):
        model.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    swept()

    late = till.commit(held["hold"])
    page = as_support.post(f"/till/holds/{held['hold']}/commit/")
    told = {"reference": "1001", "total": "17.00", "customer": {"email": "ana@people.example"}}
    till.post("orders/", {**told, "placed_at": "2026-03-01T10:00:00Z"})
    join(list(Event.objects.filter(kind="order.placed")))

    assert (late.status_code, late.json()["code"], page.status_code) == (409, "hold_is_over", 422)
    assert not Redemption.objects.filter(state="committed").exists()
    lapse_checkouts()
    assert (Checkout.objects.get().state, sums(ana)[0]) == ("expired", 100)


def test_a_guest_pays_with_a_code_and_gets_a_card_with_the_order(till):
    grant(None, code="WELCOME2345", uses=None, uses_each=1)
    body = {"customer": {"email": "New@people.example"}, "lines": lines("20.00"), "codes": ["WELCOME2345"]}

    first = till.sell("1", **body)
    second = till.quote(**{**body, "customer": {"email": "new@people.example"}}).json()

    customer = Customer.objects.get()
    assert (first["total"], first["customer"], Order.objects.get().customer) == ("18.00", customer.pk, customer)
    assert [one["code"] for one in second["why_not"]] == ["used_up"]
    assert Checkout.objects.get().contact == {}


def test_a_passer_by_uses_a_public_code_without_a_card(till):
    grant(None, code="WELCOME2345", uses=2)

    paid = till.sell(lines=lines("20.00"), codes=["WELCOME2345"])

    assert (paid["total"], paid["order"], paid["customer"], paid["points_earned"]) == ("18.00", None, None, 0)
    assert Redemption.objects.get().state == "committed"


@pytest.mark.parametrize("known_by", ["id", "email", "phone", "card", "our card", "brought card"])
def test_the_customer_is_found_by_whatever_they_show(till, ana, known_by):
    ours = ana.card_number
    build.identifier(ana, "card", "R-23150")
    said = {
        "id": {"customer": {"id": ana.pk}},
        "email": {"customer": {"email": "Ana@People.example"}},
        "phone": {"customer": {"phone": "07700 900142"}},
        "card": {"customer": {"card": "R-23150"}},
        "our card": {"code": ours},
        "brought card": {"code": "R-23150"},
    }[known_by]

    held = till.hold(lines=lines("5.00"), **said).json()

    assert held["customer"] == ana.pk


def test_a_card_number_with_a_slip_is_nobodys(till, ana):
    number = ana.card_number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)

    refused = till.hold(lines=lines("5.00"), code=wrong)

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_points_are_worth_what_the_owner_says(till, ana, ada):
    points(ana, 100)
    Setting.put("till.point_value", Decimal("0.05"), by=ada)
    Setting.put("till.fewest_points", 60, by=ada)

    few, enough = (till.quote(customer={"id": ana.pk}, lines=lines("20.00"), use_points=n).json() for n in (59, 60))

    assert (few["points_used"], [one["code"] for one in few["why_not"]]) == (0, ["below_minimum"])
    assert (enough["points_used"], enough["paid_by_points"]) == (60, "3.00")


def test_the_rights_are_checked(ana):
    other = Till("orders.add")

    assert other.quote(customer={"id": ana.pk}, lines=lines("1")).json()["code"] == "scope_missing"
    assert other.hold(customer={"id": ana.pk}, lines=lines("1")).status_code == 403


def test_a_grant_of_somebody_else_is_not_theirs(till, ana, ben):
    grant(ana, code="ANASCODE234")

    said = till.quote(customer={"id": ben.pk}, lines=lines("20.00"), codes=["ANASCODE234", "NOSUCHCODE2"]).json()

    assert (said["total"], sorted(one["code"] for one in said["why_not"])) == ("20.00", ["not_yours", "unknown_code"])
    assert Grant.objects.get().taken == 0
