"""What ends by itself: holds nobody paid for, and requests nobody approved in time."""

from django.db import transaction
from django.utils import timezone

from loyalty.discounts import approving
from loyalty.models import Redemption

PART = 500


def sweep() -> int:
    """A part at a time, each in a transaction of its own."""
    gone = approving.lapse()
    now = timezone.now()
    while ids := list(Redemption.objects.stale(now).order_by("pk").values_list("pk", flat=True)[:PART]):
        with transaction.atomic():
            Redemption.objects.filter(pk__in=ids).let_go_stale(now)
        gone += len(ids)
    return gone
