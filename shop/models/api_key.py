import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from shop.asking import ask_one
from shop.models.audit_row import AuditRow
from shop.models.throttle import HIT, NOT_WAITING, Throttle, Verdict
from shop.rights import RIGHTS

_FORM = re.compile(r"rg_([0-9a-f]{12})\.([\w-]{43})", re.ASCII)

# Two requests of one key must not wait for each other over a note of when it was used.
_USED = """
    UPDATE shop_apikeyuse SET at = %(now)s
     WHERE key_id IN (SELECT key_id FROM shop_apikeyuse WHERE key_id = %(key)s AND (at IS NULL OR at < %(before)s)
                         FOR UPDATE SKIP LOCKED)
"""


class TwoKeysLive(Exception):
    """A client has at most two live keys: the one in use, and the one that takes over."""


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self, at: Any = None) -> "ApiKeyQuerySet":
        """Neither withdrawn nor expired, and whoever made it is still a member of staff."""
        lasting = Q(expires_at=None) | Q(expires_at__gt=at or timezone.now())
        made_by_staff = Q(made_by=None) | Q(made_by__deactivated_at=None)
        return self.filter(lasting, made_by_staff, withdrawn_at=None)

    def for_the_list(self) -> "ApiKeyQuerySet":
        """Those that open something first, then the newest of the others."""
        return self.select_related("use", "made_by").order_by(F("withdrawn_at").desc(nulls_first=True), "name", "-pk")[
            :100
        ]


class ApiKey(models.Model):
    """How a program gets in: `rg_<identity>.<secret>`, of which the secret is kept only as an HMAC.

    Keys of one name are one client: its answers and limits go on while one key takes over from the other.
    """

    name = models.CharField(max_length=64)
    identity = models.CharField(max_length=12, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=32))
    slot = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="api_keys")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="api_key_slot_is_one_of_two", condition=Q(slot__in=[1, 2])),
            models.UniqueConstraint(
                fields=["name", "slot"], name="api_key_has_two_slots", condition=Q(withdrawn_at=None)
            ),
        ]

    is_authenticated = True

    def __str__(self) -> str:
        return f"{self.name} (rg_{self.identity})"

    @classmethod
    @transaction.atomic
    def make(
        cls, name: str, scopes: Iterable[str], *, by: Any = None, lasts: timedelta | None = None
    ) -> tuple["ApiKey", str]:
        """The key, and the text to hand out; it cannot be read again. Raises TwoKeysLive, LookupError."""
        scopes = sorted(set(scopes))
        if not scopes or (unknown := set(scopes) - set(RIGHTS)):
            raise LookupError(f"There is no scope {', '.join(sorted(unknown)) if scopes else 'given'}.")
        identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        key = cls(
            name=name,
            identity=identity,
            digest=cls._digest(identity, secret),
            scopes=scopes,
            slot=cls._free_slot(name),
            made_by=by,
            expires_at=timezone.now() + lasts if lasts else None,
        )
        try:
            with transaction.atomic():
                key.save(force_insert=True)
        except IntegrityError as error:
            raise TwoKeysLive(name) from error
        ApiKeyUse.objects.create(key=key)
        AuditRow.write("key.made", by=by, subject=key, scopes=scopes)
        return key, f"rg_{identity}.{secret}"

    @classmethod
    def find(cls, presented: str) -> "ApiKey | None":
        """Unknown, malformed, expired and withdrawn look the same: None."""
        form = _FORM.fullmatch(presented)
        if not form:
            return None
        identity, secret = form.groups()
        key = next(iter(cls.objects.raw(_live_one(), {"identity": identity, "now": timezone.now()})), None)
        if key is None or not hmac.compare_digest(bytes(key.digest), cls._digest(identity, secret)):
            return None
        return key

    @classmethod
    def enter(cls, presented: str, limit: int, per: timedelta) -> "tuple[ApiKey, Verdict] | None":
        """As `find`, and counts the request against the limit of the key."""
        form = _FORM.fullmatch(presented)
        if not form:
            return None
        identity, secret = form.groups()
        values = Throttle.one_hit("api", cls(identity=identity).actor, limit, per)
        values |= {"identity": identity, "secret": cls._digest(identity, secret)}
        row = ask_one(_entering(), values)
        if row is None:
            return None
        *fields, hits, ends_at, _lasting = row
        return cls._of_row(fields), Throttle.verdict(hits, limit, ends_at, values["now"])

    @classmethod
    def _of_row(cls, values: list[Any]) -> "ApiKey":
        *fields, used_at = values
        key = cls.from_db(connection.alias, [field.attname for field in cls._meta.concrete_fields], fields)
        key.used_at = used_at  # type: ignore[attr-defined]
        return key

    @property
    def orphaned(self) -> bool:
        return self.made_by is not None and not self.made_by.is_active

    def may(self, right: str) -> bool:
        return right in self.scopes

    @property
    def actor(self) -> str:
        return f"key:{self.identity}"

    @property
    def client(self) -> str:
        return self.name

    def used(self) -> None:
        """Note the minute of its last use."""
        now = timezone.now()
        before = now - timedelta(minutes=1)
        used_at = getattr(self, "used_at", None)
        if used_at and used_at >= before:
            return
        with connection.cursor() as cursor:
            cursor.execute(_USED, {"key": self.pk, "now": now, "before": before})

    @transaction.atomic
    def withdraw(self, *, by: Any = None) -> bool:
        """At once. False: it was withdrawn before."""
        now = timezone.now()
        if not ApiKey.objects.filter(pk=self.pk, withdrawn_at=None).update(withdrawn_at=now):
            return False
        self.withdrawn_at = now
        AuditRow.write("key.withdrawn", by=by, subject=self)
        return True

    @classmethod
    def _free_slot(cls, name: str) -> int:
        """Keys that no longer open anything give their slot back."""
        kept = cls.objects.filter(name=name, withdrawn_at=None)
        kept.exclude(pk__in=cls.objects.live().values("pk")).update(withdrawn_at=timezone.now())
        taken = set(kept.values_list("slot", flat=True))
        if taken == {1, 2}:
            raise TwoKeysLive(name)
        return 2 if 1 in taken else 1

    @staticmethod
    def _digest(identity: str, secret: str) -> bytes:
        return salted_hmac("regulars.api_key", f"{identity}.{secret}", algorithm="sha256").digest()


@cache
def _live_one() -> str:
    """Every request begins with this; put together once a process, because that takes longer than asking."""
    identity, moment = "", datetime(2000, 1, 1, tzinfo=UTC)
    found = ApiKey.objects.live(moment).filter(identity=identity).annotate(used_at=F("use__at"))
    sql, values = found.query.sql_with_params()
    names = {identity: "%(identity)s", moment: "%(now)s"}
    return str(sql % tuple(names[value] for value in values))


@cache
def _entering() -> str:
    """The same, and the request is counted, by whoever has the secret only."""
    hit = HIT.format(values="SELECT %(scope)s, %(digest)s, 1, %(ends_at)s FROM found WHERE found.digest = %(secret)s")
    return (
        f"WITH found AS ({_live_one()}), hit AS ({hit})"
        f" SELECT found.*, hit.hits, hit.ends_at, {NOT_WAITING}"
        " FROM found CROSS JOIN hit"
    )


class ApiKeyUse(models.Model):
    """When a key was last used, to the minute. Apart from the key, because reading writes it."""

    key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="use")
    at = models.DateTimeField(null=True)
