"""What a message says: what happened, when, and to whom by number. No name, no address, no contact of anybody.

What people typed is in it only where the webhook was made to get that, too.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from crm.events.kinds import KINDS
from crm.models import Delivery, Event, Identifier

External = dict[int, list[dict[str, str]]]


def bodies(deliveries: Iterable[Delivery]) -> dict[int, str]:
    """For each its body, by number. Each with its event, order and webhook."""
    deliveries = list(deliveries)
    known = external_ids({d.event.customer_id for d in deliveries if d.event.customer_id})
    return {d.pk: body(d.event, known, personal=d.webhook.personal) for d in deliveries}


def external_ids(customers: set[int]) -> External:
    """What the systems around us call them."""
    known: External = {}
    rows = Identifier.objects.filter(customer__in=customers, kind=Identifier.Kind.EXTERNAL).order_by("pk")
    for customer, source, value in rows.values_list("customer_id", "source", "value"):
        known.setdefault(customer, []).append({"source": source, "id": value})
    return known


def body(event: Event, known: External, *, personal: bool) -> str:
    data = {
        "event": event.pk,
        "customer": _customer(event, known),
        "order": _order(event),
        "subject": {"type": event.subject_type, "id": event.subject_id} if event.subject_type else None,
        "actor": event.actor,
        "details": details(event, personal=personal),
    }
    return json.dumps({"type": event.kind, "timestamp": _moment(event.at), "data": data}, ensure_ascii=False)


def details(event: Event, *, personal: bool) -> dict[str, Any]:
    hidden = () if personal else KINDS[event.kind].personal
    return {name: value for name, value in event.data.items() if name not in hidden}


def _customer(event: Event, known: External) -> dict[str, Any] | None:
    if event.customer_id is None:
        return None
    return {"id": event.customer_id, "external_ids": known.get(event.customer_id, [])}


def _order(event: Event) -> dict[str, Any] | None:
    if event.order is None:
        return None
    return {"id": event.order.pk, "source": event.order.source, "reference": event.order.reference}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
