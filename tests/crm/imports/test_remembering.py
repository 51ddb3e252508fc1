"""A file like one before is read as that one was."""

import pytest
from django.urls import reverse

from crm.imports import columns, remembering, running
from crm.models import Import, Order, SavedMapping

HEADER = "Who,Which,When it was,Gross"
ROW = "7,A-{},03/04/2026,5"
CHOSEN = {"customer_id": "Who", "order_id": "Which", "ordered_at": "When it was", "amount": "Gross"}


@pytest.fixture
def begun(file, db):
    def begin(number=1, *, header=HEADER, source="shop", kind="orders"):
        path = file(ROW.format(number), header=header, name=f"{number}.csv")
        return running.begin(path, name=path.name, source=source, kind=kind, owns_file=False)

    return begin


@pytest.fixture
def last_time(begun):
    """Somebody chose the columns and the order of dates by hand, and brought the file in."""
    first = begun()
    first.remember(mapping=first.mapping | {"columns": CHOSEN, "dates": "day"})
    running.read(first)
    running.apply(first)
    return first


def test_the_next_file_with_this_header_is_proposed_as_last_time(last_time, begun):
    mapping = begun(2, header="WHO,which,When_it_was,GROSS").mapping_in_use

    assert mapping.proposed == remembering.LAST_TIME
    assert mapping.dates == "day"
    assert mapping.columns == {
        "customer_id": "WHO",
        "order_id": "which",
        "ordered_at": "When_it_was",
        "amount": "GROSS",
    }


def test_another_source_kind_or_header_is_not(last_time, begun):
    for changed in ({"source": "till"}, {"kind": "customers"}, {"header": f"{HEADER}x"}):
        assert begun(2, **changed).mapping_in_use.proposed == ""


def test_what_was_only_looked_at_is_not_remembered(begun):
    first = begun()
    first.remember(mapping=first.mapping | {"columns": CHOSEN})
    running.read(first)

    assert not SavedMapping.objects.exists()


def test_a_separator_that_was_chosen_by_hand_is_found_again(begun, file):
    header = "a,b;c,d;e;f"
    first = running.begin(file("1,2;3,4;5;6", header=header), name="x", source="shop", kind="orders")
    split = columns.split(header, "utf-8", ",", first.mapping_in_use.kind_of_file)
    first.remember(mapping=split.as_json)
    remembering.remember(first)

    again = running.begin(file("1,2;3,4;5;6", header=header, name="again.csv"), name="x", source="shop", kind="orders")

    assert (again.mapping_in_use.delimiter, again.mapping_in_use.proposed) == (",", remembering.LAST_TIME)


def test_choices_are_kept_under_a_name_and_chosen_on_the_page(begun, client, mira):
    client.force_login(mira)
    first, second = begun(), begun(2, source="till")
    said = {f"column_{ours}": theirs for ours, theirs in CHOSEN.items()}
    said |= {"encoding": "utf-8", "delimiter": ",", "dates": "month", "decimal": "auto"}
    client.post(reverse("crm:import_mapping", args=[first.pk]), said | {"keep_as": "Old till"})

    page = client.get(reverse("crm:import_one", args=[second.pk])).content.decode()
    client.post(reverse("crm:import_mapping", args=[second.pk]), said | {"dates": "day", "saved": "Old till"})

    mapping = Import.objects.get(pk=second.pk).mapping_in_use
    assert "Choices kept as" in page
    assert (mapping.proposed, mapping.dates, mapping.columns) == ("Old till", "month", CHOSEN)
    assert not Order.objects.exists()
