"""Which cards may be one person: the same e-mail, the same phone, or a very like name and the same birthday.

One set-based statement looks through all cards at night, and through a few after an edit or an import.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, transaction
from django.db.models.functions import Lower
from django.utils import timezone

from crm.models import Customer, Duplicate, Identifier

FAMILY = 8  # more cards with one e-mail or phone are a shop or a school, not one person
LIKE = 0.5  # the share of common trigrams from which on a name is very like another
WEAKEST = 20

# Cards that share an e-mail or a phone. {focus}: those of a few customers, or nothing.
SHARED = """
    holder AS (
        SELECT known.kind, known.normalised, known.customer_id
          FROM crm_identifier AS known JOIN crm_customer AS card ON card.id = known.customer_id
         WHERE known.kind IN ('email', 'phone') AND card.merged_into_id IS NULL AND card.erased_at IS NULL {focus}
         GROUP BY 1, 2, 3
    ), shared AS (
        SELECT kind, array_agg(customer_id) AS ids FROM holder
         GROUP BY kind, normalised HAVING count(*) BETWEEN 2 AND %(family)s
    ), by_contact AS (
        SELECT one.id AS first, other.id AS second, shared.kind AS reason
          FROM shared, unnest(shared.ids) AS one (id), unnest(shared.ids) AS other (id) WHERE one.id < other.id
    )
"""
FOCUS_ON_CONTACTS = """
    AND (known.kind, known.normalised) IN (
        SELECT kind, normalised FROM crm_identifier WHERE customer_id = ANY(%(ids)s) AND kind IN ('email', 'phone'))
"""

# Cards born on one day whose names begin with one letter at least: few enough to compare name with name.
BORN = """
    born AS (
        SELECT card.id, card.birthday, lower(card.name) AS name, initial
          FROM crm_customer AS card,
               unnest(ARRAY[left(lower(given_name), 1), left(lower(family_name), 1)]) AS initial
         WHERE card.birthday IS NOT NULL AND card.merged_into_id IS NULL AND card.erased_at IS NULL
               AND initial <> '' {focus}
    ), by_birthday AS (
        SELECT DISTINCT one.id AS first, other.id AS second, 'birthday' AS reason
          FROM born AS one JOIN born AS other USING (birthday, initial)
         WHERE one.id < other.id AND similarity(one.name, other.name) >= %(like)s
    )
"""
FOCUS_ON_BIRTHDAYS = """
    AND card.birthday IN (SELECT birthday FROM crm_customer WHERE id = ANY(%(ids)s) AND birthday IS NOT NULL)
"""

# A name nobody knows neither speaks for one person nor against; two birthdays speak against.
JUDGED = """
    pair AS (
        SELECT first, second, array_agg(DISTINCT reason ORDER BY reason) AS reasons
          FROM (SELECT * FROM by_contact UNION ALL SELECT * FROM by_birthday) AS hint {focus} GROUP BY first, second
    ), judged AS (
        SELECT pair.*, least(100, greatest(1,
               CASE WHEN 'email' = ANY(reasons) THEN 45 ELSE 0 END
             + CASE WHEN 'phone' = ANY(reasons) THEN 40 ELSE 0 END
             + CASE WHEN one.birthday = other.birthday THEN 25 WHEN one.birthday <> other.birthday THEN -30 ELSE 0 END
             + CASE WHEN one.name = '' OR other.name = '' THEN 20
                    ELSE round(40 * similarity(lower(one.name), lower(other.name))) END
               ))::smallint AS strength
          FROM pair JOIN crm_customer AS one ON one.id = first JOIN crm_customer AS other ON other.id = second
    )
"""
FOCUS_ON_PAIRS = "WHERE first = ANY(%(ids)s) OR second = ANY(%(ids)s)"

KEEP = """
    INSERT INTO crm_duplicate AS known (first_id, second_id, reasons, strength, found_at)
    SELECT first, second, reasons, strength, %(now)s FROM judged
     WHERE strength >= %(weakest)s ORDER BY first, second
    ON CONFLICT (first_id, second_id) DO UPDATE
       SET reasons = EXCLUDED.reasons, strength = EXCLUDED.strength, found_at = EXCLUDED.found_at
"""


def find_all() -> int:
    """Look through all cards. Returns how many pairs there are; those that are no longer alike go."""
    return _find()


def look_again(customers: Iterable[int]) -> int:
    """Look for the doubles of a few cards."""
    ids = sorted(set(customers))
    return _find(ids) if ids else 0


def _find(ids: list[int] | None = None) -> int:
    focus = (FOCUS_ON_CONTACTS, FOCUS_ON_BIRTHDAYS, FOCUS_ON_PAIRS) if ids is not None else ("", "", "")
    parts = [part.format(focus=narrowed) for part, narrowed in zip((SHARED, BORN, JUDGED), focus, strict=True)]
    asked = {"ids": ids, "family": FAMILY, "like": LIKE, "weakest": WEAKEST, "now": timezone.now()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} {KEEP}", asked)
        found = cursor.rowcount
        _forget_before(asked["now"], ids)
    return found


def _forget_before(now: Any, ids: list[int] | None) -> None:
    """What was found earlier and is no longer so; what staff said about it stays."""
    old = Duplicate.objects.open().filter(found_at__lt=now)
    if ids is not None:
        old = old.of(*ids)
    doomed = list(old.order_by("pk").select_for_update().values_list("pk", flat=True))
    Duplicate.objects.filter(pk__in=doomed).delete()


@dataclass(frozen=True)
class Alike:
    """Somebody who may be the person a new card is about."""

    customer: Customer
    reason: Duplicate.Reason
    seen: str


def alike(contacts: dict[str, str], name: str, birthday: date | None, limit: int = 5) -> list[Alike]:
    """Before a card is made: who has the same e-mail or phone, or a very like name and the same birthday."""
    same = Identifier.objects.none()
    for kind, value in contacts.items():
        if value:
            same |= Identifier.objects.filter(kind=kind, normalised=Identifier.normalise(kind, value))
    found: dict[int, Alike] = {}
    for known in same.select_related("customer__merged_into").order_by("kind", "-pk")[:limit]:
        holder = known.customer.meant
        found.setdefault(holder.pk, Alike(holder, Duplicate.Reason(known.kind), known.value))
    for customer in _of_like_name(name, birthday)[:limit]:
        found.setdefault(customer.pk, Alike(customer, Duplicate.Reason.BIRTHDAY, ""))
    return list(found.values())[:limit]


def _of_like_name(name: str, birthday: date | None) -> Any:
    if not name or birthday is None:
        return Customer.objects.none()
    likeness = TrigramSimilarity(Lower("name"), name.lower())
    born_then = Customer.objects.present().filter(birthday=birthday)
    return born_then.annotate(likeness=likeness).filter(likeness__gte=LIKE).order_by("-likeness", "pk")
