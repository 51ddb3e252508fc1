"""Taking back, against another who takes back and against an edit; and each without its guard, which must fail."""

from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from crm.models import ChangeSet, Customer
from crm.undo import taking_back
from crm.undo.recording import noting
from crm.undo.taking_back import AlreadyTakenBack, Undoing, take_back

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 300


@pytest.fixture
def moved(ana, sam):
    """Ana was moved to Ghent, in a way that can be taken back."""
    change_set = ChangeSet.objects.create(kind="bulk", by=sam)
    with transaction.atomic(), noting(change_set, Customer, [ana.pk]):
        Customer.objects.filter(pk=ana.pk).update(city="Ghent")
    return change_set


class Meanwhile(Thread):
    """Does something over a connection of its own; `error` is what it ended with."""

    def __init__(self, what):
        super().__init__(daemon=True)
        self.what, self.error = what, None

    def run(self):
        try:
            self.what()
        except Exception as error:
            self.error = error
        finally:
            connection.close()


class NoClaim:
    """A change set whose `undone_at` is looked at, but not claimed by the update itself."""

    def __init__(self, manager):
        self.manager = manager

    def filter(self, **asked):
        return self.manager.filter(pk=asked["pk"])


@pytest.mark.parametrize("guarded", [True, False])
def test_of_two_who_take_back_at_once_one_does(guarded, moved, sam, monkeypatch):
    """The first stops between its claim and its work; the second comes meanwhile."""
    if not guarded:
        monkeypatch.setattr(taking_back.ChangeSet, "objects", NoClaim(ChangeSet.objects), raising=False)
    claimed, go_on = Signal(), Signal()
    plain = Undoing.lock

    def stops(self, table):
        if not claimed.is_set():
            claimed.set()
            go_on.wait(PATIENCE)
        plain(self, table)

    monkeypatch.setattr(Undoing, "lock", stops)
    done = []
    first = Meanwhile(lambda: done.append(take_back(ChangeSet(pk=moved.pk), by=sam)))
    second = Meanwhile(lambda: done.append(take_back(ChangeSet(pk=moved.pk), by=sam)))
    first.start()
    assert claimed.wait(PATIENCE)
    second.start()
    second.join(0.5)
    go_on.set()
    first.join(PATIENCE), second.join(PATIENCE)

    if guarded:
        assert len(done) == 1
        assert isinstance(second.error, AlreadyTakenBack)
    else:
        assert len(done) == 2


@pytest.mark.parametrize("guarded", [True, False])
def test_an_edit_that_comes_between_the_look_and_the_write_is_not_lost(guarded, moved, ana, sam, monkeypatch):
    """Taking back stops after it looked for edited rows; somebody edits the card meanwhile."""
    if not guarded:
        monkeypatch.setattr(Undoing, "lock", lambda self, table: None)
    looked, go_on = Signal(), Signal()
    plain = Undoing.keep_edited

    def stops(self, table):
        plain(self, table)
        looked.set()
        go_on.wait(PATIENCE)

    monkeypatch.setattr(Undoing, "keep_edited", stops)
    undo = Meanwhile(lambda: take_back(moved, by=sam))
    edit = Meanwhile(lambda: Customer.objects.get(pk=ana.pk).edit(actor=sam.actor, city="Bruges"))
    undo.start()
    assert looked.wait(PATIENCE)
    edit.start()
    edit.join(0.5 if guarded else PATIENCE)
    go_on.set()
    undo.join(PATIENCE), edit.join(PATIENCE)

    ana.refresh_from_db()
    assert (undo.error, edit.error) == (None, None)
    assert (ana.city == "Bruges") is guarded
