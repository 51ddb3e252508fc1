from datetime import timedelta

from django.db import models
from django.utils import timezone

from shop.asking import ask_one

KEPT = timedelta(hours=48)


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

    @staticmethod
    def take_turn(client: str, key: str) -> bool:
        """False: the same request is being answered at this moment. Lasts until the end of the transaction."""
        (mine,) = ask_one(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 1))", [f"idempotency\n{client}\n{key}"]
        )
        return bool(mine)

    @classmethod
    def of(cls, client: str, key: str) -> "KeptAnswer | None":
        """Nearly always there is none, and then this costs little."""
        row = ask_one("SELECT id FROM shop_keptanswer WHERE client = %s AND key = %s", [client, key])
        return cls.objects.get(pk=row[0]) if row else None

    @classmethod
    def sweep(cls) -> int:
        return cls.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
