"""Work beside the main thread."""

import threading

import pytest

from analytics.beside import Beside, one_ahead

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("here", [True, False])
def test_what_has_not_begun_is_done_by_whoever_waits_where_that_is_allowed(here):
    go_on = threading.Event()
    with Beside() as beside:
        before = beside.start(go_on.wait)
        late = beside.start(threading.get_ident, here_if_late=here)
        if not here:
            go_on.set()
        where = late()
        go_on.set()
        before()

    assert (where == threading.get_ident()) is here


def test_the_next_is_read_while_somebody_looks_at_the_one_before():
    begun = threading.Event()
    reads = [lambda: 1, lambda: begun.set() or 2, lambda: 3]
    found = one_ahead(reads)

    assert next(found) == 1
    assert begun.wait(10)
    assert list(found) == [2, 3]


def test_where_nothing_is_to_be_read_there_is_nothing():
    assert list(one_ahead([])) == []
