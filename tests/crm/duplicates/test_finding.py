from datetime import date

import pytest

from crm.duplicates.finding import find_all, look_again
from crm.duplicates.merging import merge
from crm.duplicates.stragglers import follow
from crm.events.reactions import run_due
from crm.models import Customer, Duplicate
from tests import build

pytestmark = pytest.mark.django_db
BORN = date(1990, 3, 1)


def pairs():
    return {(pair.first.name, pair.second.name): pair.reasons for pair in Duplicate.objects.open()}


def test_the_same_email_or_phone_makes_a_pair(ana, ben):
    build.customer("Anna L", email=" ANA@people.example ")
    build.customer("B Okafor", phone="+44 7700 900333")
    build.identifier(ben, "phone", "+447700900333")

    find_all()

    assert pairs() == {("Ana Lindqvist", "Anna L"): ["email"], ("Ben Okafor", "B Okafor"): ["phone"]}


def test_a_very_like_name_makes_a_pair_only_with_the_same_birthday(db):
    build.customer("Kristina Novak", birthday=BORN)
    build.customer("Cristina Novak", birthday=BORN)
    build.customer("Kristina Novak", birthday=date(1991, 3, 1))
    build.customer("Ben Okafor", birthday=BORN)

    find_all()

    assert pairs() == {("Kristina Novak", "Cristina Novak"): ["birthday"]}


def test_names_in_the_other_order_are_alike(db):
    build.customer("Lindqvist Ana", birthday=BORN)
    build.customer("Ana Lindqvist", birthday=BORN)

    assert find_all() == 1


def test_the_same_name_makes_it_likelier_and_another_birthday_less_likely(ana):
    twin = build.customer("Ana Lindqvist", email="ana@people.example")
    find_all()
    likely = Duplicate.objects.get().strength

    Customer.objects.filter(pk=ana.pk).update(birthday=BORN)
    Customer.objects.filter(pk=twin.pk).update(birthday=date(1960, 1, 1))
    find_all()

    assert Duplicate.objects.get().strength < likely
    assert likely >= 75


def test_an_address_of_a_whole_school_is_no_hint(db):
    for number in range(9):
        build.customer(f"Teacher {number}", email="post@school.example")

    assert find_all() == 0


def test_what_is_no_longer_alike_leaves_the_queue_and_what_was_said_stays(ana, ben, cleo, mira):
    twin = build.customer("Ana L", email="ana@people.example")
    find_all()
    Duplicate.dismiss(ben.pk, cleo.pk, by=mira)

    twin.identifiers.all().delete()
    find_all()

    assert Duplicate.objects.get().dismissed_by == mira


def test_two_people_stay_two_people_however_often_is_looked(ana, mira):
    twin = build.customer("Ana L", email="ana@people.example")
    find_all()

    assert Duplicate.dismiss(twin.pk, ana.pk, by=mira)
    find_all()
    look_again([ana.pk])

    assert pairs() == {}
    assert not Duplicate.dismiss(ana.pk, twin.pk, by=mira)


def test_who_is_not_one_of_two_is_not_the_merged_card_either(ana, ben, mira):
    twin = build.customer("Ana L", email="ana@people.example")
    Duplicate.dismiss(twin.pk, ben.pk, by=mira)

    merge(ana, twin, actor=mira.actor)

    assert Duplicate.objects.pair(ana.pk, ben.pk).get().dismissed_by == mira


def test_an_edit_is_enough_to_find_a_pair(ana, cleo, sam):
    cleo.change_contact("email", None, "ana@people.example", actor=sam.actor)
    run_due("crm.duplicates.reactions.look_again")

    assert pairs() == {("Ana Lindqvist", "Cleo Marczak"): ["email"]}


def test_merged_cards_are_not_looked_at(ana, mira):
    twin = build.customer("Ana L", email="ana@people.example")
    merge(ana, twin, actor=mira.actor)

    assert find_all() == 0


def test_rows_that_were_on_their_way_during_a_merge_follow_at_night(ana, ben, mira):
    merge(ana, ben, actor=mira.actor)
    late = build.note(ben)

    assert follow() == 1
    late.refresh_from_db()
    assert late.customer == ana
    assert follow() == 0
