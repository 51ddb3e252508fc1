from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from crm.models import Change, ChangeSet, Customer, Event, Identifier, Note, OrderLine, Task
from crm.undo.recording import NeverUndone, note_after, note_before, note_created, noting
from crm.undo.sweeping import sweep
from crm.undo.tables import tables_of
from crm.undo.taking_back import AlreadyTakenBack, Outcome, take_back
from tests import build
from tests.digests import digests

pytestmark = pytest.mark.django_db


@pytest.fixture
def move(sam):
    return ChangeSet.objects.create(kind="bulk", by=sam)


def move_to(move, town, *customers):
    ids = [customer.pk for customer in customers]
    with noting(move, Customer, ids):
        Customer.objects.filter(pk__in=ids).update(city=town)


def kept(move):
    return list(move.rows.kept().order_by("model", "row_id").values_list("model", "row_id", "kept"))


def test_what_was_changed_is_as_it_was(move, ana, ben, sam):
    before = digests()
    move_to(move, "Ghent", ana, ben)
    assert digests() != before

    outcome = take_back(move, by=sam)

    assert outcome == Outcome(restored=2, kept=0)
    assert digests() == before
    assert (move.undone_by, bool(move.undone_at)) == (sam, True)


def test_only_what_differs_is_remembered(move, ana, ben):
    Customer.objects.filter(pk=ben.pk).update(city="Ghent")

    move_to(move, "Ghent", ana, ben)

    assert [(row.customer_id, row.before, row.after) for row in move.rows.all()] == [
        (ana.pk, {"city": ""}, {"city": "Ghent"})
    ]


def test_a_row_edited_since_is_kept_and_listed(move, ana, ben, sam):
    move_to(move, "Ghent", ana, ben)
    ana.refresh_from_db()
    ana.edit(actor=sam.actor, city="Bruges")

    outcome = take_back(move, by=sam)

    ana.refresh_from_db(), ben.refresh_from_db()
    assert outcome == Outcome(restored=1, kept=1)
    assert (ana.city, ben.city) == ("Bruges", "")
    assert kept(move) == [("crm.Customer", ana.pk, "edited")]


def test_what_somebody_edited_elsewhere_on_the_row_stays_and_the_rest_goes_back(move, ana, sam):
    move_to(move, "Ghent", ana)
    ana.refresh_from_db()
    ana.edit(actor=sam.actor, birthday=date(1990, 4, 9))

    take_back(move, by=sam)

    ana.refresh_from_db()
    assert (ana.city, ana.birthday) == ("", date(1990, 4, 9))


def test_two_moves_over_the_same_rows_can_be_taken_back_in_any_order(move, ana, sam):
    before = digests()
    second = ChangeSet.objects.create(kind="bulk", by=sam)
    move_to(move, "Ghent", ana)
    with noting(second, Customer, [ana.pk], fields=("owner_id",)):
        Customer.objects.filter(pk=ana.pk).update(owner=sam)

    take_back(move, by=sam)
    take_back(second, by=sam)

    assert digests() == before


def test_what_was_made_goes_with_what_it_brought(move, sam):
    before = digests()
    dora = build.customer("Dora Voss", email="dora@people.example")
    order = build.order(dora)
    OrderLine.objects.create(order=order, position=1)
    for model in (Customer, Identifier, OrderLine, type(order)):
        note_created(move, model, model.objects.all())

    outcome = take_back(move, by=sam)

    assert outcome == Outcome(restored=4, kept=0)
    assert digests() == before


def test_what_was_made_stays_when_something_new_points_at_it(move, sam):
    dora, emil = build.customer("Dora Voss"), build.customer("Emil Roth")
    note_created(move, Customer, [dora.pk, emil.pk])
    build.note(dora)

    outcome = take_back(move, by=sam)

    assert outcome == Outcome(restored=1, kept=1)
    assert list(Customer.objects.all()) == [dora]
    assert kept(move) == [("crm.Customer", dora.pk, "pointed_at")]


def test_cards_made_together_that_point_at_each_other_go_together(move, sam):
    dora = build.customer("Dora Voss")
    emil = build.customer("Emil Roth", merged_into=dora)
    note_created(move, Customer, [dora.pk, emil.pk])

    assert take_back(move, by=sam) == Outcome(restored=2, kept=0)


def test_what_was_deleted_returns_under_its_number_and_what_hung_on_it_too(move, ana, sam):
    order = build.order(ana, reference="1001")
    OrderLine.objects.create(order=order, position=1, name="Tea")
    before = digests()
    for model, rows in ((type(order), [order.pk]), (OrderLine, OrderLine.objects.filter(order=order))):
        note_before(move, model, rows)
    order.delete()
    note_after(move, type(order))
    note_after(move, OrderLine)

    outcome = take_back(move, by=sam)

    assert outcome == Outcome(restored=2, kept=0)
    assert digests() == before


def test_a_row_whose_place_is_taken_stays_away_and_is_listed(move, ana, sam):
    old = build.identifier(ana, "card", "1000000009")
    note_before(move, Identifier, [old.pk])
    number = old.pk
    old.delete()
    note_after(move, Identifier)
    build.identifier(build.customer("Dora Voss"), "card", "1000000009")

    assert take_back(move, by=sam) == Outcome(restored=0, kept=1)
    assert kept(move) == [("crm.Identifier", number, "taken")]


def test_one_value_that_is_taken_does_not_hold_up_the_others(move, sam):
    cards = [build.identifier(build.customer(f"P{n}"), "card", f"{n}") for n in range(5)]
    with noting(move, Identifier, [card.pk for card in cards]):
        for card in cards:
            Identifier.objects.filter(pk=card.pk).update(value="x", normalised=f"new {card.pk}")
    build.identifier(build.customer("Dora Voss"), "card", "3")

    assert take_back(move, by=sam) == Outcome(restored=4, kept=1)
    assert kept(move) == [("crm.Identifier", cards[3].pk, "taken")]


def test_what_points_at_somebody_gone_is_not_brought_back(move, sam):
    dora = build.customer("Dora Voss")
    note = build.note(dora)
    note_before(move, Note, [note.pk])
    number = note.pk
    note.delete()
    note_after(move, Note)
    dora.delete()

    assert take_back(move, by=sam) == Outcome(restored=0, kept=1)
    assert kept(move) == [("crm.Note", number, "parentless")]


def test_a_row_deleted_since_is_listed(move, ana, sam):
    task = build.task(sam, customer=ana)
    with noting(move, Task, [task.pk]):
        Task.objects.filter(pk=task.pk).update(title="Write")
    number = task.pk
    task.delete()

    assert take_back(move, by=sam) == Outcome(restored=0, kept=1)
    assert kept(move) == [("crm.Task", number, "gone")]


def test_events_that_moved_to_another_card_move_back(move, ana, ben, sam):
    event = Event.record("customer.created", customer=ben, source="shop")
    note_before(move, Event, [event.pk], fields=("customer_id",))
    with transaction.atomic():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('regulars.reason', 'merge', true)")
        Event.objects.filter(pk=event.pk).update(customer=ana)
    note_after(move, Event)

    take_back(move, by=sam)

    event.refresh_from_db()
    assert event.customer_id == ben.pk


def test_entries_of_an_append_only_table_are_never_noted_as_made(move, ana):
    event = Event.record("customer.created", customer=ana, source="shop")

    with pytest.raises(NeverUndone):
        note_created(move, Event, [event.pk])


def test_taking_back_is_once_only(move, ana, sam):
    move_to(move, "Ghent", ana)
    take_back(move, by=sam)

    with pytest.raises(AlreadyTakenBack):
        take_back(move, by=sam)


def test_noted_twice_the_oldest_value_is_the_one_to_go_back_to(move, ana, sam):
    before = digests()
    move_to(move, "Ghent", ana)
    move_to(move, "Bruges", ana)
    with noting(move, Customer, [ana.pk], fields=("owner_id",)):
        Customer.objects.filter(pk=ana.pk).update(owner=sam)

    take_back(move, by=sam)

    assert digests() == before


def test_made_and_deleted_in_one_move_is_nothing(move):
    dora = build.customer("Dora Voss")
    note_created(move, Customer, [dora.pk])
    dora.delete()
    note_after(move, Customer)

    assert not Change.objects.exists()


def test_a_person_who_was_erased_is_skipped(move, ana, ben, sam):
    move_to(move, "Ghent", ana, ben)

    Change.objects.forget(ana)
    take_back(move, by=sam)

    ana.refresh_from_db(), ben.refresh_from_db()
    assert (ana.city, ben.city) == ("Ghent", "")


@pytest.mark.parametrize("label", ["crm.Nothing", "pg_class", "crm_customer; DROP TABLE crm_event"])
def test_only_models_of_the_registry_are_named_in_sql(move, sam, label):
    Change.objects.create(changes=move, model=label[:60], row_id=1, before={"a": 1})

    with pytest.raises((LookupError, ValueError)):
        take_back(move, by=sam)


def test_columns_that_the_model_does_not_have_are_refused(move, ana):
    with pytest.raises(ValueError, match="no columns"):
        note_before(move, Customer, [ana.pk], fields=("city", "1; --"))


def test_parents_come_before_their_children():
    labels = [table.label for table in tables_of(["crm.OrderLine", "crm.Order", "crm.Customer", "crm.Note"])]

    assert labels.index("crm.Customer") < labels.index("crm.Order") < labels.index("crm.OrderLine")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_noted(sam):
    move = ChangeSet.objects.create(kind="bulk", by=sam)

    with pytest.raises(TransactionManagementError):
        note_before(move, Customer, [1])


def test_after_thirty_days_what_was_noted_goes_and_the_change_set_stays(move, ana, ben, sam):
    old = ChangeSet.objects.create(kind="bulk", by=sam, at=timezone.now() - timedelta(days=31))
    move_to(old, "Ghent", ana)
    move_to(move, "Ghent", ben)

    assert sweep() == 1

    assert (old.rows.count(), move.rows.count()) == (0, 1)
    assert ChangeSet.objects.count() == 2
