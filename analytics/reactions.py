"""What the figures do when something happens elsewhere (config/reactions.py names these)."""

from django.db import connection, transaction

from analytics.models import Flag, Stale
from crm.models import Event
from shop.models.job import wake_relay

_MARK_IMPORTED = """
    INSERT INTO analytics_stale AS stale (customer_id, marked_at, refreshed_at, covered_by)
    SELECT DISTINCT customer_id, clock_timestamp(), NULL::timestamptz, NULL::bigint
      FROM crm_importedcustomer WHERE import_id = ANY(%s) ORDER BY customer_id
    ON CONFLICT (customer_id) DO UPDATE
       SET marked_at = EXCLUDED.marked_at, refreshed_at = NULL, covered_by = NULL
"""

_MARK_CHANGED = """
    INSERT INTO analytics_stale AS stale (customer_id, marked_at, refreshed_at, covered_by)
    SELECT DISTINCT row_id, clock_timestamp(), NULL::timestamptz, NULL::bigint
      FROM crm_change WHERE changes_id = ANY(%s) AND model = 'crm.Customer' AND before ? 'left_out_at' ORDER BY row_id
    ON CONFLICT (customer_id) DO UPDATE
       SET marked_at = EXCLUDED.marked_at, refreshed_at = NULL, covered_by = NULL
"""


def mark_stale(events: list[Event]) -> None:
    Stale.mark(event.customer_id for event in events if event.customer_id)
    wake_relay()


def mark_imported_stale(events: list[Event]) -> None:
    """An import tells of itself once; the relay finds so many stale customers and has everything made anew."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_IMPORTED, [[event.subject_id for event in events]])
    wake_relay()


def count_as_contacted(events: list[Event]) -> None:
    """Any conversation with somebody who has a flag."""
    reached(events, "contacted_at", "risk.contacted")


def count_as_offered(events: list[Event]) -> None:
    reached(events, "offered_at", "risk.offered")


@transaction.atomic
def reached(events: list[Event], field: str, kind: str) -> None:
    """Safe to run twice: the first conversation counts, and only once the flag was raised."""
    first: dict[int, Event] = {}
    for event in sorted(events, key=lambda event: event.at):
        if event.customer_id:
            first.setdefault(event.customer_id, event)
    flags = Flag.objects.open().filter(customer__in=list(first), **{f"{field}__isnull": True})
    for flag in flags.select_for_update().order_by("pk"):
        event = first[flag.customer_id]
        if event.at >= flag.raised_at:
            Flag.objects.filter(pk=flag.pk).update(**{field: event.at})
            Event.record(kind, customer_id=flag.customer_id, actor=event.actor)


def mark_changed_stale(events: list[Event]) -> None:
    """Of a change of many only who counts and who does not moves the figures."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK_CHANGED, [[event.data["changes"] for event in events]])
    wake_relay()
