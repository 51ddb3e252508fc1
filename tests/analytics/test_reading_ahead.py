"""Purchase days are read some customers at a time, the next while the ones before are counted."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Mod

from analytics import recompute
from analytics.metrics import asking, history
from analytics.metrics.asking import Question
from analytics.metrics.groups import Group
from analytics.metrics.spans import Span
from analytics.models import AskedFigures, Generation
from crm.models import Customer
from tests.analytics.shops import AS_OF, random_shop

MONTH = Span.of(AS_OF - timedelta(days=1), "month")


@pytest.fixture(scope="module")
def shop(module_db):
    random_shop(60)
    recompute.full(AS_OF)


@pytest.fixture
def made(shop, db):
    return Generation.objects.current()


def asked(generation, group):
    AskedFigures.objects.all().delete()
    spans = [MONTH, MONTH.before, Span(date(2025, 3, 5), date(2026, 4, 10))]
    return asking.sums(generation, [Question(span, group) for span in spans])


def other_half():
    return Group("half", members=lambda span: Customer.objects.annotate(half=Mod("pk", 2)).filter(half=0).values("pk"))


@pytest.mark.parametrize("group", [Group(), other_half()], ids=["everybody", "a group"])
def test_figures_are_the_same_however_many_customers_are_read_at_once(made, monkeypatch, group):
    at_once, members = asked(made, group), list(history.parts(group.ids(MONTH)))
    monkeypatch.setattr(history, "PART", 7)

    parts = list(history.parts(group.ids(MONTH)))

    assert len(members) == 1 < len(parts)
    assert [id for part in parts for id in part.customers] == members[0].customers.tolist()
    assert [rounded(sums.as_dict()) for sums in asked(made, group)] == [rounded(sums.as_dict()) for sums in at_once]


def rounded(value):
    """Money added up in another order differs in the last digits."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_whoever_stops_in_the_middle_leaves_a_connection_that_works(made, monkeypatch):
    monkeypatch.setattr(history, "PART", 7)

    def stop(_part):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        list(map(stop, history.parts()))

    assert len(list(history.parts())) > 3
    assert Generation.objects.count() == 1
