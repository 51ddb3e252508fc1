import hashlib
import secrets
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from shop.models.audit_row import AuditRow


class Token(models.Model):
    """A secret in a link: 256 random bits, of which only the SHA-256 is stored, bound to one purpose."""

    purpose = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32, unique=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @classmethod
    def issue(cls, *, purpose: str, lasts: timedelta | None, **owner: Any) -> str:
        """Returns the secret; it cannot be read again."""
        secret = secrets.token_urlsafe(32)
        expires_at = timezone.now() + lasts if lasts else None
        cls._default_manager.create(
            purpose=purpose, digest=cls._digest(purpose, secret), expires_at=expires_at, **owner
        )
        return secret

    @classmethod
    def find(cls, secret: str, *, purpose: str) -> Self | None:
        """Unknown, expired, used and malformed look the same: None."""
        return cls._live().filter(digest=cls._digest(purpose, secret)).first()

    def use(self) -> bool:
        """False: someone else used it first."""
        return bool(self._live().filter(pk=self.pk).update(used_at=timezone.now()))

    @classmethod
    def _live(cls) -> models.QuerySet[Self]:
        not_expired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return cls._default_manager.filter(not_expired, used_at=None)

    @staticmethod
    def _digest(purpose: str, secret: str) -> bytes:
        return hashlib.sha256(f"{purpose}:{secret}".encode("utf-8", "replace")).digest()


class StaffToken(Token):
    class Purpose:
        RESET = "reset"
        INVITE = "invite"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")

    @classmethod
    def of_staff(cls, secret: str, *, purpose: str) -> "StaffToken | None":
        """The live token of somebody who may still sign in."""
        token = cls.find(secret, purpose=purpose)
        return token if token and token.user.is_active else None

    @transaction.atomic
    def choose_password(self, password: str, **fields: Any) -> bool:
        """Use the link up, and every other one of the same purpose. False: someone else used it first."""
        if not self.use():
            return False
        for name, value in fields.items():
            setattr(self.user, name, value)
        self.user.set_password(password)
        self.user.save(update_fields=["password", *fields])
        self.user.tokens.filter(purpose=self.purpose, used_at=None).update(used_at=timezone.now())
        self.user.end_sessions()
        joins = self.purpose == self.Purpose.INVITE
        AuditRow.write("staff.joined" if joins else "staff.password_changed", by=self.user)
        return True
