"""Points that staff gave, as the page of a complaint names them (config/gifts.py)."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.complaints.giving import SHOWN, Gift
from loyalty.models import Entry
from loyalty.points.wording import reason_of
from shop import formats
from shop.models import Setting


def given(customer: int | None, numbers: Sequence[int] | None) -> list[Gift]:
    rows = Entry.objects.filter(kind=Entry.Kind.ADJUST, points__gt=0).order_by("-effective_at", "-pk")
    rows = rows if customer is None else rows.filter(account__customer=customer)
    rows = rows[:SHOWN] if numbers is None else rows.filter(pk__in=numbers)
    value = Setting.get("till.point_value")
    return [
        Gift("points", row.pk, _("Points"), reason_of(row), _points(row.points), row.points * value, row.effective_at)
        for row in rows
    ]


def _points(points: int) -> str:
    return ngettext("%(n)s point", "%(n)s points", points) % {"n": formats.number(points)}
