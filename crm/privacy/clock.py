"""The clock of old cards: nothing has happened on them for years, so they are proposed for erasure.

The clock only proposes. A person looks at the list and confirms, or says that a card is to be kept.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from crm.models import Erasure, OldCard
from crm.privacy.erasing import AlreadyErased, erase
from shop.models import Job, Setting

KIND = "crm.propose_erasures"
ERASE = "crm.erase_old_cards"
KEPT = timedelta(days=365)  # "keep" holds a year; then the card is proposed again
MOST = 1000  # cards in one confirmation

# Each table is asked by its index (customer, at); a card that is young answers before any of them.
_PROPOSE = """
    INSERT INTO crm_oldcard (customer_id, last_on, proposed_at)
    SELECT customer.id, greatest(customer.created_at, bought.at, refunded.at, said.at)::date, now()
      FROM crm_customer AS customer
      LEFT JOIN LATERAL (SELECT placed_at AS at FROM crm_order WHERE customer_id = customer.id
                          ORDER BY placed_at DESC, id DESC LIMIT 1) AS bought ON true
      LEFT JOIN LATERAL (SELECT at FROM crm_refund WHERE customer_id = customer.id
                          ORDER BY at DESC, id DESC LIMIT 1) AS refunded ON true
      LEFT JOIN LATERAL (SELECT at FROM crm_note WHERE customer_id = customer.id
                          ORDER BY at DESC, id DESC LIMIT 1) AS said ON true
     WHERE customer.created_at < %(before)s AND customer.merged_into_id IS NULL AND customer.erased_at IS NULL
       AND coalesce(bought.at, '-infinity') < %(before)s AND coalesce(refunded.at, '-infinity') < %(before)s
       AND coalesce(said.at, '-infinity') < %(before)s
       AND NOT EXISTS (SELECT FROM crm_event WHERE customer_id = customer.id AND at >= %(before)s
                          AND actor <> '' AND kind <> ALL (%(quiet)s))
       AND NOT EXISTS (SELECT FROM crm_task WHERE customer_id = customer.id AND done_at IS NULL)
       AND NOT EXISTS (SELECT FROM crm_complaint WHERE customer_id = customer.id AND closed_at IS NULL)
    ON CONFLICT (customer_id) DO UPDATE SET last_on = excluded.last_on
"""
# What the shop does of itself, or to look at a card, is no sign of life.
QUIET = ["customer.copied", "customer.merged", "customer.unmerged", "risk.raised", "risk.cleared"]


def years() -> int:
    """0: the clock stands still."""
    return int(Setting.get("privacy.years"))


def before() -> date:
    today = timezone.localdate()
    return today - timedelta(days=round(365.25 * years()))


@transaction.atomic
def propose() -> int:
    """The dry run: nothing is erased. Returns how many cards are proposed now."""
    if not years():
        OldCard.objects.filter(kept_until=None).delete()
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '30min'")
        OldCard.objects.filter(kept_until=None).delete()
        cursor.execute(_PROPOSE, {"before": before(), "quiet": QUIET})
    return proposed().count()


def proposed() -> Any:
    """Those nobody has decided about, or whose year of being kept is over."""
    decided = Q(kept_until__gt=timezone.localdate())
    return OldCard.objects.exclude(decided).filter(customer__erased_at=None).order_by("last_on", "customer")


def keep(ids: list[int]) -> int:
    return proposed().filter(pk__in=ids).update(kept_until=timezone.localdate() + KEPT)


def erase_them(ids: list[int], *, by: Any, progress: Any) -> int:
    """One transaction a card: what is done stays done when the work is stopped."""
    cards = list(proposed().filter(pk__in=ids).select_related("customer"))
    erased = 0
    for done, card in enumerate(cards):
        progress("", done, len(cards))
        try:
            erase(card.customer, why=Erasure.Why.CLOCK, by=by)
            erased += 1
        except AlreadyErased:
            continue
    return erased


def nightly(day: date) -> Job:
    return Job.request(KIND, period=day.isoformat())
