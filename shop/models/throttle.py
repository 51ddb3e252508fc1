import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone


@dataclass(frozen=True)
class Verdict:
    """`left`: how many more are allowed in this window; `retry_after`: whole seconds until the next window."""

    allowed: bool
    left: int
    retry_after: int

    @property
    def minutes(self) -> int:
        return -(-self.retry_after // 60)


# Two parallel requests cannot both read "one left": PostgreSQL counts and answers in one statement.
HIT = """
    INSERT INTO shop_throttle AS t (scope, digest, hits, ends_at)
    {values}
    ON CONFLICT ON CONSTRAINT throttle_counts_a_key_once DO UPDATE
       SET hits = CASE WHEN t.ends_at <= %(now)s THEN 1 ELSE least(t.hits, %(limit)s) + 1 END,
           ends_at = CASE WHEN t.ends_at <= %(now)s THEN excluded.ends_at ELSE t.ends_at END
    RETURNING hits, ends_at
"""
_HIT = HIT.format(values="VALUES (%(scope)s, %(digest)s, 1, %(ends_at)s)")


class Throttle(models.Model):
    """How often something was tried in a window that began with the first try. The key is kept only as a digest."""

    scope = models.CharField(max_length=32)
    digest = models.BinaryField(max_length=32)
    hits = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "digest"], name="throttle_counts_a_key_once")]
        indexes = [models.Index(fields=["ends_at"], name="throttle_ends")]

    @classmethod
    def hit(cls, scope: str, key: str, limit: int, per: timedelta) -> Verdict:
        """Count one try, then say whether it was within the limit."""
        values = cls.one_hit(scope, key, limit, per)
        with connection.cursor() as cursor:
            cursor.execute(_HIT, values)
            hits, ends_at = cursor.fetchone()
        return cls.verdict(hits, limit, ends_at, values["now"])

    @classmethod
    def one_hit(cls, scope: str, key: str, limit: int, per: timedelta) -> dict[str, Any]:
        """What HIT is given."""
        now = timezone.now()
        return {"scope": scope, "digest": cls._digest(key), "now": now, "ends_at": now + per, "limit": limit}

    @classmethod
    def look(cls, scope: str, key: str, limit: int) -> Verdict:
        """Whether one more try would be within the limit; counts nothing."""
        now = timezone.now()
        found = cls.objects.filter(scope=scope, digest=cls._digest(key), ends_at__gt=now).first()
        return cls.verdict(found.hits + 1 if found else 1, limit, found.ends_at if found else now, now)

    @classmethod
    def forget(cls, scope: str, key: str) -> None:
        """The tries turned out to be good ones."""
        cls.objects.filter(scope=scope, digest=cls._digest(key)).delete()

    @classmethod
    def sweep(cls) -> int:
        return cls.objects.filter(ends_at__lt=timezone.now()).delete()[0]

    @staticmethod
    def verdict(hits: int, limit: int, ends_at: datetime, now: datetime) -> Verdict:
        seconds = max(int((ends_at - now).total_seconds()) + 1, 1)
        return Verdict(allowed=hits <= limit, left=max(limit - hits, 0), retry_after=seconds)

    @staticmethod
    def _digest(key: str) -> bytes:
        # Keyed: e-mails and addresses are few enough to be guessed back from a plain hash.
        return hmac.digest(settings.SECRET_KEY.encode(), key.encode("utf-8", "replace"), hashlib.sha256)
