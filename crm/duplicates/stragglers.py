"""Rows that were on their way to a card while it was merged: they follow it, afterwards."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from crm.duplicates.merging import numbered
from crm.duplicates.twice import rules
from crm.models import Customer, Event, Merge
from crm.policies import Policy, policies

WITHIN = timedelta(days=3)


@transaction.atomic
def follow() -> int:
    """Returns how many rows were moved."""
    merged = Merge.objects.in_force().filter(at__gt=timezone.now() - WITHIN)
    gone = sorted(merged.values_list("goes_id", flat=True))
    if not gone:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('regulars.reason', 'merge:stragglers', true)")
        moved = sum(_follow(policy, gone) for policy in _any_number_of())
        cursor.execute("SELECT set_config('regulars.reason', '', true)")
    return moved


def _any_number_of() -> list[Policy]:
    """Policies of rows that simply move and that a card may have any number of."""
    return [
        policy
        for policy in policies(Customer)
        if policy.merge.word == "move"
        and policy.model is not Customer
        and numbered(policy.model)
        and not list(rules(policy.model, policy.field))
    ]


def _follow(policy: Policy, gone: list[int]) -> int:
    late = policy.rows_of(*gone)
    if policy.model is Event:
        late = late.exclude(subject_type=Merge._meta.label_lower)  # the entry about the merge stays on its card
    went_into = Customer.objects.filter(pk=OuterRef(policy.field.attname)).values("merged_into")
    return late.update(**{policy.field.attname: Subquery(went_into)})
