from datetime import date, timedelta

import pytest
from django.utils import timezone

from crm.duplicates.merging import CannotMerge, merge
from crm.models import Customer, Event, Identifier, Merge
from crm.models.known_by import KnownBy
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna():
    """Ana's second card, made a year later."""
    anna = build.customer("Anna Lindqvist", email="anna@work.example", city="Lund", birthday=date(1990, 3, 1))
    build.order(anna, "30.00", at=10)
    build.note(anna)
    return anna


def test_everything_of_the_card_that_goes_follows(ana, anna, sam):
    build.task(sam, customer=anna)

    merge(ana, anna, actor=sam.actor, by=sam)

    assert (ana.orders.count(), anna.orders.count()) == (6, 0)
    assert (ana.notes.count(), ana.tasks.count()) == (1, 1)
    assert {known.value for known in ana.identifiers.all()} >= {"ana@people.example", "anna@work.example"}
    assert Customer.objects.get_or_404(anna.pk) == ana


def test_both_cards_tell_who_merged_them(ana, anna, sam):
    merged = merge(ana, anna, actor=sam.actor, by=sam)

    told = Event.objects.filter(kind="customer.merged").order_by("customer")
    assert [event.customer_id for event in told] == sorted([ana.pk, anna.pk])
    assert {event.actor for event in told} == {sam.actor}
    assert told[0].data == {"merge": merged.pk, "stays": ana.pk, "goes": anna.pk}


def test_only_what_was_chosen_is_taken_from_the_card_that_goes(ana, anna, sam):
    merge(ana, anna, actor=sam.actor, taken={"city", "birthday"})

    ana.refresh_from_db()
    assert (ana.name, ana.city, ana.birthday) == ("Ana Lindqvist", "Lund", date(1990, 3, 1))


def test_the_merged_card_is_as_old_as_the_older_one_and_keeps_an_objection(ana, sam):
    long_ago = timezone.now() - timedelta(days=900)
    old = build.customer("Ana L", created_at=long_ago, unprofiled_since=long_ago)

    merge(ana, old, actor=sam.actor)

    ana.refresh_from_db()
    assert ana.created_at == ana.unprofiled_since == long_ago


def test_what_a_card_may_have_once_is_not_there_twice(ana, sam):
    double = build.customer("Ana L", email="ana@people.example")

    merge(ana, double, actor=sam.actor)

    assert Identifier.objects.filter(normalised="ana@people.example").count() == 1


def test_old_card_numbers_and_chains_lead_to_the_card_that_stays(ana, ben, cleo, sam):
    build.identifier(ana, "card", "4003000111")

    merge(ben, ana, actor=sam.actor)
    merge(cleo, ben, actor=sam.actor)

    assert Customer.objects.get_or_404(ana.pk) == cleo
    assert KnownBy(source="till", card="4003000111").find() == cleo


def test_an_order_that_comes_for_a_merged_card_goes_to_the_one_that_stays(ana, anna, sam):
    merge(ana, anna, actor=sam.actor)

    assert KnownBy(source="till", email="anna@work.example").find_or_create() == ana
    assert anna.held() == ana


@pytest.mark.parametrize("again", ["the same way", "the other way"])
def test_a_card_that_went_already_is_not_merged_again(ana, anna, sam, again):
    merge(ana, anna, actor=sam.actor)

    with pytest.raises(CannotMerge) as refused:
        merge(*((ana, anna) if again == "the same way" else (anna, ana)), actor=sam.actor)

    assert (refused.value.why, refused.value.card) == ("merged", ana)
    assert Merge.objects.count() == 1


def test_a_card_is_not_merged_with_itself(ana, sam):
    with pytest.raises(CannotMerge, match="same"):
        merge(ana, ana, actor=sam.actor)


def test_the_figures_of_both_cards_are_marked_stale(ana, anna, sam):
    from analytics.models import Stale
    from crm.events.reactions import run_due

    merge(ana, anna, actor=sam.actor)
    run_due("analytics.reactions.mark_stale")

    assert set(Stale.objects.values_list("pk", flat=True)) == {ana.pk, anna.pk}
