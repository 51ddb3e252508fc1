"""Some of very many stand for all of them, and the page says so."""

from collections import Counter

import pytest
from django.urls import reverse

from crm.models import Customer
from crm.segments import sampling
from crm.segments.sampling import Sample, sample
from tests import build

pytestmark = pytest.mark.django_db


def test_of_few_everybody_is_looked_at(ana, ben, cleo):
    looked_at = sample(Customer.objects.present())

    assert sorted(looked_at.ids) == [ana.pk, ben.pk, cleo.pk]
    assert not looked_at.about
    assert looked_at.scaled(Counter({"": 2})) == {"": 2}


def test_of_many_the_same_ones_each_time_and_no_more_than_asked_for():
    Customer.objects.bulk_create(Customer(given_name=f"No. {n}") for n in range(400))

    first, again = (sample(Customer.objects.present(), most=100) for _ in range(2))

    assert first.picked == 400
    assert first.ids == again.ids
    assert 50 < len(first.ids) <= 100


def test_what_some_of_many_say_is_told_to_two_digits():
    looked_at = Sample(1_000_000, [*range(5000)])

    assert looked_at.scaled(Counter({"": 4777, "no_address": 1})) == {"": 960_000, "no_address": 200}


def test_the_page_says_from_how_many_it_knows(as_manager, monkeypatch):
    build.survey("nps")
    Customer.objects.bulk_create(Customer(given_name=f"No. {n}") for n in range(60))
    monkeypatch.setattr(sampling.sample, "__defaults__", (20,))

    page = as_manager.get(reverse("feedback:invite_many"), {"all": "1", "question": ""}).content.decode()

    assert "Send a survey to 60 customers" in page
    assert "About: told from" in page
