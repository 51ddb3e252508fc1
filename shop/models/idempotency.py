from datetime import timedelta

from django.db import models
from django.utils import timezone

from shop.asking import ask_one
from shop.inserting import insert_unless_there

KEPT = timedelta(hours=48)
_TURN = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 1)),
       (SELECT id FROM shop_keptanswer WHERE client = %s AND key = %s)
"""


class KeptAnswer(models.Model):
    """What a client was answered to a request with an Idempotency-Key; written in the transaction of the effect."""

    client = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=64)
    content = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "key"], name="one_answer_per_client_and_key")]
        indexes = [models.Index(fields=["at"], name="kept_answer_at")]

    @classmethod
    def take_turn(cls, client: str, key: str) -> "tuple[bool, KeptAnswer | None]":
        """False: the same request is being answered at this moment. The turn lasts until the end of the transaction.

        Nearly always nothing was answered before, and then this costs little. Whoever was answered between the look
        and the turn is not seen yet; then `keep` does not keep a second one.
        """
        turn, found = ask_one(_TURN, [f"idempotency\n{client}\n{key}", client, key])
        return turn, cls.objects.get(pk=found) if turn and found else None

    def keep(self) -> bool:
        """False: the same request has just been answered."""
        return insert_unless_there(self)

    @classmethod
    def sweep(cls) -> int:
        return cls.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
