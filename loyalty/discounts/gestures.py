"""Discounts that staff gave to one customer, as the page of a complaint names them (config/gifts.py)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm.complaints.giving import SHOWN, Gift
from loyalty.discounts.wording import gives
from loyalty.models import Assignment, Grant
from loyalty.models.assignment import Source


def given(customer: int | None, numbers: Sequence[int] | None) -> list[Gift]:
    """Also those that ended or were used since; not those that wait for somebody's approval or were taken back."""
    by_hand = {"assignment__whom": Assignment.Whom.ONE, "source__in": (Source.STAFF, Source.APOLOGY)}
    rows = Grant.objects.there().filter(**by_hand).order_by("-created_at", "-pk")
    rows = rows if customer is None else rows.filter(customer=customer)
    rows = rows.select_related("discount", "version")
    rows = rows[:SHOWN] if numbers is None else rows.filter(pk__in=numbers)
    return [
        Gift("discount", row.pk, _("Discount"), str(row.discount), gives(row.version), row.worth, row.created_at)
        for row in rows
    ]
