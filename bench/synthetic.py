"""A shop with known truth: customers who buy by an Erlang-2 clock, with a rate and a chance to leave of their own."""

from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

YEARS = 3
K, R, ALPHA, A, B = 2, 1.0, 4.5, 0.45, 4.0  # the rate per week is Gamma(R, ALPHA), the chance to leave Beta(A, B)
GIVEN = "Ana Ben Cleo Dmitri Eleanor Farida George Håkon Imogen Joyce Kasia Leszek Marta Nikolai Oksana Priya".split()
SYLLABLES = "ba ber co dal den fer gor han il jor kal len mar nor os pen qui ros sta tor ul van wex yar zel".split()

CUSTOMERS = """
INSERT INTO crm_customer (given_name, family_name, language, time_zone, company, street, postcode, city, country,
                          source, about, created_at)
SELECT (%(given)s::text[])[1 + n %% %(givens)s],
       initcap((%(syllables)s::text[])[1 + n %% 25] || (%(syllables)s::text[])[1 + n / 25 %% 25]
               || (%(syllables)s::text[])[1 + n / 625 %% 25] || (%(syllables)s::text[])[1 + n / 15625 %% 25]),
       'en', '', '', '', '', 'Town ' || n %% 300, 'United Kingdom', 'bench', '', now() - n * interval '1 minute'
  FROM generate_series(1, %(count)s) AS n;
"""
IDENTIFIERS = """
INSERT INTO crm_identifier (customer_id, kind, source, value, normalised)
SELECT id, kind, CASE kind WHEN 'external' THEN 'bench' ELSE '' END, value, value
  FROM crm_customer,
       LATERAL (VALUES ('external', 'B' || id), ('email', 'person' || id || '@people.example'),
                       ('phone', '+447' || lpad((id * 7919 %% 1000000000)::text, 9, '0'))) AS i (kind, value);
"""


def fill(customers: int) -> int:
    """Make the shop in an empty database; returns how many orders it has."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        named = {"given": GIVEN, "givens": len(GIVEN), "syllables": SYLLABLES, "count": customers}
        cursor.execute(CUSTOMERS, named)
        cursor.execute(IDENTIFIERS.replace("%%", "%"))
        cursor.execute("SELECT min(id) FROM crm_customer")
        (first_id,) = cursor.fetchone()
        orders = _copy_orders(cursor, first_id, customers)
        cursor.execute("VACUUM ANALYZE")
    return orders


def purchases(customers: int, seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Customer index and time in days before now, of every purchase; sorted by customer, then time."""
    random = np.random.default_rng(seed)
    rate = random.gamma(R, 1 / ALPHA, customers) * K / 7
    leaves = random.beta(A, B, customers)
    at = random.uniform(0, YEARS * 365 - 30, customers)
    here = np.arange(customers)
    who, when = [here], [at]
    while len(here):
        here = here[random.random(len(here)) >= leaves[here]]
        at = at.copy()
        at[here] += random.gamma(K, 1 / rate[here])
        here = here[at[here] < YEARS * 365]
        who.append(here)
        when.append(at[here])
    owner, day = np.concatenate(who), np.concatenate(when)
    order = np.lexsort((day, owner))
    return owner[order], YEARS * 365 - day[order]


def _copy_orders(cursor, first_id: int, customers: int) -> int:
    owner, days_ago = purchases(customers)
    random = np.random.default_rng(8)
    spend = random.gamma(4, 12, customers)[owner] * random.gamma(6, 1 / 6, len(owner)) + 1
    now = datetime.now(UTC).replace(microsecond=0)
    columns = (
        "customer_id, source, reference, placed_at, paid_at, channel, branch, staff, goods, discount, shipping, tax"
    )
    with cursor.copy(f"COPY crm_order ({columns}, total, refunded) FROM STDIN") as copy:
        for start in range(0, len(owner), 50_000):
            part = slice(start, start + 50_000)
            rows = zip(owner[part].tolist(), days_ago[part].tolist(), spend[part].tolist(), strict=True)
            lines = []
            for number, (customer, days, amount) in enumerate(rows, start):
                at = (now - timedelta(days=days)).isoformat()
                lines.append(
                    f"{first_id + customer}\tbench\tB-{number}\t{at}\t{at}\t\t\t\t0\t0\t0\t0\t{amount:.2f}\t0\n"
                )
            copy.write("".join(lines))
    return len(owner)
