"""May we write to this customer about this, and if not, why and from when? One decision for everything that goes out.

`may_contact` looks; `claim` looks and takes a place in the budget in the same breath, so that parallel workers
cannot both get the last one. Service mail is not counted and knows no quiet hours.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from crm.contact.quiet import outside_quiet_hours
from crm.contact.reasons import sentence
from crm.contact.standing import EMAIL, Purpose, chunks, standing
from crm.models import Complaint, ConsentInForce, ContactSlot, Customer, Identifier, Pause
from shop.models import Setting

MARKETING = (Purpose.OFFERS, Purpose.POINTS, Purpose.BIRTHDAY)
COUNTED = (Purpose.FEEDBACK, *MARKETING)
MONTH = 30


@dataclass(frozen=True)
class Answer:
    """`why` is a code of crm/contact/reasons.py. `from_` is None: not before something changes."""

    allowed: bool
    why: str = ""
    from_: datetime | None = None
    address: str = ""

    @property
    def sentence(self) -> str:
        return sentence(self.why, self.from_)


@dataclass(frozen=True)
class Asked:
    """`reminding`: about a survey that was sent already. `profiled`: chosen by figures about the person.

    `cause`: of a place taken earlier, which does not stand in its own way.
    """

    purpose: str
    at: datetime
    channel: str = EMAIL
    reminding: bool = False
    profiled: bool = False
    cause: str = ""


Findings = dict[int, tuple[str, datetime | None]]


def may_contact(
    customer: Customer,
    purpose: str,
    at: datetime | None = None,
    *,
    channel: str = EMAIL,
    reminding: bool = False,
    profiled: bool = False,
    cause: str = "",
) -> Answer:
    """Look, and change nothing. Ask again when sending: it may have changed."""
    customer = customer.meant
    asked = Asked(purpose, at or timezone.now(), channel, reminding, profiled, cause)
    answer = answers([customer.pk], asked).get(customer.pk, Answer(False, "no_address"))
    if purpose == Purpose.SERVICE or (not answer.allowed and answer.from_ is None):
        return answer
    moment = outside_quiet_hours(answer.from_ or asked.at, customer.time_zone)
    if answer.allowed and moment == asked.at:
        return answer
    return Answer(False, answer.why or "quiet_hours", moment, answer.address)


@transaction.atomic
def claim(customer: Customer, purpose: str, *, cause: str, at: datetime | None = None, **more: Any) -> Answer:
    """Ask and, on a yes, take the place: once per cause. Call it in the transaction that begins to send.

    One customer in a transaction; for several, in the order of their ids.
    """
    customer = customer.meant
    if purpose not in COUNTED:
        return may_contact(customer, purpose, at, **more)
    channel = more.get("channel", EMAIL)
    take_turn(customer, channel)
    answer = may_contact(customer, purpose, at, cause=cause, **more)
    if not answer.allowed:
        give_back(cause)
        return answer
    place = {"customer": customer, "channel": channel, "purpose": purpose, "at": at or timezone.now()}
    place["address"] = Identifier.normalise(channel, answer.address)
    ContactSlot.objects.update_or_create(cause=cause, defaults=place)
    return answer


def give_back(cause: str) -> bool:
    """It certainly did not go out: its place is free again."""
    return bool(ContactSlot.objects.filter(cause=cause).delete()[0])


def take_turn(customer: Customer, channel: str) -> None:
    """Who counts and then takes, does so alone: for the person, and for every address, which a family may share."""
    known = customer.identifiers.filter(kind=channel).values_list("normalised", flat=True)
    keys = sorted([f"budget\ncard\n{customer.pk}", *(f"budget\n{channel}\n{address}" for address in known)])
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 4))", [key])


def answers(customers: Sequence[int], asked: Asked) -> dict[int, Answer]:
    """For many at once, without the quiet hours of each."""
    found: dict[int, Answer] = {}
    for some in chunks(customers):
        stand = standing(some, asked.purpose, asked.channel)
        open_to = [pk for pk, one in stand.items() if not one.why]
        findings = gathered(open_to, asked) if asked.purpose != Purpose.SERVICE else {}
        for pk, one in stand.items():
            why, from_ = findings.get(pk, (one.why, None))
            found[pk] = Answer(not why, why, from_, one.address)
    return found


def reach(customers: Iterable[int], purpose: str, **more: Any) -> Counter[str]:
    """How many would get it ("") and how many would not, by reason: before something is sent to a segment."""
    asked = Asked(purpose, timezone.now(), **more)
    return Counter(answer.why for answer in answers(list(customers), asked).values())


def gathered(customers: list[int], asked: Asked) -> Findings:
    """What cannot be waited for comes first; of what passes by itself, what lasts longest."""
    found: Findings = {}
    for look in (objections, left_out, complaints, pauses, budget):
        for pk, (why, from_) in look(customers, asked).items():
            known = found.get(pk)
            later = known and known[1] and (from_ is None or from_ > known[1])
            if known is None or later:
                found[pk] = (why, from_)
    return found


def objections(customers: list[int], asked: Asked) -> Findings:
    if not asked.profiled:
        return {}
    return dict.fromkeys(objecting().filter(pk__in=customers).values_list("pk", flat=True), ("objected", None))


def objecting() -> Any:
    """Customers who do not want to be judged by figures about them, said for any of their addresses."""
    refused = ConsentInForce.objects.filter(purpose=Purpose.PROFILING).exclude(state="given")
    known = Identifier.objects.filter(kind__in=["email", "phone"], normalised__in=refused.values("address"))
    return Customer.objects.filter(Q(pk__in=known.values("customer")) | Q(unprofiled_since__isnull=False))


def left_out(customers: list[int], asked: Asked) -> Findings:
    found = Customer.objects.filter(pk__in=customers, left_out_at__isnull=False)
    return dict.fromkeys(found.values_list("pk", flat=True), ("left_out", None))


def complaints(customers: list[int], asked: Asked) -> Findings:
    found = Complaint.objects.open().filter(customer__in=customers)
    return dict.fromkeys(found.values_list("customer", flat=True), ("complaint_open", None))


def pauses(customers: list[int], asked: Asked) -> Findings:
    found: Findings = {}
    open_ones = Pause.objects.at(asked.at).filter(customer__in=customers)
    for pk, until in open_ones.order_by("until").values_list("customer", "until"):
        found[pk] = ("paused", until)
    return found


_TAKEN = """
    SELECT asked.id, slot.purpose, slot.at
      FROM unnest(%(customers)s::bigint[]) AS asked (id)
     CROSS JOIN LATERAL (
        SELECT id, purpose, at, cause FROM crm_contactslot WHERE customer_id = asked.id AND at > %(since)s
         UNION
        SELECT taken.id, taken.purpose, taken.at, taken.cause
          FROM crm_identifier AS known
          JOIN crm_contactslot AS taken ON taken.address = known.normalised AND taken.channel = known.kind
         WHERE known.customer_id = asked.id AND known.kind = %(channel)s AND taken.at > %(since)s) AS slot
     WHERE slot.cause <> %(cause)s
     ORDER BY asked.id, slot.at DESC
"""


@dataclass(frozen=True)
class Limit:
    """At most `most` mails of these purposes within `days` days."""

    why: str
    purposes: tuple[str, ...]
    most: int
    days: int

    def free_at(self, taken: list[tuple[str, datetime]]) -> datetime | None:
        """When the next one fits; `taken` newest first. None: at any time."""
        mine = [at for purpose, at in taken if purpose in self.purposes]
        return mine[self.most - 1] + timedelta(days=self.days) if self.days and len(mine) >= self.most else None


def limits(asked: Asked) -> list[Limit]:
    every = Limit("too_many", COUNTED, Setting.get("contact.all_most"), MONTH)
    if asked.purpose == Purpose.FEEDBACK:
        gap = Limit("too_soon", (Purpose.FEEDBACK,), 1, Setting.get("contact.survey_days"))
        return [every] if asked.reminding else [gap, every]
    if asked.purpose in MARKETING:
        gap = Limit("too_soon", MARKETING, 1, Setting.get("contact.marketing_days"))
        return [gap, Limit("too_many", MARKETING, Setting.get("contact.marketing_most"), MONTH), every]
    return []


def budget(customers: list[int], asked: Asked) -> Findings:
    rules = limits(asked)
    if not rules:
        return {}
    since = asked.at - timedelta(days=max(rule.days for rule in rules))
    values: dict[str, Any] = {"customers": customers, "since": since, "channel": asked.channel, "cause": asked.cause}
    taken: dict[int, list[tuple[str, datetime]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, values)
        for pk, purpose, at in cursor.fetchall():
            taken.setdefault(pk, []).append((purpose, at))
    found: Findings = {}
    for pk, slots in taken.items():
        waits = [(free, rule.why) for rule in rules if (free := rule.free_at(slots)) and free > asked.at]
        if waits:
            free, why = max(waits)
            found[pk] = (why, free)
    return found
