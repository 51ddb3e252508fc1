"""Each is said in a clear sentence, and nothing is lost."""

import gzip

import pytest
from django.core.management import CommandError, call_command

from crm.imports import files, running
from crm.imports.reasons import Refused
from crm.models import Import, Order
from shop import disk

GOOD = "7,A-1,2026-01-13 10:00,20.00"
HEADER = "customer_id,order_id,ordered_at,amount\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (PNG, "This is not a CSV file"),
        (bytes(range(256)) * 40, "This is not a CSV file"),
        (b"PK\x03\x04" + bytes(2000), "The Excel file is damaged"),
        (b"", "The file is empty."),
        (b"\n\n  \n", "The file is empty."),
        (HEADER.encode(), "has a header line and no rows"),
        (b"just some words\nand more of them\n", "This is not a CSV file"),
        (f'{HEADER}7,A-1,2026-01-13,5\n7,"A-2,2026-01-13,5\n7,A-3,2026-01-13,5\n'.encode(), "opened in line 3"),
        (b"customer_id,order_id,order id,ordered_at,amount\n7,A,B,2026-01-13,5\n", "is there twice"),
        (b"customer_id,order_id,ordered_at\n7,A,2026-01-13\n", "These columns are missing: amount"),
    ],
    ids=["png", "bytes", "excel", "empty", "blank", "header", "words", "quote", "twice", "missing"],
)
def test_a_file_that_is_no_table_of_orders_is_refused(file, db, content, sentence):
    path = file(content=content)

    with pytest.raises(CommandError) as refused:
        call_command("import_orders", path)

    assert sentence in str(refused.value)
    assert not Order.objects.exists()


def test_a_truncated_gzip_is_refused(tmp_path, db):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress((HEADER + GOOD + "\n").encode() * 500)[:-20])

    with pytest.raises(CommandError, match="ends early or is damaged"):
        call_command("import_orders", path)


def test_a_folder_and_a_missing_file_are_refused(tmp_path, db):
    with pytest.raises(CommandError, match="This is a folder"):
        call_command("import_orders", tmp_path)
    with pytest.raises(CommandError, match="There is no such file"):
        call_command("import_orders", tmp_path / "nothing.csv")


def test_bytes_that_are_not_of_the_chosen_encoding_are_named_by_line(file, db):
    path = file(content=(HEADER + GOOD + "\n8,Ñandú,2026-01-13,5\n").encode("cp1252"))

    with pytest.raises(CommandError, match="Line 3 is not UTF-8"):
        call_command("import_orders", path, encoding="utf-8")


def test_a_nearly_full_disk_refuses_the_import(file, db, monkeypatch):
    monkeypatch.setattr(disk, "free_bytes", lambda: 0)

    with pytest.raises(Refused, match="The disk is nearly full"):
        running.begin(file(GOOD), name="x", source="shop")

    assert not Import.objects.exists()


def test_what_unpacks_to_too_much_is_refused(file, monkeypatch):
    monkeypatch.setattr(files, "UNPACKED_LIMIT", 0)

    with pytest.raises(Refused, match="Unpacked"):
        files.look(file(GOOD, name="orders.csv.gz"))


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("8,A-2,2026-01-13,NaN", "amount", "amount"),
        ("8,A-2,2026-01-13,1e1000000", "amount", "amount"),
        ("8,A-2,2026-01-13,Infinity", "amount", "amount"),
        ("8,A-2,2026-01-13,1234567890123.00", "amount", "large_amount"),
        ("8,A-2,2026-01-13,", "amount", "no_amount"),
        ("8,A-2,2026-02-30,5", "ordered_at", "date"),
        ("8,A-2,03/04/2026,5", "ordered_at", "ambiguous_date"),
        ("8,A-2,2099-01-01,5", "ordered_at", "future_date"),
        ("8,A-2,1812-01-01,5", "ordered_at", "early_date"),
        ("8,A-2,2026-01-13 25:00,5", "ordered_at", "time"),
        ("8,A-2,,5", "ordered_at", "no_date"),
        ("8,,2026-01-13,5", "order_id", "no_order"),
        (f"8,{'A' * 65},2026-01-13,5", "order_id", "long_text"),
        ("8,A\0-2,2026-01-13,5", "order_id", "nul"),
        ("8,A-2,2026-01-13", "", "cells"),
        ("8,A-2,2026-01-13,5,6", "", "cells"),
        ('8,"A-2"x,2026-01-13,5', "", "quotes"),
        (f"8,{'A' * 200_000},2026-01-13,5", "", "long_cell"),
    ],
)
def test_a_bad_row_is_rejected_with_its_line_and_column_and_the_others_come_in(bring, file, row, column, reason):
    order_import = bring(file(GOOD, row, "9,A-3,2026-01-14 10:00,30.00"))

    assert [(bad.line, bad.column, bad.reason) for bad in order_import.rejected.all()] == [(3, column, reason)]
    assert set(Order.objects.values_list("reference", flat=True)) == {"A-1", "A-3"}


def test_an_unknown_kind_is_rejected(bring, file):
    order_import = bring(file("7,A-1,2026-01-13,5,gift", header="customer_id,order_id,ordered_at,amount,kind"))

    assert [(bad.column, bad.reason) for bad in order_import.rejected.all()] == [("kind", "kind")]


def test_one_bad_row_among_many_is_found(bring, file):
    rows = [f"{n % 50},A-{n},2026-01-13 10:00,{n}.00" for n in range(1, 45_001)]
    rows[30_000] = "1,A-30001,2026-02-30 10:00,5.00"

    order_import = bring(file(*rows))

    assert Order.objects.count() == 44_999
    assert [(bad.line, bad.reason) for bad in order_import.rejected.all()] == [(30_002, "date")]


def test_bad_rows_side_by_side_take_none_of_the_rows_between_them_along(bring, file):
    rows = [f"7,A-{n},2026-01-13 10:00,{n}.00" for n in range(1, 1_201)]
    for n in (0, 1, 3, 498, 499, 500, 1_199):
        rows[n] = f"7,A-{n + 1},2026-01-13 10:00,many"

    order_import = bring(file(*rows))

    assert [bad.line for bad in order_import.rejected.order_by("line")] == [2, 3, 5, 500, 501, 502, 1_201]
    assert [bad.cells[1] for bad in order_import.rejected.order_by("line")][:3] == ["A-1", "A-2", "A-4"]
    assert Order.objects.count() == 1_193
    assert Order.objects.get(reference="A-3").total == 3


def test_a_text_that_grows_too_long_when_it_is_normalised_is_rejected(bring, file):
    long = 4 * "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"

    order_import = bring(file(GOOD, f"7,{long},2026-01-13,5"))

    assert [(bad.line, bad.column, bad.reason) for bad in order_import.rejected.all()] == [(3, "order_id", "long_text")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators_are_found_out(bring, file, encoding, separator):
    town = "Zürich, à côté du château, Übergröße" if encoding == "cp1252" else "Київ, вулиця Хрещатик, будинок"
    number = town.partition(",")[0]
    header = ["Order ID", "CustomerID", "Order date", "Total", "Remark"]
    rows = [header, *([f"{number}-{n}", "7", "2026-01-13", "5.25", f'"{town}"'] for n in range(40))]

    bring(file(content="".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)))

    assert Order.objects.count() == 40
    assert Order.objects.filter(reference=f"{number}-0", total="5.25").exists()
