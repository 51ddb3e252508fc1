"""Opening balances of an older system: once for each customer and source, by the rules of the ledger, and back."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from crm.imports import running, undoing
from crm.models import Event
from loyalty.models import Account, Entry
from loyalty.points.checking import check
from tests import build
from tests.digests import digests

HEADER = "email,points,available_on,expires_on,note"
GROWS = {"crm_event", "crm_reaction", "crm_import", "crm_changeset", "crm_change", "crm_rejectedrow"}
GROWS |= {"crm_savedmapping"}
numbers = count(1)


@pytest.fixture
def balances(tmp_path, db):
    """Reads and, unless it is only looked at, applies these rows of a file of balances."""

    def bring(*rows, header=HEADER, source="old", apply=True):
        path = tmp_path / f"balances-{next(numbers)}.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        brought = running.begin(path, name=path.name, source=source, kind="points", owns_file=False)
        running.read(brought)
        if apply:
            running.apply(brought)
            assert check().count == 0
        return brought

    return bring


def sums(customer):
    account = Account.of(customer)
    return account.available, account.pending, account.debt


def test_points_are_there_with_their_dates_and_the_ledger_holds(balances, ana):
    balances("ana@people.example,120,,2099-03-31,From the old till")

    entry = Entry.objects.get(account__customer=ana)
    assert (entry.kind, entry.points, entry.reason, entry.note) == ("opening", 120, "opening", "From the old till")
    assert entry.lot.expires_at == datetime(2099, 3, 31, 23, tzinfo=UTC)  # midnight of the shop, in summer
    assert sums(ana) == (120, 0, 0)
    told = Event.objects.get(kind="points.adjusted", customer=ana)
    assert told.data == {"points": 120, "reason": "opening"}


def test_points_that_begin_later_wait(balances, ana):
    balances("ana@people.example,120,2098-01-01,,")

    account = Account.of(ana)
    assert sums(ana) == (0, 120, 0)
    assert account.next_change_at == datetime(2098, 1, 1, tzinfo=UTC)
    assert account.lifetime_earned == 0


def test_the_preview_shows_points_before_and_after_and_changes_nothing(balances, ana):
    Account.of(ana).earn(10, reason="bought", key="k")
    before = digests(without=GROWS)

    looked = balances("ana@people.example,1 200,2098-01-01,2099-03-31,", apply=False)

    kind = looked.mapping_in_use.kind_of_file
    change = kind.changes(looked.report)[0]
    assert change.fields == [
        ("Points", "10", "1,210"),
        ("Available from", "", "1 Jan 2098"),
        ("Good until", "", "31 Mar 2099"),
    ]
    assert "Would bring in: 1,200 points of 1 customer." in kind.created(looked.report, False)
    assert digests(without=GROWS) == before


def test_the_same_file_twice_changes_nothing(balances, ana):
    balances("ana@people.example,120,,,")
    before = digests(without=GROWS)

    again = balances("ana@people.example,120,,,")

    assert (again.report["change"], again.report["same"]) == (0, 1)
    assert digests(without=GROWS) == before


def test_another_source_brings_its_own_points(balances, ana):
    balances("ana@people.example,120,,,")

    balances("ana@people.example,30,,,", source="other")

    assert sums(ana) == (150, 0, 0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nobody@people.example,5,,,", "unknown_customer"),
        ("ana@people.example,5.5,,,", "points"),
        ("ana@people.example,-5,,,", "points"),
        ("ana@people.example,many,,,", "amount"),
        ("ana@people.example,5,,2020-01-01,", "points_over"),
        ("ana@people.example,5,2098-01-01,2097-01-01,", "points_over"),
        ("ana@people.example,5,,31.31.2099,", "date"),
        ("cleo@people.example,7,,,", "brought_before"),
    ],
)
def test_a_row_that_cannot_come_in_is_rejected_with_its_reason(balances, ana, row, reason):
    build.customer("Cleo Marsh", email="cleo@people.example")
    balances("cleo@people.example,5,,,")

    brought = balances(row, "ana@people.example,9,,,")

    assert [(bad.line, bad.reason) for bad in brought.rejected.all()] == [(2, reason)]
    assert sums(ana) == (9, 0, 0)


def test_a_second_row_about_somebody_is_rejected_and_noughts_are_left_out(balances, ana):
    brought = balances("ana@people.example,9,,,", "ana@people.example,8,,,", "ana@people.example,0,,,", ",7,,,")

    assert [(bad.line, bad.reason) for bad in brought.rejected.all()] == [(3, "twice")]
    assert brought.report["skipped"] == {"no_points": 1, "nothing_known_by": 1}
    assert sums(ana) == (9, 0, 0)


def test_what_is_owed_is_paid_first(balances, ana):
    order = build.order(ana, "50.00")
    account = Account.of(ana)
    account.earn(40, reason="bought", key="e", order=order)
    account.spend(30, reason="reward", key="s")
    account.take_back_earned(order, 0, key="back")
    assert sums(ana) == (0, 0, 30)

    balances("ana@people.example,100,,,")

    assert sums(ana) == (70, 0, 0)


def test_taken_back_the_points_go_and_the_file_can_come_again(balances, mira, ana):
    Account.of(ana).earn(10, reason="bought", key="k")
    brought = balances("ana@people.example,120,,,")

    outcome = undoing.undo(brought, by=mira)

    assert (outcome.restored, outcome.kept) == (1, 0)
    assert sums(ana) == (10, 0, 0)
    assert check().count == 0
    balances("ana@people.example,120,,,")
    assert sums(ana) == (130, 0, 0)


def test_points_that_were_spent_meanwhile_stay_and_are_listed(balances, mira, ana):
    brought = balances("ana@people.example,120,,,")
    Account.of(ana).spend(1, reason="reward", key="s")

    outcome = undoing.undo(brought, by=mira)

    assert (outcome.restored, outcome.kept) == (0, 1)
    assert brought.changes.rows.kept().count() == 1
    assert sums(ana) == (119, 0, 0)
    assert check().count == 0


def test_points_that_are_over_meanwhile_stay_over(balances, mira, ana):
    day = (timezone.now() + timedelta(days=1)).date().isoformat()
    brought = balances(f"ana@people.example,120,,{day},")
    Account.of(ana).follow(timezone.now() + timedelta(days=3))

    outcome = undoing.undo(brought, by=mira)

    assert (outcome.restored, outcome.kept) == (0, 1)
    assert sums(ana) == (0, 0, 0)


def test_points_come_to_the_card_that_another_one_went_into(balances, ana):
    other = build.customer("Ana L.", email="ana.l@people.example")
    balances("ana.l@people.example,120,,,")
    other.merged_into = ana
    other.save()

    again = balances("ana.l@people.example,120,,,")

    assert again.report["same"] == 1


def test_the_command_and_the_page_know_the_kind(ana, tmp_path, capsys, as_manager):
    path = tmp_path / "balances.csv"
    path.write_text(f"{HEADER}\nana@people.example,120,,,\n")

    call_command("import_points", path, source="old")

    assert "Brought in: 120 points of 1 customer." in capsys.readouterr().out
    assert sums(ana) == (120, 0, 0)
    assert "Opening balances of points" in as_manager.get(reverse("crm:import")).content.decode()
