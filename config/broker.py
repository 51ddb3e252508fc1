"""Kombu's Redis transport, with one gap closed: a worker that goes deaf after an outage."""

from kombu.transport import redis, virtual


class ForgivingQoS(redis.QoS):
    """A message whose acknowledgement fails gives its place in the prefetch window back.

    Otherwise, with a window of one message a process, a worker takes nothing more until it is restarted: Redis
    hung while a task ended, and the connection that waits for messages never noticed. The message comes again
    after the visibility timeout; the work behind it is claimed in the database, so that nothing is done twice.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


redis.Channel.QoS = ForgivingQoS
