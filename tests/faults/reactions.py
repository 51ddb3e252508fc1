from django.db import connection

from crm.models import Event, Note

REACTIONS = {
    "order.placed": ["tests.faults.reactions.write_down"],
    "response.recorded": ["tests.faults.reactions.write_down_answer"],
}


SLOW = "F-slow"
HELD_UP = 8_251_002


def write_down(events: list[Event]) -> None:
    """An order called F-slow waits for the lock HELD_UP: Redis goes away under the task that works on it."""
    if any(event.data["reference"] == SLOW for event in events):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [HELD_UP])
    for event in events:
        Note.objects.get_or_create(
            customer_id=event.customer_id, body=event.data["reference"], defaults={"kind": "call", "at": event.at}
        )


def write_down_answer(events: list[Event]) -> None:
    for event in events:
        body = f"A-{event.data['response']}"
        Note.objects.get_or_create(customer_id=event.customer_id, body=body, defaults={"kind": "call", "at": event.at})
