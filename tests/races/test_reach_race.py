"""What a card can be reached by, kept by triggers: one adds an address while another takes the last one away.

Each stops between the statement and the commit, so that neither sees the other's row; the lock is taken away too.
"""

from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection, transaction

from crm.models import Identifier, Order, Reach
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 300
# The look that does without the locks: every card is worked out anew, whoever is adding to it.
UNGUARDED = """
CREATE OR REPLACE FUNCTION regulars_reach_again(cards bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crm_reach AS reach SET
        email = EXISTS (SELECT FROM crm_identifier WHERE customer_id = reach.customer_id AND kind = 'email'),
        phone = EXISTS (SELECT FROM crm_identifier WHERE customer_id = reach.customer_id AND kind = 'phone'),
        ordered = EXISTS (SELECT FROM crm_order WHERE customer_id = reach.customer_id AND cancelled_at IS NULL),
        bought = EXISTS (SELECT FROM crm_order WHERE customer_id = reach.customer_id AND cancelled_at IS NULL
                            AND paid_at IS NOT NULL)
     WHERE reach.customer_id = ANY (cards);
END $$;
"""


@pytest.fixture(params=["guarded", "unguarded"])
def guarded(request, db):
    """Without the guard the function is another; afterwards it is what it was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('regulars_reach_again'::regproc)")
        (plain,) = cursor.fetchone()
        if request.param == "unguarded":
            cursor.execute(UNGUARDED)
    yield request.param == "guarded"
    with connection.cursor() as cursor:
        cursor.execute(plain)


class Meanwhile(Thread):
    """A transaction of its own that stops before its commit, until it is told to go on."""

    def __init__(self, statement):
        super().__init__(daemon=True)
        self.statement, self.error = statement, None
        self.done, self.go_on = Signal(), Signal()

    def run(self):
        try:
            with transaction.atomic():
                self.statement()
                self.done.set()
                self.go_on.wait(PATIENCE)
        except Exception as error:
            self.error = error
        finally:
            connection.close()


def address(customer, value):
    return Identifier.objects.create(customer=customer, kind="email", value=value, normalised=value)


def facts(customer):
    return Reach.objects.values_list("email", "phone", "ordered", "bought").get(customer=customer)


def test_an_address_added_while_the_last_one_goes_is_known(guarded):
    cleo = build.customer("Cleo")
    old = address(cleo, "old@x.example")
    adds = Meanwhile(lambda: address(cleo, "new@x.example"))
    adds.start()
    assert adds.done.wait(PATIENCE)

    goes = Meanwhile(lambda: Identifier.objects.filter(pk=old.pk).delete())
    goes.go_on.set()
    goes.start()
    goes.join(PATIENCE)  # it waits for nobody
    adds.go_on.set()
    adds.join(PATIENCE)

    assert (adds.error, goes.error) == (None, None)
    assert facts(cleo)[0] is guarded


def test_an_order_placed_while_the_only_one_is_cancelled_is_known(guarded):
    cleo = build.customer("Cleo")
    old = build.order(cleo)
    adds = Meanwhile(lambda: build.order(cleo))
    adds.start()
    assert adds.done.wait(PATIENCE)

    goes = Meanwhile(lambda: Order.objects.filter(pk=old.pk).update(cancelled_at=old.placed_at))
    goes.go_on.set()
    goes.start()
    goes.join(PATIENCE)  # it waits for nobody
    adds.go_on.set()
    adds.join(PATIENCE)

    assert (adds.error, goes.error) == (None, None)
    assert facts(cleo)[2] is guarded
