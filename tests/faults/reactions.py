from crm.models import Event, Note

REACTIONS = {"order.placed": ["tests.faults.reactions.write_down"]}


def write_down(events: list[Event]) -> None:
    for event in events:
        Note.objects.get_or_create(
            customer_id=event.customer_id, body=event.data["reference"], defaults={"kind": "call", "at": event.at}
        )
