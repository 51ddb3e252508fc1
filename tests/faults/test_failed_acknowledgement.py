"""A worker whose acknowledgement Redis did not take must go on taking messages."""

import pytest
from celery import current_app
from kombu import Consumer, Queue
from kombu.transport import redis

from config.broker import ForgivingQoS


def deaf_after_a_failed_ack(qos_class, monkeypatch):
    monkeypatch.setattr(redis.Channel, "QoS", qos_class)
    queue = Queue("acknowledgements", auto_delete=True)
    taken = []
    with (
        current_app.connection_for_write() as connection,
        connection.channel() as channel,
        Consumer(channel, queue, callbacks=[lambda body, message: taken.append(message)]) as consumer,
    ):
        consumer.purge()
        consumer.qos(prefetch_count=1)
        connection.default_channel.basic_publish(channel.prepare_message("{}"), exchange="", routing_key=queue.name)
        connection.drain_events(timeout=300)
        assert not channel.qos.can_consume()

        with monkeypatch.context() as outage:
            outage.setattr(channel.qos, "_remove_from_indices", hangs)
            with pytest.raises(TimeoutError):
                taken[0].ack()

        return not channel.qos.can_consume()


def hangs(*args):
    raise TimeoutError


def test_a_worker_goes_on_after_an_acknowledgement_that_failed(monkeypatch):
    assert not deaf_after_a_failed_ack(ForgivingQoS, monkeypatch)


def test_without_our_change_it_would_take_nothing_more(monkeypatch):
    assert deaf_after_a_failed_ack(redis.QoS, monkeypatch)
