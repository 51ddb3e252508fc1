"""What must be known of a buyer before a basket is priced: their points, what earns, what they have. One statement."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from loyalty.discounts.buyer import Buyer, mark
from loyalty.models import Account
from loyalty.points.days import local_day
from loyalty.programme.earning import Terms
from shop.asking import ask_one

_ACCOUNT = tuple(field.attname for field in Account._meta.concrete_fields)

# Spelled out once instead of put together each time: the rule as DatedQuerySet.in_force, tier and first order as
# loyalty.programme.settling has them; a test compares.
_KNOW = """
SELECT ACCOUNT,
       rule.told::text,
       (SELECT CASE WHEN ended_on IS NULL OR ended_on >= %(day)s THEN tier_id END FROM loyalty_tierperiod
         WHERE customer_id = buyer.id AND began_on <= %(day)s ORDER BY began_on DESC, id DESC LIMIT 1),
       CASE WHEN EXISTS (SELECT FROM crm_order WHERE customer_id = buyer.id AND net > 0 AND placed_at <= %(at)s)
            THEN false
            ELSE NOT EXISTS (SELECT FROM crm_order AS other JOIN loyalty_entry AS entry ON entry.order_id = other.id
                              WHERE other.customer_id = buyer.id
                                AND entry.snapshot #> '{facts,first_order}' = 'true'::jsonb) END,
       (SELECT json_agg(json_build_array(kind, normalised))::text FROM crm_identifier
         WHERE customer_id = buyer.id AND kind IN ('email', 'phone')),
       EXISTS (SELECT FROM loyalty_grant WHERE customer_id = buyer.id),
       (SELECT id FROM loyalty_checkout
         WHERE source = %(source)s AND reference = %(reference)s AND state IN ('held', 'paid'))
  FROM (SELECT %(customer)s::bigint AS id) AS buyer
  LEFT JOIN loyalty_account AS account ON account.customer_id = buyer.id
  LEFT JOIN LATERAL (
       SELECT json_build_object(
              'rule', rule.id, 'points', rule.points, 'per', rule.per, 'minimum', rule.minimum,
              'first_order', rule.first_order, 'birthday_factor', rule.birthday_factor,
              'birthday_days', rule.birthday_days,
              'categories', (SELECT json_agg(json_build_array(category, factor) ORDER BY id)
                               FROM loyalty_categoryfactor WHERE rule_id = rule.id),
              'tiers', (SELECT json_agg(json_build_array(tier_id, factor) ORDER BY id)
                          FROM loyalty_tierfactor WHERE rule_id = rule.id)) AS told
         FROM loyalty_earningrule AS rule
        WHERE since <= %(at)s AND withdrawn_at IS NULL ORDER BY since DESC, id DESC LIMIT 1) AS rule ON true
""".replace("ACCOUNT", ", ".join(f"account.{name}" for name in _ACCOUNT))


@dataclass(frozen=True)
class Known:
    """`terms`: of the rule in force, None: there is none. `has_grants`: whether there is any discount of theirs.

    `before`: the number of the checkout that is held or paid for this order.
    """

    account: Account | None
    terms: Terms | None
    tier: int | None
    first_order: bool
    buyer: Buyer
    has_grants: bool
    before: int | None


def know(
    customer_id: int | None, at: datetime, buyer: Buyer | None = None, *, source: str = "", reference: str = ""
) -> Known:
    """`buyer`: a guest, who has no card. `source`, `reference`: of the order."""
    about = {"customer": customer_id, "source": source, "reference": reference}
    row = ask_one(_KNOW, {**about, "at": at, "day": local_day(at)})
    *account, rule, tier, first_order, marks, has_grants, before = row
    if buyer is None:
        buyer = Buyer(customer_id, tuple(sorted(mark(*pair) for pair in json.loads(marks or "[]"))))
    found = Account.from_db(connection.alias, _ACCOUNT, account) if account[0] else None
    return Known(found, _terms(rule), tier, first_order, buyer, has_grants, before)


def _terms(told: str | None) -> Terms | None:
    if told is None:
        return None
    row: dict[str, Any] = json.loads(told, parse_float=Decimal)
    row |= {name: Decimal(row[name]) for name in ("points", "per", "minimum", "birthday_factor")}
    row |= {name: {key: Decimal(factor) for key, factor in row[name] or ()} for name in ("categories", "tiers")}
    return Terms(**row)
