"""The real orders of a gift shop (see demo/README.md), put into the tables as they are."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
ORDERS = ROOT / "demo" / "online_retail_orders.csv.gz"
EXPECTED = Path(__file__).parent / "data"


def sales() -> list[tuple[int, str, str, Decimal]]:
    """(customer, reference, local time, amount) of sales with a customer and an amount."""
    with gzip.open(ORDERS, "rt") as file:
        return [
            (int(row["customer_id"]), row["order_id"], row["ordered_at"], Decimal(row["amount"]))
            for row in csv.DictReader(file)
            if row["kind"] == "sale" and row["customer_id"] and Decimal(row["amount"]) > 0
        ]


def load_sales() -> None:
    """Cancellations are left out."""
    rows = sales()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO crm_customer (id, given_name, family_name, language, time_zone, company, street, postcode,
                                      city, country, source, about, created_at)
            SELECT DISTINCT id, 'Customer', id::text, '', '', '', '', '', '', '', '', '', now()
              FROM unnest(%s::bigint[]) AS known (id)
            """,
            [[row[0] for row in rows]],
        )
        cursor.execute(
            """
            INSERT INTO crm_order (customer_id, source, reference, placed_at, paid_at, channel, branch, staff,
                                   goods, discount, shipping, tax, total, refunded)
            SELECT customer, 'retail', reference, at, at, '', '', '', 0, 0, 0, 0, amount, 0
              FROM (SELECT customer, reference, (moment::timestamp AT TIME ZONE 'Europe/London') AS at, amount
                      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::numeric[])
                        AS sale (customer, reference, moment, amount)) AS sale
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )


def expected(name: str) -> list[dict[str, str]]:
    with gzip.open(EXPECTED / f"online_retail_sales_{name}.csv.gz", "rt") as file:
        return list(csv.DictReader(file))


def refunds() -> list[tuple[int, str, str, Decimal]]:
    """Cancellations of somebody known: (customer, reference, local time, amount given back)."""
    with gzip.open(ORDERS, "rt") as file:
        return [
            (int(row["customer_id"]), row["order_id"], row["ordered_at"], -Decimal(row["amount"]))
            for row in csv.DictReader(file)
            if row["kind"] == "cancellation" and row["customer_id"]
        ]


def refunds_of_strangers() -> int:
    """Thousandths given back to customers who never bought anything in these months, as a negative number."""
    buyers = {row[0] for row in sales()}
    return -int(sum(row[3] for row in refunds() if row[0] not in buyers) * 1000)


def load_refunds() -> None:
    rows = refunds()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO crm_customer (id, given_name, family_name, language, time_zone, company, street, postcode,
                                      city, country, source, about, created_at)
            SELECT DISTINCT id, 'Customer', id::text, '', '', '', '', '', '', '', '', '', now()
              FROM unnest(%s::bigint[]) AS known (id) ON CONFLICT DO NOTHING
            """,
            [[row[0] for row in rows]],
        )
        cursor.execute(
            """
            INSERT INTO crm_refund (customer_id, source, reference, at, amount, note)
            SELECT customer, 'retail', reference, (moment::timestamp AT TIME ZONE 'Europe/London'), amount, ''
              FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::numeric[])
                AS refund (customer, reference, moment, amount)
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )
