"""How sure the forecast of one customer is, told when somebody asks."""

import numpy as np
import pytest
from django.urls import reverse

from analytics import recompute
from analytics.lifetime.drawing import History
from analytics.lifetime.mbg_cnbd import MbgCnbd
from analytics.lifetime.purchases import Summary
from analytics.metrics.next_year import NextYear
from analytics.models import Generation, Scores
from tests import build
from tests.analytics.shops import AS_OF, random_shop


@pytest.fixture(scope="module")
def scores(module_db):
    random_shop(120)
    recompute.full(AS_OF)
    return list(Scores.objects.select_related("customer__figures").order_by("pk"))


def asked(client, customer):
    response = client.get(reverse("analytics:next_year", args=[customer]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.django_db
def test_what_is_drawn_is_on_average_what_is_foretold(scores):
    generation = Generation.objects.current()

    ranges = [NextYear.of(one, generation) for one in scores]

    for attribute, foretold in (("orders", "expected_365"), ("value", "value_365")):
        drawn = sum(getattr(one, attribute).expected for one in ranges)
        assert drawn == pytest.approx(sum(float(getattr(one, foretold)) for one in scores), rel=0.05)
    assert ranges[0] == NextYear.of(scores[0], generation)


@pytest.mark.django_db
def test_the_card_asks_and_is_told_in_words(scores, client, sam):
    client.force_login(sam)
    body = client.get(scores[0].customer.get_absolute_url()).content.decode()

    assert reverse("analytics:next_year", args=[scores[0].pk]) in body
    told = asked(client, scores[0].pk)
    for words in ("eight place", "orders in the next 365 days", "They spend", "buy nothing in that time"):
        assert words in told


@pytest.mark.django_db
def test_nothing_is_told_of_who_never_bought(scores, client, sam):
    client.force_login(sam)

    assert "Nothing is foretold of this customer" in asked(client, build.customer().pk)


def test_nobody_buys_who_is_gone_and_all_are_counted_until_they_leave():
    model = MbgCnbd(0.9, 4.5, 0.3, 2.1, 2)
    row = Summary.of(5, 20, 30)
    gone = History(5, 30, 10, 0.0)
    here = History(5, 30, 10, 1.0)

    assert gone.bought(model.as_dict(), 52, 500, np.random.default_rng(1)).max() == 0
    drawn = here.bought(model.as_dict(), 52, 60_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(model.expected_if_alive(row, 52)[0], rel=0.02)
