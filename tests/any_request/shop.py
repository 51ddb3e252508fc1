"""A shop that has one of everything the API tells of."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from analytics import recompute
from analytics.models import Flag
from crm.models import Customer, CustomField, Tag, Webhook
from loyalty.models import Reward
from loyalty.programme import referrals
from loyalty.programme.rewards import offer
from shop.models import Setting, User
from tests import build
from tests.analytics.shops import AS_OF, random_shop
from tests.loyalty.discounts.making import discount, grant
from tests.loyalty.programme import making
from tests.loyalty.till.making import Till, lines, points

Names = dict[str, list[Any]]


def open_shop() -> Names:
    """What an address can name, by the name that its parameter has in the papers."""
    Setting.put("analytics.active_days", 60)
    random_shop(40)
    recompute.full(AS_OF)
    sam = build.user("manager", email="sam@shop.example")
    dora = build.customer("Dora Bell", email="dora@people.example", phone="+44 20 7946 0018")
    build.identifier(dora, "external", "c-7", source="shop")
    ben = build.customer("Ben Ode", email="ben@people.example")
    names: Names = {
        "customer": [str(dora.pk), "shop:c-7", str(ben.pk)],
        "source": ["shop"],
        "name": ["retention"],
    }
    names |= {"segment_id": [_segment(sam)], "reference": _programme(dora, ben) + _sold(dora)}
    return names | {"id": sorted({*_work(dora, sam), *_holds(dora), *_hooks()})}


def _segment(sam: User) -> int:
    Tag.objects.create(name="wholesale")
    CustomField.objects.create(key="shoe_size", label="Shoe size", kind="number")
    return build.segment(sam, shared_at=timezone.now()).pk


def _programme(dora: Customer, ben: Customer) -> list[str]:
    making.rule(referral_inviter=200, referral_invited=100)
    making.scheme()
    points(dora, 5000)
    offer(Reward(name="Five off", cost=300, kind="amount", amount=Decimal(5)))
    referrals.join(dora, ben)
    return [making.order(dora, ("tea", "12.50"), "7.50", at=days).reference for days in range(1, 5)]


def _sold(dora: Customer) -> list[str]:
    return [build.order(dora, at=days, reference=f"2026/11/{days}").reference for days in range(5, 8)]


def _work(dora: Customer, sam: User) -> list[int]:
    day = timezone.localdate()
    flag = {"state_since": day, "last_on": day - timedelta(days=200), "silent_days": 200, "usual_days": 40}
    nps = build.survey()
    build.response(dora, nps, comment="Late again.")
    build.note(dora)
    made = [
        build.complaint(dora),
        build.complaint(dora, stage="solved"),
        build.task(sam, customer=dora),
        build.task(sam),
    ]
    made += [Flag.objects.create(customer=dora, state="at_risk", raised_at=timezone.now(), **flag)]
    return [one.pk for one in [*made, grant(dora, discount()), build.invitation(dora, nps)]]


def _holds(dora: Customer) -> list[int]:
    till, basket = Till(), {"customer": {"id": dora.pk}, "lines": lines("2x4.50")}
    return [till.hold(reference, **basket, use_points=100).json()["hold"] for reference in ("h-1", "h-2", "h-3")]


def _hooks() -> list[int]:
    hook, _secret = Webhook.make(name="shop", url="https://shop.example/", kinds=["*"])
    return [hook.pk, hook.test(by=None).pk]
