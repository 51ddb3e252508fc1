"""One bad row among good ones: it is rejected with its line, column and reason, the others come in, and the download
of what was rejected, put right and imported again, brings in the rest. Every kind of file, CSV and Excel."""

import csv
import io

import pytest
from django.urls import reverse

from crm.imports.reasons import REJECTIONS
from crm.models import Customer, CustomField, Import, Order
from tests import build
from tests.crm.imports.shapes import BALANCES, CONVERSATIONS, CUSTOMERS, ORDERS, SHAPES, as_csv, as_xlsx

HUGE = "x" * 100_000

# kind of file, column, what stands in the cell, reason
CELLS = [
    *[
        (shape, column, said, reason)
        for shape, column in [(ORDERS, "ordered_at"), (CUSTOMERS, "birthday"), (CONVERSATIONS, "at")]
        for said, reason in [
            ("2026-02-30", "date"),
            ("30.02.2026", "date"),
            ("soon", "date"),
            ("45678", "date"),
            ("03/04/2026", "ambiguous_date"),
            ("2099-01-01", "future_date"),
            ("1812-01-01", "early_birthday" if shape is CUSTOMERS else "early_date"),
            ("2026-01-13 25:00", "time"),
            ("#N/A", "error_cell"),
        ]
    ],
    *[(shape, column, "", "no_date") for shape, column in [(ORDERS, "ordered_at"), (CONVERSATIONS, "at")]],
    *[
        (ORDERS, "amount", said, reason)
        for said, reason in [
            ("NaN", "amount"),
            ("Infinity", "amount"),
            ("-inf", "amount"),
            ("1e1000000", "amount"),
            ("ten", "amount"),
            ("1.2.3", "amount"),
            ("12,34.5", "amount"),
            ("", "no_amount"),
            ("1234567890123.00", "large_amount"),
            ("#DIV/0!", "error_cell"),
        ]
    ],
    *[(CUSTOMERS, "custom.size", said, "own_field") for said in ["NaN", "Infinity", "1e1000000", "large", "9" * 400]],
    (ORDERS, "order_id", "", "no_order"),
    (ORDERS, "order_id", "A" * 65, "long_text"),
    (ORDERS, "kind", "gift", "kind"),
    (CUSTOMERS, "email", "not an address", "email"),
    (CUSTOMERS, "email", "=eva@people", "email"),
    (CUSTOMERS, "phone", "12", "phone"),
    (CUSTOMERS, "language", "Klingon", "language"),
    (CUSTOMERS, "tags", "t" * 61, "tag"),
    (CUSTOMERS, "consent_offers", "maybe", "yes_or_no"),
    (CUSTOMERS, "city", HUGE, "long_text"),
    (CONVERSATIONS, "kind", "letter", "conversation"),
    (CONVERSATIONS, "body", "", "no_body"),
    (CONVERSATIONS, "body", HUGE, "long_text"),
    (CONVERSATIONS, "customer_id", "nobody", "unknown_customer"),
    *[
        (BALANCES, column, said, reason)
        for column in ["available_on", "expires_on"]
        for said, reason in [
            ("2026-02-30", "date"),
            ("soon", "date"),
            ("03/04/2027", "ambiguous_date"),
            ("2200-01-01", "future_date"),
            ("1812-01-01", "early_date"),
            ("#N/A", "error_cell"),
        ]
    ],
    *[
        (BALANCES, "points", said, reason)
        for said, reason in [
            ("-5", "points"),
            ("2.5", "points"),
            ("NaN", "amount"),
            ("1e1000000", "amount"),
            ("many", "amount"),
            ("1.2.3", "amount"),
            ("1234567890123", "large_amount"),
            ("#REF!", "error_cell"),
        ]
    ],
    (BALANCES, "note", HUGE, "long_text"),
    (BALANCES, "customer_id", "nobody", "unknown_customer"),
    (BALANCES, "expires_on", "2026-01-12", "points_over"),
]
FOUND_BY_MATCHING = ("unknown_customer", "points_over")  # which name no column


@pytest.fixture
def downloaded(as_manager):
    """What the download of the rejected rows holds."""

    def download(brought: Import) -> list[list[str]]:
        answer = as_manager.get(reverse("crm:import_rejected", args=[brought.pk]))
        text = b"".join(answer).decode("utf-8-sig")
        limit = csv.field_size_limit(len(text))
        try:
            return list(csv.reader(io.StringIO(text, newline="")))
        finally:
            csv.field_size_limit(limit)

    return download


def rejected(brought):
    return [(bad.line, bad.column, bad.reason) for bad in brought.rejected.order_by("line")]


def named(cell):
    text = f"{cell[1]}-{cell[2][:20] or 'empty'}"
    return f"{cell[0]}-{text}" if isinstance(cell, tuple) else None


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("cell", CELLS, ids=named)
def test_a_bad_cell_rejects_its_row_and_the_row_put_right_comes_in(take, downloaded, tmp_path, cell, form):
    shape, column, said, reason = cell
    if column.startswith("custom."):
        CustomField.define(key="size", label="Size", kind="number", actor="")
        shape = with_column(shape, column)
    if form == "xlsx" and len(said) > 32_767:
        said = said[:32_767]
    rows = shape.rows(1, 2, 3)
    rows[2] = shape.with_cell(2, column, said)

    brought = take(shape.kind, as_csv(rows) if form == "csv" else as_xlsx(tmp_path / "x.xlsx", rows))

    told = "" if reason in FOUND_BY_MATCHING else column
    assert rejected(brought) == [(3, told, reason)]
    assert str(REJECTIONS[reason])
    assert shape.here() == {"1", "3"}
    head, only = downloaded(brought)
    assert head == ["line", "column", "reason", *shape.header]
    assert only[:3] == ["3", told, str(REJECTIONS[reason])]
    assert [cell.removeprefix("'") for cell in only[3:]] == [cell.removeprefix("'") for cell in rows[2]]

    mended = [head, [*only[:3], *shape.row(2)]]
    again = take(shape.kind, as_csv(mended))

    assert (shape.here(), again.rejected.count()) == ({"1", "2", "3"}, 0)


def with_column(shape, name):
    return type(shape)(shape.kind, [*shape.header, name], lambda n: [*shape.row(n), ""], shape.here)


def too_few(row, text):
    return ",".join(row[:-1])


def too_many(row, text):
    return f"{text},more"


def a_stray_quote(row, text):
    return f'"{row[0]}"x,' + ",".join(row[1:])


def a_nul(row, text):
    return f"{text}\0"


def a_cell_of_200_kb(row, text):
    return ",".join(["x" * 200_000, *row[1:]])


LINES = {too_few: "cells", too_many: "cells", a_stray_quote: "quotes", a_nul: "nul", a_cell_of_200_kb: "long_cell"}


@pytest.mark.slow
@pytest.mark.parametrize("spoil", LINES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_row_that_cannot_be_taken_apart_is_given_back_as_it_stands(take, downloaded, shape, spoil):
    lines = as_csv(shape.rows(1, 2, 3)).splitlines()
    lines[2] = spoil(shape.row(2), lines[2])

    brought = take(shape.kind, "\n".join(lines))

    column = shape.header[-1] if spoil is a_nul else ""
    assert rejected(brought) == [(3, column, LINES[spoil])]
    assert shape.here() == {"1", "3"}
    head, only = downloaded(brought)
    assert ",".join(only[3:]) == lines[2]
    take(shape.kind, as_csv([head, [*only[:3], *shape.row(2)]]))
    assert shape.here() == {"1", "2", "3"}


def test_all_rows_of_an_order_wait_for_the_one_that_is_bad(take, downloaded):
    header = ["customer_id", "order_id", "ordered_at", "amount", "line_sku"]
    rows = [
        ["7", "A-1", "2026-01-13", "10.00", "cup"],
        ["7", "A-2", "2026-01-13", "5.00", "tin"],
        ["7", " A-1", "2026-01-13", "much", "jar"],
        ["7", "A-1", "2026-01-13", "1.00", "box"],
    ]
    brought = take("orders", as_csv([header, *rows]))

    assert rejected(brought) == [(2, "", "incomplete"), (4, "amount", "amount"), (5, "", "incomplete")]
    assert (ORDERS.here(), brought.report["matching_rejected"]) == ({"2"}, {"incomplete": 2})

    table = downloaded(brought)
    assert [row[3:] for row in table[1:]] == [rows[0], rows[2], rows[3]]
    table[2][6] = "2.50"
    take("orders", as_csv(table))
    assert [line.sku for line in Order.objects.get(reference="A-1").lines.order_by("position")] == ["cup", "jar", "box"]
    assert str(Order.objects.get(reference="A-1").total) == "13.500"


def test_rows_rejected_beside_others_come_back_whole_with_columns_nobody_uses(take, downloaded):
    build.identifier(build.customer("Known"), "card", "1234567890")
    long = "a remark " * 100
    rows = [
        ["customer_id", "card", "given_name", "Remark"],
        ["C-1", "", "1", long],
        ["C-1", "", "1", "second"],
        ["7", "1234567890", "2", "=third"],
    ]

    brought = take("customers", as_csv(rows))

    assert rejected(brought) == [(3, "", "twice"), (4, "", "card_taken")]
    assert [row[3:] for row in downloaded(brought)] == [rows[0], rows[2], [*rows[3][:3], "'=third"]]


def test_a_row_of_many_and_long_cells_is_given_back_uncut(take, downloaded):
    more = [f"more {n}" for n in range(400)]
    row = [*ORDERS.with_cell(1, "amount", "much"), *("y" * 2_000 for _ in more)]

    brought = take("orders", as_csv([[*ORDERS.header, *more], row]))

    assert downloaded(brought)[1][3:] == row


def test_a_download_that_is_put_right_only_in_part_gives_a_download_again(take, downloaded):
    rows = [CUSTOMERS.header, CUSTOMERS.with_cell(1, "email", "one"), CUSTOMERS.with_cell(2, "email", "two")]
    first = downloaded(take("customers", as_csv(rows)))
    first[1][3:] = CUSTOMERS.row(1)

    second = downloaded(take("customers", as_csv(first)))

    assert CUSTOMERS.here() == {"1"}
    assert second == [["line", "column", "reason", *rows[0]], ["3", "email", first[2][2], *rows[2]]]


def test_columns_that_were_chosen_by_hand_are_chosen_for_the_rows_put_right_too(take, downloaded, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("who;what;when;how much\n7;A-1;03.04.2026;5,25\n7;A-2;03.04.2026;much\n", encoding="cp1250")
    chosen = {"customer_id": "who", "order_id": "what", "ordered_at": "when", "amount": "how much"}
    table = downloaded(take("orders", path, columns=chosen, delimiter=";", header=["who", "what", "when", "how much"]))
    table[1][-1] = "6,50"

    take("orders", as_csv(table))

    assert ORDERS.here() == {"1", "2"}


def test_what_is_left_of_a_file_that_is_gone_is_given_back(take, downloaded):
    brought = take("customers", as_csv([CUSTOMERS.header, CUSTOMERS.with_cell(1, "email", "one")]))
    brought.file.unlink()

    assert downloaded(brought)[1][3:] == CUSTOMERS.with_cell(1, "email", "one")
    assert not Customer.objects.filter(given_name="1").exists()
