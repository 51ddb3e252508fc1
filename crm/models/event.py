from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from psycopg.types.json import Jsonb

from crm.events.kinds import KINDS
from shop.asking import ask, ask_one
from shop.inserting import insert
from shop.models.audit_row import noted
from shop.models.job import wake_relay

# The call is heard on commit, like the one of shop.models.job.wake_relay.
_CALL = """
WITH called AS (
    INSERT INTO crm_reaction (event_id, name, due_at, attempts, last_error)
    SELECT event, name, %(now)s, 0, ''
      FROM unnest(%(events)s::bigint[]) AS event CROSS JOIN unnest(%(names)s::text[]) AS name
)
SELECT pg_notify('regulars', '')
"""


_FIELDS = ("kind", "at", "recorded_at", "customer_id", "order_id", "actor", "subject_type", "subject_id")
_RECORD = """
WITH told AS (
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, order_id, actor, subject_type, subject_id, data)
    VALUES (%(kind)s, %(at)s, %(recorded_at)s, %(customer_id)s, %(order_id)s, %(actor)s, %(subject_type)s,
            %(subject_id)s, %(data)s)
 RETURNING id
), called AS (
    INSERT INTO crm_reaction (event_id, name, due_at, attempts, last_error)
    SELECT told.id, name, %(recorded_at)s, 0, '' FROM told CROSS JOIN unnest(%(names)s::text[]) AS name
)
SELECT told.id FROM told CROSS JOIN pg_notify('regulars', '')
"""


def reactions_to(kind: str) -> list[str]:
    return list(import_string(settings.REACTIONS).get(kind, []))


def checked(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    """What an event of this kind carries, and nothing else."""
    if set(data) != set(KINDS[kind].keys):
        raise ValueError(f"{kind} carries {KINDS[kind].keys}, not {tuple(data)}")
    return data


class Event(models.Model):
    """Something that happened. Written in the transaction that changed the fact, never changed afterwards."""

    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    customer = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="events", db_index=False)
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="events", db_index=False)
    actor = models.CharField(max_length=40, blank=True)  # staff:7, key:ab12, import:3; empty: the shop itself
    subject_type = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-at", "-id"], name="event_newest_of_customer"),
            models.Index(fields=["kind", "-id"], name="event_newest_of_kind"),
            models.Index(fields=["order"], name="event_of_order", condition=models.Q(order__isnull=False)),
            models.Index(
                fields=["subject_id", "-id"],
                name="event_newest_of_complaint",
                condition=models.Q(subject_type="crm.complaint"),
            ),
            # The audit: what somebody did, newest first.
            models.Index(fields=["-recorded_at", "-id"], name="event_audit", condition=~models.Q(actor="")),
            models.Index(
                fields=["actor", "-recorded_at", "-id"], name="event_audit_actor", condition=~models.Q(actor="")
            ),
            models.Index(
                fields=["subject_id"],
                name="event_audit_subject",
                condition=models.Q(subject_id__isnull=False) & ~models.Q(actor=""),
            ),
        ]

    @classmethod
    def record(
        cls,
        kind: str,
        /,
        *,
        customer: Any = None,
        customer_id: int | None = None,
        order: Any = None,
        subject: Any = None,
        at: datetime | None = None,
        actor: str = "",
        **data: Any,
    ) -> "Event":
        """One event and a row for each of its reactions. Call it inside the transaction of the fact."""
        event = cls(
            kind=kind,
            at=at or timezone.now(),
            customer_id=customer.pk if customer else customer_id,
            order=order,
            actor=actor,
            subject_type=subject._meta.label_lower if subject else "",
            subject_id=subject.pk if subject else None,
            data=checked(kind, data),
        )
        noted.set(True)
        names = reactions_to(kind)
        if names:
            event._insert_with(names)
        else:
            insert(event)
        return event

    def _insert_with(self, names: list[str]) -> None:
        """The event and its reactions in one statement."""
        values = {name: getattr(self, name) for name in _FIELDS} | {"data": Jsonb(self.data), "names": names}
        (self.pk,) = ask_one(_RECORD, values)
        self._state.adding, self._state.db = False, connection.alias

    @classmethod
    def record_many(cls, kind: str, told: Iterable[tuple[Any, Any, dict[str, Any]]], *, actor: str) -> None:
        """(customer, order, data) of each; an order brings its customer, and is told of as of when it was placed."""
        now = timezone.now()
        events = Event.objects.bulk_create(
            Event(
                kind=kind,
                at=order.placed_at if order else now,
                recorded_at=now,
                customer_id=order.customer_id if order else customer.pk,
                order=order,
                actor=actor,
                data=checked(kind, data),
            )
            for customer, order, data in told
        )
        noted.set(True)
        cls.call_for_reactions(kind, [event.pk for event in events])

    @staticmethod
    def call_for_reactions(kind: str, events: Iterable[int]) -> None:
        """A row for each reaction to each of these events, which were written just now."""
        names = reactions_to(kind)
        if names:
            ask(_CALL, {"events": list(events), "names": names, "now": timezone.now()})


class Reaction(models.Model):
    """What must follow an event: a row to be claimed, run once, and parked when it fails for good."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="reactions", db_index=False)
    name = models.CharField(max_length=80)
    due_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="reaction_follows_an_event_once")]
        indexes = [
            models.Index(
                fields=["name", "due_at"], name="reaction_open", condition=models.Q(done_at=None, parked_at=None)
            ),
            models.Index(fields=["done_at"], name="reaction_done", condition=models.Q(done_at__isnull=False)),
            models.Index(fields=["parked_at"], name="reaction_parked", condition=models.Q(parked_at__isnull=False)),
        ]

    def replay(self) -> None:
        """Give a parked reaction another five tries."""
        Reaction.objects.filter(pk=self.pk, parked_at__isnull=False).update(
            parked_at=None, attempts=0, lease_until=None, due_at=timezone.now()
        )
        wake_relay()

    @classmethod
    @transaction.atomic
    def give_up(cls, parked: models.QuerySet["Reaction"], *, why: str, actor: str) -> int:
        """Somebody decided that these need not follow any more; who, which and why is kept as an event."""
        rows = list(parked.filter(parked_at__isnull=False).select_for_update(skip_locked=True).order_by("pk"))
        cls.objects.filter(pk__in=[row.pk for row in rows]).update(done_at=timezone.now(), parked_at=None)
        for name in sorted({row.name for row in rows}):
            events = [row.event_id for row in rows if row.name == name]
            Event.record("reaction.given_up", actor=actor, name=name, events=events, why=why)
        return len(rows)
