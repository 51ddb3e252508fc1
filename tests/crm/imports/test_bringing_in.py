from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.db.models import Sum

from crm.imports import running, undoing
from crm.models import Customer, Event, Identifier, Import, Order, OrderLine, Refund
from shop.models import Setting
from tests import build
from tests.crm.imports.conftest import bring_in
from tests.digests import digests

WITH_KIND = "customer_id,order_id,ordered_at,amount,kind,refund_of"
WITH_LINES = "customer_id,order_id,ordered_at,amount,line_sku,line_name,line_quantity,line_amount"


ORIGINAL = settings.BASE_DIR / "demo" / "online_retail_orders.csv.gz"


@pytest.fixture(scope="module")
def brought_once(module_db):
    bring_in(ORIGINAL)


@pytest.fixture
def the_original(brought_once, db):
    return ORIGINAL


def test_the_original_file_gives_the_known_figures(the_original):
    paid = Order.objects.filter(total__gt=0)
    refunded = Refund.objects.aggregate(sum=Sum("amount"))["sum"]
    revenue = paid.aggregate(sum=Sum("total"))["sum"]
    assert (paid.count(), paid.values("customer").distinct().count()) == (18_532, 4_338)
    assert revenue == Decimal("8911407.90")
    assert round(revenue / paid.count(), 3) == Decimal("480.866")
    assert revenue - refunded == Decimal("8300065.81")
    assert round((revenue - refunded) / paid.count(), 2) == Decimal("447.88")


def test_the_same_file_twice_changes_nothing(bring, the_original):
    before = list(Order.objects.order_by("pk").values())

    report = bring(the_original).report

    made = [report[f"{what}_create"] for what in ("orders", "refunds", "customers")]
    assert made == [0, 0, 0]
    assert (report["orders_change"], report["refunds_change"]) == (0, 0)
    assert report["orders_same"] == len(before)
    assert list(Order.objects.order_by("pk").values()) == before


def test_the_preview_and_the_report_count_the_same_new_customers(file, ana):
    build.identifier(ana, "external", "7", source="shop")
    rows = "7,A-1,2026-01-13,1", "8,A-2,2026-01-13,1", "8,A-3,2026-01-14,1", "9,A-4,2026-01-14,1"
    order_import = running.begin(file(*rows), name="x", source="shop", owns_file=False)

    running.read(order_import)
    previewed = order_import.report["customers_create"]
    applied = running.apply(order_import)["customers_create"]

    assert (previewed, applied, Customer.objects.exclude(pk=ana.pk).count()) == (2, 2, 2)


def test_a_customer_is_known_by_the_number_of_the_same_source(bring, file, ana):
    build.identifier(ana, "external", "7", source="shop")

    bring(file("7,A-1,2026-01-13 10:00,20.00", "8,A-2,2026-01-13 10:00,20.00"))

    assert Order.objects.get(reference="A-1").customer == ana
    assert Customer.objects.exclude(pk=ana.pk).get().identifiers.get().value == "8"


def test_orders_of_a_merged_customer_go_to_the_card_that_stayed(bring, file, ana, ben):
    build.identifier(ben, "external", "7", source="shop")
    Customer.objects.filter(pk=ben.pk).update(merged_into=ana)

    bring(file("7,A-1,2026-01-13 10:00,20.00"))

    assert Order.objects.get(reference="A-1").customer == ana


def test_a_changed_amount_is_shown_old_and_new_and_then_changed(bring, file):
    bring(file("7,A-1,2026-01-13 10:00,20.00", "7,A-2,2026-01-14 10:00,5.00"))

    report = bring(file("7,A-1,2026-01-13 10:00,25.00", "7,A-2,2026-01-14 10:00,5.00")).report

    assert (report["orders_change"], report["orders_same"]) == (1, 1)
    assert [(s["reference"], s["amount_before"], s["amount"]) for s in report["samples"]] == [
        ("A-1", "20.000", "25.000")
    ]
    assert Order.objects.get(reference="A-1").net == Decimal("25.00")


def test_a_preview_changes_nothing(file, db):
    order_import = running.begin(file("7,A-1,2026-01-13 10:00,20.00"), name="x", source="shop", owns_file=False)

    running.read(order_import)

    assert order_import.report["orders_create"] == 1
    assert not Order.objects.exists()
    assert not Customer.objects.exists()


def test_a_cancellation_lowers_its_order_and_stands_alone_without_one(bring, file):
    path = file(
        "7,A-1,2026-01-13 10:00,20.00,sale,",
        "7,C-1,2026-01-15 10:00,-5.00,cancellation,A-1",
        "7,C-2,2026-01-16 10:00,-3.00,cancellation,",
        "7,C-3,2026-01-17 10:00,2.00,refund,",
        header=WITH_KIND,
    )
    bring(path)
    bring(path)

    assert Order.objects.get().net == Decimal("15.00")
    assert [(r.reference, r.amount, r.order_id is None) for r in Refund.objects.order_by("at")] == [
        ("C-1", Decimal("5.00"), False),
        ("C-2", Decimal("3.00"), True),
        ("C-3", Decimal("2.00"), True),
    ]


def test_without_kinds_a_negative_amount_is_a_refund_and_nothing_is_an_order(bring, file):
    bring(file("7,A-1,2026-01-13 10:00,0", "7,C-1,2026-01-15 10:00,-5.00"))

    assert Order.objects.get().total == 0
    assert Refund.objects.get().amount == Decimal("5.00")


def test_a_refund_larger_than_its_order_is_rejected(bring, file):
    path = file(
        "7,A-1,2026-01-13 10:00,20.00,sale,",
        "7,C-1,2026-01-15 10:00,-15.00,cancellation,A-1",
        "7,C-2,2026-01-16 10:00,-15.00,cancellation,A-1",
        header=WITH_KIND,
    )

    order_import = bring(path)

    assert Order.objects.get().refunded == Decimal("15.00")
    assert [(bad.line, bad.reason) for bad in order_import.rejected.all()] == [(4, "over_refunded")]


def test_a_refund_finds_its_order_in_whatever_width_the_number_is_typed(bring, file):
    wide = "\N{FULLWIDTH LATIN CAPITAL LETTER A}-1"
    rows = "7,A-1,2026-01-13 10:00,20.00,sale,", f"7,C-1,2026-01-15 10:00,-5.00,cancellation,{wide}"

    bring(file(*rows, header=WITH_KIND))

    assert Order.objects.get().refunded == Decimal("5.00")


def test_an_order_does_not_fall_below_what_was_refunded_of_it(bring, file):
    rows = "7,C-1,2026-01-15 10:00,-15.00,cancellation,A-1"
    bring(file("7,A-1,2026-01-13 10:00,20.00,sale,", rows, header=WITH_KIND))

    order_import = bring(file("7,A-1,2026-01-13 10:00,10.00,sale,", header=WITH_KIND))

    assert Order.objects.get().total == Decimal("20.00")
    assert [bad.reason for bad in order_import.rejected.all()] == ["below_refunded"]


def test_an_order_and_its_refund_may_shrink_together(bring, file):
    bring(file("7,A-1,2026-01-13,20.00,sale,", "7,C-1,2026-01-15,-15.00,cancellation,A-1", header=WITH_KIND))

    bring(file("7,A-1,2026-01-13,10.00,sale,", "7,C-1,2026-01-15,-4.00,cancellation,A-1", header=WITH_KIND))

    order = Order.objects.get()
    assert (order.total, order.refunded) == (Decimal("10.00"), Decimal("4.00"))


def test_a_refund_that_was_here_first_finds_its_order(bring, file):
    refund = "7,C-1,2026-01-15,-5.00,cancellation,A-1"
    bring(file(refund, header=WITH_KIND))

    bring(file("7,A-1,2026-01-13,20.00,sale,", refund, header=WITH_KIND))

    assert Refund.objects.get().order == Order.objects.get()
    assert Order.objects.get().refunded == Decimal("5.00")


def test_an_order_in_other_hands_is_rejected(bring, file, ana):
    build.order(ana, reference="A-1", source="shop")

    order_import = bring(file("7,A-1,2026-01-13 10:00,20.00"))

    assert [bad.reason for bad in order_import.rejected.all()] == ["other_customer"]
    assert Order.objects.get(reference="A-1").customer == ana
    assert not Identifier.objects.filter(value="7").exists()


def test_rows_of_one_order_are_its_lines(bring, file):
    path = file(
        "7,A-1,2026-01-13 10:00,12.00,S1,Lantern,2,10.00",
        "7,A-1,2026-01-13 10:00,12.00,S2,Candle,1,2.00",
        header=WITH_LINES,
    )
    bring(path)
    bring(path)

    assert Order.objects.get().total == Decimal("12.00")
    assert list(OrderLine.objects.order_by("position").values_list("sku", "quantity", "unit_price", "paid")) == [
        ("S1", 2, Decimal("5.000"), Decimal("10.000")),
        ("S2", 1, Decimal("2.000"), Decimal("2.000")),
    ]


@pytest.mark.parametrize("name", ["a\\tb", "a\\", "a\tb", "a\nb", "a\r\nb", "\\N", "\\.", "N\uff3c", "x\u2028y"])
def test_a_name_comes_in_as_it_is_whatever_signs_it_holds(bring, file, name):
    bring(file(f'7,A-1,2026-01-13,10.00,S1,"{name}",2,10.00', "7,A-2,2026-01-13,5.00,S2,,,5.00", header=WITH_LINES))

    assert dict(OrderLine.objects.values_list("sku", "name")) == {"S1": name, "S2": ""}


def test_an_order_number_may_hold_a_backslash(bring, file):
    bring(file("7,A\\1,2026-01-13,10.00", "8,A\uff3c2,2026-01-13,10.00"))

    assert set(Order.objects.values_list("reference", flat=True)) == {"A\\1", "A\\2"}


def test_changed_lines_replace_the_old_ones(bring, file):
    bring(file("7,A-1,2026-01-13,10.00,S1,Lantern,2,10.00", header=WITH_LINES))

    bring(file("7,A-1,2026-01-13,10.00,S3,Tin,1,10.00", header=WITH_LINES))

    assert [line.sku for line in OrderLine.objects.all()] == ["S3"]


def test_without_amounts_of_lines_the_rows_of_an_order_add_up(bring, file):
    bring(file("7,A-1,2026-01-13,10.00", "7,A-1,2026-01-13,2.50"))

    assert Order.objects.get().total == Decimal("12.50")


def test_rows_of_one_order_must_agree(bring, file):
    order_import = bring(file("7,A-1,2026-01-13,10.00", "8,A-1,2026-01-13,2.50"))

    assert not Order.objects.exists()
    rejected = order_import.rejected.order_by("line")
    assert [(bad.line, bad.reason) for bad in rejected] == [(2, "two_customers"), (3, "two_customers")]


def test_adjustments_and_rows_without_a_customer_are_counted_and_left_out(bring, file):
    report = bring(file(",A-1,2026-01-13,10.00,sale,", "7,A-2,2026-01-13,10.00,adjustment,", header=WITH_KIND)).report

    assert report["skipped"] == {"no_customer": 1, "adjustment": 1}
    assert not Order.objects.exists()


def test_what_is_left_out_is_counted_once_though_a_row_beside_it_is_bad(bring, file):
    rows = [",A-1,2026-01-13,10.00", "7,A-2,2026-01-13,10.00", "7,A-3,soon,10.00"]

    report = bring(file(*rows)).report

    assert (report["skipped"], report["rejected"], report["rows"]) == ({"no_customer": 1}, {"date": 1}, 3)


def test_times_are_on_the_clock_of_the_shop(bring, file):
    Setting.put("shop.time_zone", "Europe/Warsaw")

    bring(
        file(
            "7,A-1,2026-07-01 10:00,1",
            "7,A-2,2026-03-29 02:30,1",  # skipped by the clock
            "7,A-3,2025-10-26 02:30,1",  # told twice
            "7,A-4,2026-07-01T10:00:00Z,1",
            "7,A-5,2026-07-01T10:00:00+05:30,1",
        )
    )

    placed = dict(Order.objects.values_list("reference", "placed_at"))
    assert placed == {
        "A-1": datetime(2026, 7, 1, 8, tzinfo=UTC),
        "A-2": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        "A-3": datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
        "A-4": datetime(2026, 7, 1, 10, tzinfo=UTC),
        "A-5": datetime(2026, 7, 1, 4, 30, tzinfo=UTC),
    }


def test_one_event_is_written_and_says_whose_orders_came(bring, file):
    order_import = bring(file("7,A-1,2026-01-13,10.00", "8,A-2,2026-01-13,10.00"))

    event = Event.objects.get()
    assert (event.kind, event.subject_id) == ("import.applied", order_import.pk)
    assert event.data == {"kind": "orders", "created": 2, "changed": 0, "skipped": 0, "rejected": 0}
    assert set(order_import.customer_ids) == set(Customer.objects.values_list("pk", flat=True))


def test_the_event_names_each_customer_once_known_or_new_and_nobody_else(bring, file, ana, ben):
    build.identifier(ana, "external", "7", source="shop")
    build.identifier(ben, "external", "8", source="shop")
    bring(file("8,B-1,2026-01-13,10.00"))

    order_import = bring(
        file("7,A-1,2026-01-13,1", "7,A-2,2026-01-13,1", "8,B-1,2026-01-13,10.00", "9,A-3,2026-01-13,1")
    )

    new = Customer.objects.exclude(pk__in=[ana.pk, ben.pk]).get()
    assert sorted(order_import.customer_ids) == sorted([ana.pk, new.pk])


def test_an_import_is_applied_once(bring, file):
    order_import = bring(file("7,A-1,2026-01-13,10.00"))

    running.apply(Import.objects.get(pk=order_import.pk))

    assert Event.objects.count() == 1


def test_rows_lost_in_a_crash_of_the_database_are_read_again(file, db):
    order_import = running.begin(file("7,A-1,2026-01-13,10.00"), name="x", source="shop", owns_file=False)
    running.read(order_import)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {order_import.staging}")

    running.apply(order_import)

    assert Order.objects.count() == 1


def test_a_file_that_changed_since_the_preview_is_refused(file, db):
    path = file("7,A-1,2026-01-13,10.00")
    order_import = running.begin(path, name="x", source="shop", owns_file=False)
    running.read(order_import)
    file("7,A-1,2026-01-13,99.00")

    with pytest.raises(running.Refused) as refused:
        running.apply(order_import)

    assert refused.value.code == "changed"
    assert not Order.objects.exists()


GROWS = {"crm_event", "crm_reaction", "crm_import", "crm_changeset", "crm_change", "crm_importedcustomer"}
GROWS |= {"crm_savedmapping"}  # how a file was read, whatever became of it
WITH_BOTH = "customer_id,order_id,ordered_at,amount,refund_of,line_sku,line_amount"


def test_taken_back_every_table_is_as_it_was(bring, file, ana, mira):
    build.identifier(ana, "external", "7", source="shop")
    bring(file("7,A-1,2026-01-13,20.00,,cup,20.00", "7,A-2,2026-01-14,9.00,,,9.00", header=WITH_BOTH, name="1.csv"))
    before = digests(without=GROWS)

    rows = "7,A-1,2026-01-15,30.00,,bowl,30.00", "7,R-1,2026-01-16,-5.00,A-2,,", "8,A-3,2026-01-15,12.00,,cup,12.00"
    brought = bring(file(*rows, header=WITH_BOTH, name="2.csv"))
    assert (Order.objects.get(reference="A-2").refunded, Order.objects.count()) == (
        Decimal(5),
        3 + ana.orders.count() - 2,
    )
    outcome = undoing.undo(brought, by=mira)

    assert outcome.kept == 0
    assert digests(without=GROWS) == before
    assert set(brought.customer_ids) == {ana.pk}


def test_an_order_that_something_happened_to_since_stays_with_its_customer(bring, file, mira):
    brought = bring(file("7,A-1,2026-01-13,20.00", "8,A-2,2026-01-13,20.00", "9,A-3,2026-01-13,20.00"))
    Order.objects.get(reference="A-1").refund(Decimal(5), reference="A-1-R")
    bring(file("8,A-2,2026-01-13,25.00", name="later.csv"))

    outcome = undoing.undo(brought, by=mira)

    assert sorted(Order.objects.values_list("reference", flat=True)) == ["A-1", "A-2"]
    assert Customer.objects.count() == 2
    assert outcome.kept == 2 + 2  # the orders and their customers


def test_refunds_taken_back_leave_an_order_that_was_edited_since_with_the_rest(bring, file, ana, mira):
    build.identifier(ana, "external", "7", source="shop")
    bring(file("7,A-2,2026-01-14,9.00", name="1.csv"))
    brought = bring(file("7,R-1,2026-01-16,5.00,refund,A-2", header=WITH_KIND, name="2.csv"))
    Order.objects.get(reference="A-2").refund(Decimal(1), reference="R-2")

    undoing.undo(brought, by=mira)

    order = Order.objects.get(reference="A-2")
    assert (order.refunded, list(order.refunds.values_list("reference", flat=True))) == (Decimal(1), ["R-2"])
