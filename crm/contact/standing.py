"""What the addresses of customers allow: for one customer or for thousands the same statement."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from crm.contact.forgotten import PREFIX, as_hash
from crm.models import Consent, ConsentInForce, Identifier, Suppression
from shop.models import Setting

Purpose = Consent.Purpose
EMAIL = "email"
SHAPES = {EMAIL: r"^[^@\s]+@[^@\s]+\.[^@\s.]+$", "phone": r"^\+?[0-9]{5,15}$"}
CHUNK = 5_000

# Of several addresses the first that may be used; when none may, what the person said tells more than what is broken.
_STANDING = """
    WITH known AS (
        SELECT customer.id AS customer, address.id AS place, address.normalised AS address, address.value,
               address.normalised ~ %(shape)s AS valid, suppression.reason AS suppressed, held.state
          FROM crm_customer AS customer
          LEFT JOIN crm_identifier AS address
                 ON address.customer_id = customer.id AND address.kind = %(channel)s
          LEFT JOIN unnest(%(addresses)s::text[], %(hashes)s::text[]) AS remembered (address, hash)
                 ON remembered.address = address.normalised
          LEFT JOIN LATERAL (
                SELECT reason FROM crm_suppression
                 WHERE crm_suppression.address IN (address.normalised, remembered.hash)
                   AND channel = %(channel)s AND lifted_at IS NULL
                 ORDER BY since DESC LIMIT 1) AS suppression ON true
          LEFT JOIN LATERAL (
                SELECT state FROM crm_consentinforce
                 WHERE crm_consentinforce.address IN (address.normalised, remembered.hash)
                   AND channel = %(channel)s AND purpose = %(purpose)s
                 ORDER BY at DESC, consent_id DESC LIMIT 1) AS held ON true
         WHERE customer.id = ANY (%(customers)s)
    ), heard AS (
        SELECT *, coalesce(bool_or(state <> 'given') OVER (PARTITION BY customer), false) AS said_no FROM known
    ), judged AS (
        SELECT customer, place, value, CASE
                   WHEN address IS NULL THEN 'no_address'
                   WHEN state <> 'given' THEN state
                   WHEN suppressed IS NOT NULL THEN suppressed
                   WHEN NOT valid THEN 'invalid_address'
                   WHEN state = 'given' THEN ''
                   WHEN said_no THEN 'withdrawn'
                   WHEN %(always)s THEN ''
                   WHEN %(after_order)s AND EXISTS (SELECT FROM crm_order AS bought
                                                     WHERE bought.customer_id = customer AND cancelled_at IS NULL)
                   THEN ''
                   ELSE 'not_asked' END AS why
          FROM heard
    )
    SELECT DISTINCT ON (customer) customer, why, coalesce(value, '') FROM judged
     ORDER BY customer, array_position(%(telling)s::text[], why), place
"""
TELLING = ["", "refused", "withdrawn", "complained", "bounced", "unreachable", "invalid_address", "not_asked"]


@dataclass(frozen=True)
class Standing:
    """Why none of the addresses may be used, or the one that may."""

    why: str
    address: str


def standing(customers: Sequence[int], purpose: str, channel: str = EMAIL) -> dict[int, Standing]:
    asked: dict[str, Any] = {
        "purpose": purpose,
        "channel": channel,
        "shape": SHAPES[channel],
        "always": purpose in (Purpose.SERVICE, Purpose.PROFILING),
        "after_order": by_default(purpose),
        "telling": [*TELLING, "no_address"],
    }
    found: dict[int, Standing] = {}
    with connection.cursor() as cursor:
        for some in chunks(customers):
            cursor.execute(_STANDING, {**asked, **remembered(some, channel), "customers": some})
            found |= {pk: Standing(why, address) for pk, why, address in cursor.fetchall()}
    return found


def remembered(customers: list[int], channel: str) -> dict[str, list[str]]:
    """The hashes of their addresses, when there is anything under a hash: what an erased person said still counts."""
    hashed = {"address__startswith": PREFIX, "channel": channel}
    if not (ConsentInForce.objects.filter(**hashed).exists() or Suppression.objects.filter(**hashed).exists()):
        return {"addresses": [], "hashes": []}
    known = Identifier.objects.filter(customer__in=customers, kind=channel).values_list("normalised", flat=True)
    addresses = sorted(set(known))
    return {"addresses": addresses, "hashes": [as_hash(channel, address) for address in addresses]}


def by_default(purpose: str) -> bool:
    """Whether somebody who has ordered may be written to about it before they said anything."""
    if purpose not in (Purpose.FEEDBACK, Purpose.POINTS):
        return False
    return bool(Setting.get(f"contact.{purpose}_by_default"))


def chunks(customers: Sequence[int]) -> Iterator[list[int]]:
    for first in range(0, len(customers), CHUNK):
        yield list(customers[first : first + CHUNK])
