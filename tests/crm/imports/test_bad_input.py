"""Each is said in a clear sentence, and nothing is lost.

Whole tables of them are in test_refused_files, test_rejected_rows and test_odd_writing.
"""

import pytest
from django.core.management import CommandError, call_command

from crm.imports import files, running
from crm.imports.reasons import Refused
from crm.models import Import, Order
from shop import disk

GOOD = "7,A-1,2026-01-13 10:00,20.00"
HEADER = "customer_id,order_id,ordered_at,amount\n"


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


def test_a_file_above_the_limit_of_this_shop_is_refused(file, settings):
    settings.IMPORT_LIMIT = 0

    with pytest.raises(Refused, match="larger than 0 MB"):
        files.check_path(file(GOOD))


def test_what_unpacks_to_too_much_is_refused(file, settings):
    settings.IMPORT_LIMIT = 0

    with pytest.raises(Refused, match="Unpacked"):
        list(files.blocks(file(GOOD, name="orders.csv.gz")))


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
