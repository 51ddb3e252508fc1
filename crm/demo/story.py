"""What the staff of the demo shop wrote down and what they have before them: so that Today and the cards are alive."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Sum
from django.utils import timezone

from crm.demo import complaints, doubles, mails, tags
from crm.models import Customer, Event, Note, Segment, Task
from shop.models import User

OWNED = 160  # of the customers who spent most, shared between two people

# (who among those who spent most, days ago, kind, by, what was said)
NOTES = [
    (0, 1, "call", "mira", "Asked for the autumn price list. Pleased with the last delivery; wants to order before the holidays."),
    (1, 2, "email", "sam", "Two lanterns arrived with cracked glass. Replacements are on the way; asked for foam corners next time."),
    (2, 3, "call", "mira", "Opening a second shop in spring and will need twice the stock. Wants to see the new tins first."),
    (3, 5, "visit", "mira", "Came by with her daughter, who takes over the ordering from January."),
    (4, 6, "chat", "sam", "Asked whether the bunting comes in longer lengths. It does; link sent."),
    (6, 8, "call", "sam", "The invoice went to the old address. Put right."),
    (8, 11, "note", "mira", "Orders every six weeks, always on a Thursday. If nothing has come by Friday, ring."),
    (11, 12, "call", "mira", "Quiet because of building work in the shop; back in about a month."),
    (14, 15, "email", "sam", "Asked for the catalogue on paper. Posted."),
    (17, 19, "call", "mira", "Found cheaper tea lights elsewhere but stays for the cake tins. Would like a bundle."),
    (21, 24, "chat", "sam", "Delivery came a day late, twice. Apologised; the carrier has been told."),
    (25, 30, "call", "mira", "Moved to a smaller shop and buys less, gladly stays with us."),
    (31, 41, "note", "sam", "Prefers e-mail. Do not ring before noon."),
    (40, 55, "call", "mira", "Very happy with the heart doorstops: sold out in a week."),
]  # fmt: skip

# (who among those who spent most, due in days, owner, by, what)
TASKS = [
    (2, 0, "mira", "mira", "Send photographs of the new tins"),
    (0, 0, "mira", "mira", "Ring about the order for the holidays"),
    (1, 0, "sam", "sam", "Check that the replacement lanterns arrived"),
    (11, -2, "mira", "mira", "Ask whether the building work is done"),
    (21, -1, "sam", "mira", "Tell them what the carrier answered"),
    (6, -4, "sam", "sam", "Make sure the new address is on the invoice"),
    (17, 1, "mira", "mira", "Put together a bundle of tea lights and cake tins"),
    (4, 2, "sam", "sam", "Ask whether the longer bunting fits"),
    (3, 5, "mira", "mira", "Meet the daughter who takes over the ordering"),
    (8, 6, "mira", "mira", "Ring if no order has come"),
    (None, 3, "sam", "mira", "Answer the two open questions from the fair"),
]


# (name, owner, shared, question)
VIEWS = [
    ("Cannot lose", "mira", True, "rfm=cannot_lose&sort=-net"),
    ("Birthdays soon", "mira", True, "birthday=in-30-days"),
    ("Large and silent", "mira", False, "net=2000..&state=at_risk&state=likely_lost&2.orders=10..&2.average_order=400..&2.match=any"),
    ("Nobody’s yet", "sam", True, "owner=-&orders=5..&sort=-net"),
]  # fmt: skip


def tell(staff: dict[str, User], today: date) -> None:
    """Call it inside a transaction."""
    spent = Sum("orders__net")
    best = list(Customer.objects.annotate(spent=spent).order_by(F("spent").desc(nulls_last=True), "pk")[:OWNED])
    _share(best, staff)
    complaints.open_and_closed(best, staff, timezone.now())
    mails.tell(best)
    doubles.add(best, staff)
    tags.tell(best)
    _keep_views(staff)
    for note in _notes(best, staff):
        Event.record(
            "note.logged", customer_id=note.customer_id, subject=note, at=note.at, actor=note.by.actor, kind=note.kind
        )
    for task in _tasks(best, staff, today):
        Event.record(
            "task.created",
            customer_id=task.customer_id,
            subject=task,
            actor=task.created_by.actor,
            title=task.title,
            due_on=task.due_on.isoformat(),
        )


def _keep_views(staff: dict[str, User]) -> None:
    now = timezone.now()
    Segment.objects.bulk_create(
        Segment(name=name, owner=staff[owner], address=address, shared_at=now if shared else None)
        for name, owner, shared, address in VIEWS
    )


def _share(best: list[Any], staff: dict[str, User]) -> None:
    for owner, share in ((staff["mira"], best[::2]), (staff["sam"], best[1::2])):
        Customer.objects.filter(pk__in=[customer.pk for customer in share]).update(owner=owner)


def _notes(best: list[Any], staff: dict[str, User]) -> Iterator[Note]:
    now = timezone.now()
    for rank, days_ago, kind, by, body in NOTES:
        at = now - timedelta(days=days_ago, minutes=37 * rank)
        yield Note.objects.create(customer=best[rank], kind=kind, body=body, at=at, by=staff[by])


def _tasks(best: list[Any], staff: dict[str, User], today: date) -> Iterator[Task]:
    for rank, due_in, owner, by, title in TASKS:
        yield Task.objects.create(
            title=title,
            due_on=today + timedelta(days=due_in),
            owner=staff[owner],
            created_by=staff[by],
            customer=None if rank is None else best[rank],
        )
