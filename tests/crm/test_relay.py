import pytest

from crm.events.relay import Relay


class Broker:
    def __init__(self):
        self.away = False
        self.tried = []
        self.taken = []

    def __call__(self, task, args):
        self.tried.append(task)
        if self.away:
            raise ConnectionError
        self.taken.append(task)


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def relay(broker):
    relay = Relay(send=broker)
    relay.work_lists = [lambda: [("first", []), ("second", [])]]
    return relay


def test_while_redis_is_away_one_try_a_look_is_enough_and_then_everything_is_sent(relay, broker):
    broker.away = True
    assert relay.look(called=True) == 0
    assert broker.tried == ["first"]

    broker.away = False

    assert relay.look(called=False) == 2
    assert broker.taken == ["first", "second"]


def test_an_outage_is_one_line_in_the_log(relay, broker, caplog):
    broker.away = True
    for _ in range(3):
        relay.look(called=True)
    assert len(caplog.records) == 1

    broker.away = False
    relay.look(called=True)
    broker.away = True
    relay.sent.clear()
    relay.look(called=True)

    assert len(caplog.records) == 2


def test_a_work_list_that_fails_does_not_keep_the_others_from_being_looked_through(relay, broker):
    def broken():
        raise LookupError

    relay.work_lists.insert(0, broken)

    assert relay.look(called=True) == 2
