"""How often the till and the ledger go to the database: each statement more is paid for by everybody who waits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty.models import Account, Checkout
from tests.loyalty.till.making import Till, lines, points

pytestmark = pytest.mark.django_db


def statements(verb):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        verb()
    return len(seen)


def test_a_redemption_goes_to_the_database_as_seldom_as_it_can(ana):
    points(ana, 1000)
    till = Till()
    body = {"customer": {"id": ana.pk}, "lines": lines("20.00"), "use_points": 5}
    till.sell("1000", **body)

    held = statements(lambda: till.hold("1001", **body))
    checkout = Checkout.objects.latest("pk").pk
    paid = statements(lambda: till.commit(checkout))

    sold = statements(lambda: till.at_once("1002", **body))

    assert held <= 14  # two more than in a shop: the transaction is a savepoint in a test
    assert paid <= 14
    assert sold <= 15


def test_each_verb_of_the_ledger_is_a_handful_of_statements(ana):
    points(ana, 1000)
    account = Account.objects.get()
    hold = []

    taken = [
        statements(lambda: account.spend(5, reason="reward", key="s")),
        statements(lambda: hold.append(account.hold(5, reference="W-1", key="h"))),
        statements(lambda: hold[0].commit(key="c")),
    ]

    assert taken == [6, 6, 6]  # two of each are the savepoint: whose turn, said before or locked, the sums, the rows
