"""Points for a card that says who somebody is: a name, an e-mail above all, a birthday. Once."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef

from crm.models import Customer, Identifier
from loyalty.models import EarningRule, Entry
from loyalty.programme.settling import bonus

KEY = "profile"


def reward(customers: Iterable[int]) -> int:
    rule = EarningRule.in_force_at()
    if rule is None or not rule.profile:
        return 0
    email = Identifier.objects.filter(customer=OuterRef("pk"), kind="email")
    known = Customer.objects.present().filter(pk__in=set(customers)).exclude(name="").exclude(birthday=None)
    had = Entry.objects.filter(account__customer=OuterRef("pk"), key=KEY)
    found = known.filter(Exists(email), ~Exists(had)).order_by("pk")
    for customer in found:
        with transaction.atomic():
            bonus(customer, rule.profile, reason="profile", key=KEY)
    return len(found)


def reward_answer(customer: Customer, response: int) -> None:
    """For the answer to a survey, never for its score. Once an answer."""
    rule = EarningRule.in_force_at()
    if rule and rule.survey:
        with transaction.atomic():
            bonus(customer, rule.survey, reason="survey", key=f"response:{response}")
