"""What the page of merging shows before anything happens: fields side by side, what each card has, what to look at."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from crm.duplicates import choices
from crm.duplicates.strictest import refusals
from crm.duplicates.wording import UNSAID, custom_labels, name_of, place_of, value_in_words
from crm.models import Consent, Customer, Duplicate, Identifier
from crm.policies import policies
from crm.segments.search import NUMBER_KINDS


@dataclass(frozen=True)
class Line:
    """One field: what each card says, and the card whose value is taken unless somebody chooses."""

    name: str
    label: Any
    first: str
    second: str
    taken_from: int


@dataclass(frozen=True)
class Belongings:
    label: Any
    first: int
    second: int


def told_apart(*cards: Customer) -> list[str]:
    """What they are called; two of one name by their numbers."""
    alike = len({str(card) for card in cards}) == 1
    return [f"{card} #{card.pk}" if alike else str(card) for card in cards]


def who_stays(first: Customer, second: Customer) -> Customer:
    """The card with more orders; of two alike the older one."""
    orders = {card.pk: card.orders.count() for card in (first, second)}
    return max((first, second), key=lambda card: (orders[card.pk], -card.pk))


def lines(first: Customer, second: Customer) -> list[Line]:
    labels = custom_labels()
    found = [
        Line(
            choice.name,
            labels.get(choice.name, choice.label),
            value_in_words(choice.name, choice.stays),
            value_in_words(choice.name, choice.goes),
            second.pk if choice.takes_goes else first.pk,
        )
        for choice in choices.choices(first, second)
    ]
    return sorted(found, key=lambda line: place_of(line.name))


def same(first: Customer, second: Customer) -> list[tuple[Any, str]]:
    """(label, value) of fields that say the same on both cards."""
    alike = [
        (field.name, field.verbose_name, value)
        for field in choices.fields()
        if (value := getattr(first, field.attname)) == getattr(second, field.attname) and value not in choices.EMPTY
    ]
    alike.sort(key=lambda row: place_of(row[0]))
    return [(label, value_in_words(name, value)) for name, label, value in alike]


def belongings(first: Customer, second: Customer) -> list[Belongings]:
    """How many rows of each table will be together on one card; one query for all tables."""
    followed = [
        policy
        for policy in policies(Customer)
        if policy.merge.word in ("move", "fold") and policy.model._meta.label not in UNSAID
    ]
    quote = connection.ops.quote_name
    asked = " UNION ALL ".join(
        f"SELECT {number}, count(*) FILTER (WHERE {quote(str(policy.field.column))} = %(first)s),"
        f" count(*) FILTER (WHERE {quote(str(policy.field.column))} = %(second)s)"
        f" FROM {quote(policy.model._meta.db_table)} WHERE {quote(str(policy.field.column))} IN (%(first)s, %(second)s)"
        for number, policy in enumerate(followed)
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, {"first": first.pk, "second": second.pk})
        rows = [(name_of(followed[number].model), *counts) for number, *counts in cursor.fetchall() if any(counts)]
    counted = sorted((Belongings(*row) for row in rows), key=lambda row: (-row.first - row.second, str(row.label)))
    return [*_sums(first, second), *counted]


def _sums(first: Customer, second: Customer) -> list[Belongings]:
    """What is moved by entries and not by rows: how much of it each card has. Its model says so in `IN_ALL`."""
    found = []
    for policy in policies(Customer):
        if policy.merge.word == "pairs" and hasattr(policy.model, "IN_ALL"):
            rows = policy.rows_of(first, second).annotate(in_all=policy.model.IN_ALL)
            has = dict(rows.values_list(policy.field.attname, "in_all"))
            if any(has.values()):
                found.append(Belongings(name_of(policy.model), has.get(first.pk, 0), has.get(second.pk, 0)))
    return found


def warnings(first: Customer, second: Customer) -> list[str]:
    """What speaks against it, or what somebody should know."""
    return [
        *_told_apart(first, second),
        *_birthdays(first, second),
        *_numbers(first, second),
        *_consents(first, second),
    ]


def _told_apart(first: Customer, second: Customer) -> list[str]:
    said = Duplicate.objects.pair(first.pk, second.pk).filter(dismissed_at__isnull=False)
    if pair := said.select_related("dismissed_by").first():
        return [_("%(name)s said that these are two people.") % {"name": pair.dismissed_by or _("Somebody")}]
    return []


def _birthdays(first: Customer, second: Customer) -> list[str]:
    if first.birthday and second.birthday and first.birthday != second.birthday:
        return [_("The birthdays differ.")]
    return []


def _numbers(first: Customer, second: Customer) -> list[str]:
    known: dict[tuple[str, str], dict[int, str]] = {}
    numbers = Identifier.objects.filter(customer__in=(first, second), kind__in=NUMBER_KINDS).order_by("pk")
    for one in numbers:
        known.setdefault((one.kind, one.source), {}).setdefault(one.customer_id, one.value)
    said = []
    for (kind, source), values in known.items():
        if len(values) == 2:
            words = {"first": values[first.pk], "second": values[second.pk], "source": source}
            if kind == Identifier.Kind.CARD:
                said.append(_("Two card numbers, %(first)s and %(second)s: both keep working.") % words)
            else:
                said.append(_("Two numbers of “%(source)s”, %(first)s and %(second)s: both lead to this card.") % words)
    return said


def _consents(first: Customer, second: Customer) -> list[str]:
    said = []
    for (_channel, address), purposes in sorted(refusals(first, second).items()):
        topics = ", ".join(str(Consent.Purpose(purpose).label) for purpose in sorted(purposes))
        no_more = _("%(address)s will get no more of: %(topics)s.") % {"address": address, "topics": topics}
        said.append(f"{no_more} {_('The other card said no, and only the customer allows it again.')}")
    return said
