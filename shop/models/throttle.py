import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from shop.asking import ask


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
# Counts need not outlive a power cut, so nobody waits for the disk: whoever counts at the same time would wait, too.
NOT_WAITING = "set_config('synchronous_commit', 'off', true)"


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
        return cls.hit_each([(scope, key, limit)], per)[0]

    @classmethod
    def hit_each(cls, tries: Sequence[tuple[str, str, int]], per: timedelta) -> list[Verdict]:
        """The same for several (scope, key, limit) in one statement; everybody names the scopes in the same order."""
        limits = [limit for _scope, _key, limit in tries]
        values = {**cls._moments(per), "limit": max(limits)}
        for n, (scope, key, _limit) in enumerate(tries):
            values |= {f"scope{n}": scope, f"digest{n}": cls._digest(key)}
        rows = ask(_hits(len(tries), connection.in_atomic_block), values)
        return [
            cls.verdict(hits, limit, ends_at, values["now"])
            for limit, (hits, ends_at, *_rest) in zip(limits, rows, strict=True)
        ]

    @classmethod
    def one_hit(cls, scope: str, key: str, limit: int, per: timedelta) -> dict[str, Any]:
        """What HIT is given."""
        return {"scope": scope, "digest": cls._digest(key), "limit": limit, **cls._moments(per)}

    @staticmethod
    def _moments(per: timedelta) -> dict[str, Any]:
        now = timezone.now()
        return {"now": now, "ends_at": now + per}

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
    def give_back(cls, scope: str, key: str) -> None:
        """One try was a good one."""
        cls.objects.filter(scope=scope, digest=cls._digest(key), hits__gt=0).update(hits=models.F("hits") - 1)

    @classmethod
    def used_up(cls, scope: str, keys: Iterable[str], limit: int) -> set[str]:
        """Those of whom one more try would not be within the limit."""
        by_digest = {cls._digest(key): key for key in keys}
        full = cls.objects.filter(scope=scope, digest__in=list(by_digest), hits__gte=limit, ends_at__gt=timezone.now())
        return {by_digest[bytes(digest)] for digest in full.values_list("digest", flat=True)}

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


@cache
def _hits(tries: int, within_more: bool) -> str:
    """`within_more`: a transaction that does other things, too, which must be on disk when it is over."""
    rows = ", ".join(f"(%(scope{n})s, %(digest{n})s, 1, %(ends_at)s)" for n in range(tries))
    return HIT.format(values=f"VALUES {rows}") + ("" if within_more else f", {NOT_WAITING}")
