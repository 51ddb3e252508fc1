"""What erasing does with rows that cannot simply go or be emptied (config/policies.py names these).

Each takes the rows of the person and the erasure under way, and returns how many rows it emptied.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.complaints.stages import Stage
from crm.contact.forgotten import as_hash
from crm.events.kinds import KINDS
from crm.models import AddressTrouble, Consent, ConsentInForce, Suppression
from crm.privacy.traces import ERASED

EMPTIED_OF_MESSAGES = ("address", "subject", "text", "html", "language", "provider_id", "last_error")

Rule = Callable[[Any, Any], int]

_EMPTY_KEYS = """
    UPDATE crm_event AS event
       SET data = (SELECT jsonb_object_agg(key, CASE WHEN key <> ALL (%(keys)s) THEN value
                                                     WHEN jsonb_typeof(value) = 'object' THEN '{}'::jsonb
                                                     WHEN jsonb_typeof(value) = 'array' THEN '[]'::jsonb
                                                     WHEN jsonb_typeof(value) = 'string' THEN '""'::jsonb
                                                     ELSE 'null'::jsonb END) FROM jsonb_each(event.data))
     WHERE id = ANY (%(ids)s)
"""


def empties(*names: str) -> Callable[[Rule], Rule]:
    """Which fields a rule leaves empty: tests/crm/privacy/test_tables.py counts them as dealt with."""

    def decorate(rule: Rule) -> Rule:
        rule.empties = names  # type: ignore[attr-defined]
        return rule

    return decorate


@empties("data")
def events(rows: Any, erasing: Any) -> int:
    """Of each kind the keys that hold personal text (crm/events/kinds.py); the event itself stays."""
    emptied = 0
    for name, kind in KINDS.items():
        if kind.personal:
            ids = list(rows.filter(kind=name).order_by("pk").values_list("pk", flat=True))
            if ids:
                with connection.cursor() as cursor:
                    cursor.execute(_EMPTY_KEYS, {"keys": list(kind.personal), "ids": ids})
                    emptied += cursor.rowcount
    erasing.count("crm.Event", "kept", rows.count() - emptied)
    return emptied


@empties("title")
def tasks(rows: Any, erasing: Any) -> int:
    """There is nothing left to do for the person: what is open ends."""
    rows.filter(done_at=None).update(done_at=timezone.now())
    return rows.update(title=ERASED)


@empties("title", "details", "outcome", "cause")
def complaints(rows: Any, erasing: Any) -> int:
    """Nobody is left to be told anything: what is open is closed. When it came and how bad it was stays."""
    now = timezone.now()
    rows.filter(closed_at=None).update(
        stage=Stage.CLOSED,
        closed_at=now,
        told_at=Coalesce("told_at", now),
        acknowledged_at=Coalesce("acknowledged_at", now),
        waiting_since=None,
    )
    return rows.update(title=ERASED, details="", outcome="", cause="")


@empties(*EMPTIED_OF_MESSAGES, "context")
def messages(rows: Any, erasing: Any) -> int:
    """What waits is not sent; of what was sent only that and when it was stays."""
    rows.filter(state="queued").update(state="not_sent", why="erased", at=timezone.now(), lease_until=None)
    return rows.update(**dict.fromkeys(EMPTIED_OF_MESSAGES, ""), context={})


@empties("address", "wording", "source")
def consents(rows: Any, erasing: Any) -> int:
    """What was allowed is forgotten. A "no" stays under a hash of its address, and decides if that comes back."""
    rows.filter(_at(erasing.shared)).update(customer=None)  # somebody else's address too, and their consent
    told = list(Consent.objects.filter(_at(erasing.addresses)).newest_first())
    newest = {(row.channel, row.address, row.purpose): row for row in reversed(told)}
    refusals = [row for row in newest.values() if row.state != Consent.State.GIVEN]
    rest = rows.exclude(pk__in=[row.pk for row in refusals]) | Consent.objects.filter(
        pk__in=[row.pk for row in told]
    ).exclude(pk__in=[row.pk for row in refusals])
    emptied = rest.update(address="", wording="", source="")
    for row in sorted(refusals, key=lambda row: row.pk):
        hashed = as_hash(row.channel, row.address)
        Consent.objects.filter(pk=row.pk).update(address=hashed, wording="", source="")
        _put_in_force(row, hashed)
    return emptied + len(refusals)


def _put_in_force(row: Any, hashed: str) -> None:
    held = ConsentInForce.objects.filter(channel=row.channel, address=hashed, purpose=row.purpose)
    if held.filter(at__gt=row.at).exists():
        return
    held.delete()
    ConsentInForce.objects.create(
        consent_id=row.pk, channel=row.channel, address=hashed, purpose=row.purpose, state=row.state, at=row.at
    )


@empties("address", "lifted_why")
def suppressions(rows: Any, erasing: Any) -> int:
    """Nothing goes to a suppressed address, whoever has it later; what was lifted is forgotten."""
    rows.filter(_at(erasing.shared)).update(customer=None)
    theirs = Suppression.objects.filter(_at(erasing.addresses))
    held = list(theirs.in_force().order_by("pk"))
    emptied = rows.exclude(pk__in=[row.pk for row in held]).delete()[0]
    for row in held:
        hashed = as_hash(row.channel, row.address)
        Suppression.objects.in_force().filter(channel=row.channel, address=hashed).delete()
        Suppression.objects.filter(pk=row.pk).update(address=hashed, customer=None)
    AddressTrouble.objects.filter(_at(erasing.addresses)).delete()
    theirs.delete()
    return emptied + len(held)


def _at(addresses: Any) -> Q:
    """Rows of these (channel, address); of none, no row."""
    met = Q(pk=None)
    for channel, address in addresses:
        met |= Q(channel=channel, address=address)
    return met
