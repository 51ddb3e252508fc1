"""What the addresses of customers allow: for one customer or for thousands the same statement."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from crm.models import Consent
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
          LEFT JOIN crm_suppression AS suppression
                 ON suppression.address = address.normalised AND suppression.channel = %(channel)s
                AND suppression.lifted_at IS NULL
          LEFT JOIN crm_consentinforce AS held
                 ON held.address = address.normalised AND held.channel = %(channel)s AND held.purpose = %(purpose)s
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
            cursor.execute(_STANDING, {**asked, "customers": some})
            found |= {pk: Standing(why, address) for pk, why, address in cursor.fetchall()}
    return found


def by_default(purpose: str) -> bool:
    """Whether somebody who has ordered may be written to about it before they said anything."""
    if purpose not in (Purpose.FEEDBACK, Purpose.POINTS):
        return False
    return bool(Setting.get(f"contact.{purpose}_by_default"))


def chunks(customers: Sequence[int]) -> Iterator[list[int]]:
    for first in range(0, len(customers), CHUNK):
        yield list(customers[first : first + CHUNK])


def has_shape(channel: str, address: str) -> bool:
    return re.fullmatch(SHAPES[channel].strip("^$"), address) is not None
