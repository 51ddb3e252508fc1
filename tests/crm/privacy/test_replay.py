"""Who was erased is known outside the database, and is erased again when an older backup brings them back."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from crm.models import Customer, Erasure, Event, FileToRemove, Identifier
from crm.privacy import replay
from crm.privacy.erasing import erase
from crm.privacy.jobs import remove_now, sweep_erased


@pytest.fixture
def erased(ana, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        erase(ana, why="asked")
    return ana


def bring_back(customer):
    """As an older backup would: the card as it was, no certificate."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('regulars.reason', 'retention:test', true)")
        cursor.execute("DELETE FROM crm_reaction; DELETE FROM crm_event")
        cursor.execute("SELECT set_config('regulars.reason', '', true)")
    Erasure.objects.all().delete()
    Customer.objects.filter(pk=customer.pk).update(given_name="Ana", family_name="Lindqvist", erased_at=None)
    Identifier.objects.create(
        customer=customer, kind="email", value="ana@people.example", normalised="ana@people.example"
    )


def test_the_file_holds_a_number_and_a_moment_and_nothing_of_the_person(erased, settings):
    text = settings.ERASED_FILE.read_text()

    assert f'"id": {erased.pk}' in text
    assert "ana" not in text.lower()
    assert settings.ERASED_FILE.stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_down_when_the_erasure_is_rolled_back(ana, settings, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=False):
        erase(ana, why="asked")

    assert not settings.ERASED_FILE.exists()


def test_an_older_backup_brings_nobody_back(erased):
    bring_back(erased)
    said = StringIO()

    call_command("erase_again", stdout=said)

    erased.refresh_from_db()
    assert erased.name == ""
    assert Erasure.objects.get().why == "again"
    assert not Identifier.objects.exists()
    assert "1 people" in said.getvalue()


def test_erasing_again_twice_does_nothing_more(erased):
    bring_back(erased)
    call_command("erase_again", stdout=StringIO())
    said = StringIO()

    call_command("erase_again", stdout=said)

    assert "0 people" in said.getvalue()
    assert Event.objects.filter(kind="customer.erased").count() == 1


def test_somebody_new_with_the_same_number_is_left_alone(erased):
    bring_back(erased)
    Customer.objects.filter(pk=erased.pk).update(created_at=erased.created_at + timedelta(hours=1))

    call_command("erase_again", stdout=StringIO())

    assert not Erasure.objects.exists()


def test_a_dry_run_only_counts(erased):
    bring_back(erased)
    said = StringIO()

    call_command("erase_again", "--dry-run", stdout=said)

    assert "1 cards" in said.getvalue()
    assert not Erasure.objects.exists()


def test_what_a_crash_kept_from_the_file_is_caught_up(ana, settings):
    erase(ana, why="asked")
    settings.ERASED_FILE.write_text('{"id": torn')

    sweep_erased()

    assert {pk for pk, _made in replay.remembered()} == {ana.pk}


def test_a_file_that_will_not_go_is_tried_again(ana, settings):
    blocked = settings.MEDIA_ROOT / "a-folder"
    blocked.mkdir()
    FileToRemove.objects.create(path="a-folder")

    assert remove_now() == 1
    blocked.rmdir()
    blocked.write_text("now a file")

    assert remove_now() == 0
    assert not blocked.exists()


def test_what_came_in_during_an_erasure_goes_with_the_next_sweep(ana):
    erase(ana, why="asked")
    ana.notes.create(kind="note", body="Ana called while she was being erased.")

    sweep_erased()

    assert not ana.notes.exists()
