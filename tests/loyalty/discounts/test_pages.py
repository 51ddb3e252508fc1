"""The pages of discounts, the card and the API, as staff and programs use them."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm.models import Customer, Event
from crm.segments.question import Question
from loyalty.discounts import codes, many, sweeping
from loyalty.discounts.assigning import Terms, give
from loyalty.discounts.buyer import Buyer
from loyalty.discounts.returning import give_back
from loyalty.models import Assignment, Discount, Grant, Redemption
from shop.models import Job, Setting
from tests import build
from tests.loyalty.discounts import making

LIST = "/discounts/"
ANY_DAY = (timezone.now() + timedelta(days=20)).date().isoformat()


def post(client, view, /, *args, **data):
    return client.post(reverse(f"loyalty:{view}", args=args), data)


def new(client, **terms):
    data = {"name": "Autumn", "kind": "percent", "percent": "10", "lane": "order", "on_return": "share", **terms}
    return post(client, "discount_new", **data)


def test_a_manager_makes_a_discount_and_changes_what_it_gives(as_manager, ana):
    new(as_manager, budget="500", minimum="20")
    discount = Discount.objects.get()
    making.grant(ana, discount)

    page = as_manager.get(discount.get_absolute_url()).content.decode()
    answer = post(
        as_manager,
        "discount_edit",
        discount.pk,
        name="Autumn",
        kind="amount",
        amount="5",
        on_return="share",
        budget="600",
    )

    assert "10% off the order" in page
    assert "On orders from £20.00." in page
    assert answer.status_code == 302
    discount.refresh_from_db()
    assert (discount.versions.count(), discount.version.kind, discount.budget.limit) == (2, "amount", 600)


@pytest.mark.parametrize(
    "terms", [{"percent": ""}, {"percent": "101"}, {"kind": "amount"}, {"kind": "nothing"}, {"name": ""}]
)
def test_terms_that_make_no_sense_are_refused_with_a_reason(as_manager, terms):
    assert new(as_manager, **terms).status_code == 422
    assert not Discount.objects.exists()


def test_support_gives_one_from_the_card_with_a_reason(as_support, ana):
    discount = making.discount()
    data = {"discount": discount.pk, "source": "apology", "until": ANY_DAY, "uses": 1, "with_code": "on"}

    without = post(as_support, "give_one", ana.pk, **data)
    answer = post(as_support, "give_one", ana.pk, **data, reason="The cup was chipped")
    card = as_support.get(f"/customers/{ana.pk}/").content.decode()

    grant = Grant.objects.get()
    assert (without.status_code, answer.status_code) == (422, 302)
    assert codes.well_formed(grant.code)
    assert grant.code_ending in card
    assert grant.code not in card
    assert "10% off the order" in card
    printed, _only_on_screen = as_support.get(f"/discounts/grants/{grant.pk}/").content.decode().split("no-print")
    assert "10% off the order" in printed
    assert "The cup was chipped" not in printed  # the customer gets it in the hand


def test_what_is_above_the_limit_waits_and_only_somebody_else_sees_the_button(as_support, as_manager, sam, ana):
    assignment = give(making.discount("Half", percent=50), ana, Terms(reason="So sorry"), by=sam)

    own, others = as_support.get(LIST).content.decode(), as_manager.get(LIST).content.decode()
    refused = post(as_support, "assignment_decide", assignment.pk, say="yes")
    approved = post(as_manager, "assignment_decide", assignment.pk, say="yes")

    assert ("Approve" in own, "Approve" in others) == (False, True)
    assert (refused.status_code, approved.status_code) == (403, 302)
    assert Grant.objects.there().count() == 1


def crowd(n):
    Customer.objects.bulk_create(Customer(given_name=f"Person {i}", city="Ludlow") for i in range(n))


def test_what_waits_for_approval_stands_on_today_of_whoever_may_decide(as_support, as_manager, sam, mira, ana):
    asked = give(making.discount("Half", percent=50), ana, Terms(reason="Sorry"), by=sam)
    address = reverse("loyalty:assignment", args=[asked.pk])
    own = give(making.discount("Third", percent=33), ana, Terms(reason="Mine"), by=mira)

    mine, other = (browser.get(reverse("crm:today")).content.decode() for browser in (as_support, as_manager))
    as_manager.post(reverse("loyalty:assignment_decide", args=[asked.pk]), {"say": "yes"})

    assert address not in mine
    assert "Discounts to approve" in other
    assert address in other
    assert reverse("loyalty:assignment", args=[own.pk]) not in other
    assert "Discounts to approve" not in as_manager.get(reverse("crm:today")).content.decode()


def test_a_segment_is_looked_at_first_and_given_afterwards(as_manager, mira):
    crowd(150)
    discount = making.discount()
    asked = {
        "all": "1",
        "question": "city=Ludlow",
        "discount": discount.pk,
        "until": ANY_DAY,
        "uses": 1,
        "hold_back": "on",
    }

    looked = post(as_manager, "give_many", **asked, reason="").content.decode()
    assert not Assignment.objects.exists()
    refused = post(as_manager, "give_many", **asked, reason="", do="1")
    answer = post(as_manager, "give_many", **asked, reason="Before the winter", do="1")

    assert "15 are held back by lot." in looked
    assert refused.status_code == 422
    many.assign_many(Job.objects.get().pk)
    assignment = Assignment.objects.get()
    assert (assignment.given, assignment.held_back) == (135, 15)
    page = as_manager.get(answer.url).content.decode()
    assert "Take back what is not used" in page
    post(as_manager, "assignment_undo", assignment.pk)
    assert Grant.objects.there().count() == 0


def test_a_forecast_comes_alone_when_a_field_changes(as_manager):
    crowd(3)
    discount = making.discount()

    part = as_manager.post(
        "/discounts/many/",
        {"all": "1", "question": "", "discount": discount.pk, "uses": 1},
        headers={"HX-Request": "true"},
    ).content.decode()

    assert part.lstrip().startswith("<!--") or "<aside" in part
    assert "<html" not in part


def test_the_page_of_a_discount_asks_as_often_for_fifty_as_for_one(as_manager, django_assert_max_num_queries, ana):
    discount = making.discount()
    making.grant(ana, discount)
    address = discount.get_absolute_url()
    as_manager.get(address)
    with django_assert_max_num_queries(30) as one:
        as_manager.get(address)

    crowd(60)
    for customer in Customer.objects.all():
        making.grant(customer, discount)
    with django_assert_max_num_queries(len(one)):
        page = as_manager.get(address).content.decode()

    assert "Older" in page


def test_a_code_for_everybody_is_shown_in_full_once_with_its_picture(as_manager):
    discount = making.discount()

    answer = post(as_manager, "discount_code", discount.pk, reason="Card", uses="100", uses_each="1")
    page = as_manager.get(answer.url).content.decode()

    assert codes.shown(Grant.objects.get().code) in page
    assert 'class="pass__code"' in page


def test_what_was_used_is_not_taken_back(as_manager, ana):
    grant = making.grant(ana)
    making.hold(making.basket("20.00"), Buyer.of(ana))

    post(as_manager, "grant_withdraw", grant.pk)

    grant.refresh_from_db()
    assert grant.withdrawn_at is None


def test_an_order_that_is_called_off_gives_the_use_back(ana):
    grant, order = making.grant(ana), build.order(ana)
    [redemption] = making.hold(making.basket("20.00"), Buyer.of(ana))
    redemption.commit(order=order)
    order.cancel()

    events = list(Event.objects.filter(kind="order.cancelled"))
    give_back(events)
    give_back(events)

    grant.refresh_from_db()
    assert (grant.taken, Redemption.objects.get().state) == (0, "reversed")


def test_what_nobody_paid_for_or_approved_is_swept(sam, ana):
    grant = making.grant(ana)
    making.hold(making.basket("20.00"), Buyer.of(ana), at=timezone.now() - timedelta(hours=1))
    give(making.discount("Half", percent=50), ana, Terms(reason="So sorry"), by=sam)
    Assignment.objects.update(lapses_at=timezone.now() - timedelta(hours=1))

    assert sweeping.sweep() == 2

    grant.refresh_from_db()
    assert (grant.taken, Assignment.objects.get().state) == (0, "lapsed")


def asked(by, address):
    return set(Question.read(QueryDict(address), by).customers.values_list("given_name", flat=True))


def test_one_can_ask_who_has_a_discount_and_who_buys_only_with_one(mira, ana, ben, cleo):
    grant = making.grant(ana)
    making.grant(ben, expires_at=timezone.now() - timedelta(days=1))
    for order in ana.orders.order_by("pk"):
        using = making.grant(ana, grant.discount)
        made = Redemption.hold(
            making.price(making.basket("9"), [making.offer(using.pk, version=using.version_id)], at=timezone.now()),
            buyer=Buyer.of(ana),
            reference=order.reference,
            key=order.reference,
        )
        made[0].commit(order=order)

    assert asked(mira, "has_discount=yes") == {"Ana"}
    assert asked(mira, "has_discount=no") == {"Ben", "Cleo"}
    assert asked(mira, f"discount={grant.discount_id}") == {"Ana"}
    assert asked(mira, "discount=-") == {"Cleo"}
    assert asked(mira, "discount_dependence=always") == {"Ana"}
    assert asked(mira, "discount_dependence=often") == set()
    assert asked(mira, "discount_dependence=never") == {"Ben", "Cleo"}


def program(*scopes):
    return Client(headers={"Authorization": f"Bearer {build.api_key('shop', *scopes)}"})


def test_a_program_gives_a_discount_and_takes_it_back(db, ana):
    discount = making.discount()
    client = program("discounts.assign")
    told = {"customer": ana.pk, "discount": discount.pk, "reason": "From the newsletter", "with_code": True}

    def send(key, **more):
        return client.post(
            "/api/v1/grants/", {**told, **more}, content_type="application/json", headers={"Idempotency-Key": key}
        )

    made = send("1")
    again, other = send("1"), send("2")
    listed = client.get(f"/api/v1/grants/?customer={ana.pk}").json()["results"]
    back = client.post(f"/api/v1/grants/{made.json()['id']}/withdraw/", {}, content_type="application/json")

    assert (made.status_code, again.json()) == (201, made.json())
    assert (other.status_code, other.json()["code"]) == (409, "has_it")
    assert [row["id"] for row in listed] == [made.json()["id"]]
    assert client.get("/api/v1/discounts/").json()["results"][0]["gives"] == "10% off the order"
    assert (back.status_code, Grant.objects.there().count()) == (200, 0)


def test_a_program_has_limits_and_needs_the_scope(db, ana):
    half = making.discount("Half", percent=50)
    told = {"customer": ana.pk, "discount": half.pk, "reason": "x"}
    headers = {"Idempotency-Key": "1"}

    over = program("discounts.assign").post("/api/v1/grants/", told, content_type="application/json", headers=headers)
    assert over.json()["code"] == "above_limit"
    assert Client().get("/api/v1/grants/").status_code == 401
    other = Client(headers={"Authorization": f"Bearer {build.api_key('reader', 'customers.view')}"})
    assert other.get("/api/v1/grants/").status_code == 403
    assert not Grant.objects.exists()


@pytest.mark.parametrize("until", ["2020-01-01", "9999-12-31"])
def test_a_day_that_is_over_or_in_no_calendar_is_refused_everywhere(as_manager, ana, until):
    discount = making.discount()
    told = {"customer": ana.pk, "discount": discount.pk, "reason": "x", "until": until}
    told_once = {"content_type": "application/json", "headers": {"Idempotency-Key": "1"}}

    by_program = program("discounts.assign").post("/api/v1/grants/", told, **told_once)
    from_card = post(
        as_manager, "give_one", ana.pk, discount=discount.pk, reason="x", source="staff", uses=1, until=until
    )
    by_code = post(as_manager, "discount_code", discount.pk, reason="Card", uses="100", until=until)

    assert (by_program.status_code, list(by_program.json()["errors"])) == (400, ["until"])
    assert (from_card.status_code, by_code.status_code) == (422, 422)
    assert 'value="Card"' in by_code.content.decode()
    assert not Grant.objects.exists()


def test_a_program_is_not_told_the_code_of_what_waits_for_approval(sam, ana):
    give(making.discount(percent=50), ana, Terms(reason="Sorry", with_code=True), by=sam)

    [told] = program("discounts.assign").get(f"/api/v1/grants/?customer={ana.pk}").json()["results"]

    assert (told["waits_for_approval"], told["code"]) == (True, None)


@pytest.mark.parametrize(
    "address", ["/settings/discounts/", "/settings/till/", "/discounts/new/", "/loyalty/rewards/new/"]
)
def test_beside_every_sum_that_is_typed_stands_the_currency(as_administrator, ada, address):
    Setting.put("shop.currency", "EUR", by=ada)

    page = as_administrator.get(address).content.decode()

    assert '<span aria-hidden="true">EUR</span>' in page
    assert '<span class="visually-hidden"> EUR</span></label>' in page
