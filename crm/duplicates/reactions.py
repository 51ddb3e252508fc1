"""Looks for doubles of the cards that just changed (config/reactions.py names these)."""

from crm.duplicates import finding
from crm.duplicates.jobs import KIND
from crm.models import Event, Import
from shop.models import Job

FEW = 2_000  # beyond, looking through all cards at once is quicker
COMPARED = {"given_name", "family_name", "birthday", "email", "phone"}


def look_again(events: list[Event]) -> None:
    finding.look_again(event.customer_id for event in events if event.customer_id and _may_matter(event))


def look_through_imported(events: list[Event]) -> None:
    for one in Import.objects.filter(pk__in=[event.subject_id for event in events]):
        brought = list(one.customer_ids[: FEW + 1])
        if len(brought) > FEW:
            Job.request(KIND)
        else:
            finding.look_again(brought)


def _may_matter(event: Event) -> bool:
    return event.kind != "customer.edited" or bool(COMPARED & set(event.data.get("changes", {})))
