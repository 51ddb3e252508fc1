"""What is turned into COPY's bytes comes out of the database as it went in."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection

from analytics.publishing import copying
from analytics.publishing.copying import Field, Series


@pytest.fixture
def table(db):
    with connection.cursor() as cursor:
        cursor.execute("""CREATE TEMP TABLE copied (key bigint, small smallint, number integer, share double precision,
                          day date, money numeric(18, 3), word varchar(16), truth boolean) ON COMMIT DROP""")
        yield cursor


def copied(cursor, fields):
    with cursor.copy(f"COPY copied ({', '.join(field.name for field in fields)}) FROM STDIN (FORMAT BINARY)") as copy:
        for piece in copying.rows([fields]):
            copy.write(piece)
    cursor.execute("SELECT * FROM copied ORDER BY key")
    return cursor.fetchall()


def test_every_kind_of_column(table):
    days = np.array([date(1999, 12, 31).toordinal(), date(2026, 2, 28).toordinal()])
    fields = [
        Field("key", "bigint", np.array([1, 2**40])),
        Field("small", "smallint", np.array([-3, 5])),
        Field("number", "integer", np.array([-70_000, 70_000])),
        Field("share", "double", np.array([0.1, -1e300])),
        Field("day", "date", days),
        Field("money", "money", np.array([-12_345_678_901_234_567, 5])),
        Field("word", "text", np.array(["loyal", "cannot_lose"], dtype="S16")),
        Field("truth", "boolean", np.array([True, False])),
    ]

    assert copied(table, fields) == [
        (1, -3, -70_000, 0.1, date(1999, 12, 31), Decimal("-12345678901234.567"), "loyal", True),
        (2**40, 5, 70_000, -1e300, date(2026, 2, 28), Decimal("0.005"), "cannot_lose", False),
    ]


@pytest.mark.parametrize("highest", [0, 5, 9_999_999, 10_000_000, 99_999_999_999, 10**11, 10**15, 10**18 - 1])
def test_money_of_any_length(table, highest):
    money = np.array([highest, -highest, 0, 1, 1000])
    fields = [Field("key", "bigint", np.arange(5)), Field("money", "money", money)]

    with table.copy("COPY copied (key, money) FROM STDIN (FORMAT BINARY)") as copy:
        for piece in copying.rows([fields]):
            copy.write(piece)

    table.execute("SELECT (money * 1000)::bigint FROM copied ORDER BY key")
    assert [amount for (amount,) in table.fetchall()] == money.tolist()


def test_nulls_are_cut_out(table):
    null = np.array([False, True, False])
    fields = [
        Field("key", "bigint", np.arange(3)),
        Field("small", "smallint", np.arange(3)),
        Field("number", "integer", np.array([1, -1, 3]), null),
        Field("share", "double", np.array([1.0, np.nan, 3.0]), null),
        Field("day", "date", np.array([730_120, -1, 730_121]), null),
        Field("money", "money", np.array([1000.0, np.nan, 3000.0]), null),
        Field("word", "text", np.array(["a", "b", "c"], dtype="S16")),
    ]

    assert copied(table, fields)[1][:7] == (1, 1, None, None, None, None, "b")


def test_more_rows_than_one_chunk(table, monkeypatch):
    monkeypatch.setattr(copying, "CHUNK", 7)
    names = ("small", "number", "share", "day", "money")
    kinds = ("smallint", "integer", "double", "date", "money")
    fields = [Field("key", "bigint", np.arange(50))]
    fields += [Field(n, k, np.arange(50) + (730_120 if k == "date" else 0)) for n, k in zip(names, kinds, strict=True)]
    fields += [Field("word", "text", np.array(["x"] * 50, dtype="S16"))]

    rows = copied(table, fields)

    assert [row[0] for row in rows] == list(range(50))
    assert rows[49][5] == Decimal("0.049")


def test_series_of_different_lengths(db, monkeypatch):
    monkeypatch.setattr(copying, "CHUNK", 2)
    sizes = np.array([1, 3, 2])
    values = np.array([1, 10, 20, 30, 5, -6])
    columns = [
        Series("date", values + 730_120),
        Series("bigint", values * 10**10),
        Series("integer", values, packed=True),
        Series("bigint", values * 10**10, packed=True),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE series (key bigint, days date[], net bigint[], few bytea, many bytea) ON COMMIT DROP"
        )
        with cursor.copy("COPY series FROM STDIN (FORMAT BINARY)") as copy:
            for piece in copying.rows_with_series(np.array([7, 8, 9]), sizes, columns):
                copy.write(piece)
        cursor.execute("SELECT key, net, days[1], few, many FROM series ORDER BY key")
        rows = [(*row, np.frombuffer(few, ">i4"), np.frombuffer(many, ">i8")) for *row, few, many in cursor.fetchall()]

    assert [row[:3] for row in rows] == [
        (7, [10**10], date(2000, 1, 2)),
        (8, [10**11, 2 * 10**11, 3 * 10**11], date(2000, 1, 11)),
        (9, [5 * 10**10, -6 * 10**10], date(2000, 1, 6)),
    ]
    assert [(few.astype(int) * 10**10).tolist() for *_, few, _many in rows] == [row[1] for row in rows]
    assert [many.tolist() for *_, many in rows] == [row[1] for row in rows]
