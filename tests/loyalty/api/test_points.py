"""Programs see points, give and take them, exchange them for rewards, and tell who invited whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from loyalty.models import Account, Entry, Exchange, Referral, Reward
from loyalty.programme import referrals
from loyalty.programme.rewards import offer
from tests import build
from tests.api import Program
from tests.loyalty.programme import making


@pytest.fixture
def shop(db):
    return Program("customers.view", "customers.edit", "points.adjust")


@pytest.fixture
def rich(cleo):
    """1,000 points, of which 400 wait."""
    account, now = Account.of(cleo), timezone.now()
    account.earn(600, reason="order", key="a", expires_at=now + timedelta(days=9))
    account.earn(400, reason="order", key="b", available_at=now + timedelta(days=3))
    return cleo


def test_a_program_sees_what_there_is_and_what_comes_next(shop, rich, ben):
    seen = shop.get(f"customers/{rich.pk}/points/").json()

    assert (seen["available"], seen["pending"], seen["held"], seen["debt"]) == (600, 400, 0, 0)
    assert (seen["next_available"]["points"], seen["next_expiring"]["points"]) == (400, 600)
    assert shop.get(f"customers/{ben.pk}/points/").json()["available"] == 0
    assert shop.get("customers/999999/points/").status_code == 404


def test_the_movements_say_where_points_came_from(shop, cleo):
    order = build.order(cleo, "30.00", reference="W-7")
    Account.of(cleo).earn(30, order=order, reason="order", key="a")
    Account.of(cleo).spend(10, reason="reward", key="b")

    rows = shop.get(f"customers/{cleo.pk}/points/entries/").json()["results"]

    assert [(row["kind"], row["points"], row["left"]) for row in rows] == [("earn", 30, 20), ("redeem", -10, None)]
    assert rows[0]["order"]["reference"] == "W-7"


def test_points_are_given_once_per_key_also_after_the_answer_is_forgotten(shop, cleo):
    from shop.models import KeptAnswer

    told = {"points": 50, "reason": "gesture"}
    first = shop.post(f"customers/{cleo.pk}/points/adjustments/", told, key="one")
    KeptAnswer.objects.all().delete()
    again = shop.post(f"customers/{cleo.pk}/points/adjustments/", told, key="one")

    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert (Entry.objects.get().points, Entry.objects.get().actor[:4]) == (50, "key:")


@pytest.mark.parametrize(
    ("points", "status", "code"),
    [(-51, 409, "not_enough_points"), (5001, 409, "above_limit"), (0, 400, "invalid")],
)
def test_what_a_program_may_not_do_changes_nothing(shop, cleo, points, status, code):
    Account.of(cleo).earn(50, reason="order", key="a")

    refused = shop.post(f"customers/{cleo.pk}/points/adjustments/", {"points": points, "reason": "other"})

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert Entry.objects.count() == 1


def test_without_an_idempotency_key_nothing_moves(shop, cleo):
    refused = shop.post(f"customers/{cleo.pk}/points/adjustments/", {"points": 5, "reason": "gesture"}, key=None)

    assert refused.json()["code"] == "idempotency_key_missing"
    assert not Entry.objects.exists()


def test_a_key_that_only_looks_moves_no_points(rich):
    looking = Program("customers.view")

    refused = looking.post(f"customers/{rich.pk}/points/adjustments/", {"points": 5, "reason": "gesture"})

    assert (refused.status_code, Entry.objects.count()) == (403, 2)


def test_points_become_a_reward(shop, rich):
    five = offer(Reward(name="Five off", cost=500, kind="amount", amount=Decimal(5)))
    assert [one["name"] for one in shop.get("rewards/").json()["results"]] == ["Five off"]

    had = shop.post(f"customers/{rich.pk}/exchanges/", {"reward": five.pk})
    refused = shop.post(f"customers/{rich.pk}/exchanges/", {"reward": five.pk})

    assert (had.status_code, had.json()["available"]) == (201, 100)
    assert (refused.json()["code"], refused.json()["needed"], refused.json()["available"]) == (
        "not_enough_points",
        500,
        100,
    )
    assert Exchange.objects.get().grant_id == had.json()["grant"]["id"]


def test_a_reward_that_is_put_away_is_refused_and_says_why(shop, rich):
    gone = offer(Reward(name="Tin", cost=5, kind="product", product="Tin", put_away_at=timezone.now()))

    assert shop.post(f"customers/{rich.pk}/exchanges/", {"reward": gone.pk}).json()["why"] == "put_away"
    assert shop.post(f"customers/{rich.pk}/exchanges/", {"reward": 999999}).status_code == 404


def test_a_web_shop_tells_who_came_with_whose_code(shop, ana, cleo):
    making.rule(referral_inviter=200, referral_invited=100)
    code = shop.post(f"customers/{ana.pk}/referral-code/", {}).json()["code"]
    assert shop.post(f"customers/{ana.pk}/referral-code/", {}).json()["code"] == code

    joined = shop.post("referrals/", {"code": code.upper(), "customer": cleo.pk})
    order = build.order(cleo, "50.00")
    referrals.follow([order.pk])
    referrals.reward_due()

    assert (joined.status_code, joined.json()["state"]) == (201, "joined")
    listed = shop.get(f"customers/{ana.pk}/referrals/").json()["results"]
    assert [(row["invited"], row["state"]) for row in listed] == [(cleo.pk, "rewarded")]
    assert (making.entries(ana), making.entries(cleo)) == ([200], [100])


def test_an_invitation_is_there_once_and_is_met_by_whom_it_names(shop, ana):
    making.rule()
    for _twice in range(2):
        assert shop.post(f"customers/{ana.pk}/referrals/", {"email": "New@Mail.example"}, key=None).status_code == 201
    invited = Referral.objects.get()
    new = build.customer("Nora", email="new@mail.example")
    code = referrals.code_of(ana)

    shop.post("referrals/", {"code": code, "customer": new.pk})

    invited.refresh_from_db()
    assert (invited.state, invited.invited, invited.contact) == ("joined", new, "")


@pytest.mark.parametrize("body", [{}, {"email": "a@b.example", "phone": "+44 20 7946 0000"}, {"phone": "-"}])
def test_an_invitation_names_one_e_mail_or_one_phone(shop, ana, body):
    assert shop.post(f"customers/{ana.pk}/referrals/", body).status_code == 400
    assert not Referral.objects.exists()


def test_who_cannot_be_invited_is_told_why(shop, ana, ben, cleo):
    making.rule()
    code = referrals.code_of(ana)

    def why(response):
        return response.status_code, response.json()["code"], response.json()["why"]

    assert why(shop.post(f"customers/{ana.pk}/referrals/", {"email": "ben@people.example"})) == (
        409,
        "cannot_refer",
        "known",
    )
    assert why(shop.post("referrals/", {"code": code, "customer": ben.pk}))[2] == "known"
    assert why(shop.post("referrals/", {"code": "nobody", "customer": cleo.pk}))[2] == "unknown_code"
    assert why(shop.post("referrals/", {"code": code, "customer": ana.pk}))[2] == "self"
