import hashlib
import secrets
from typing import Any, Literal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import IntegrityError, models, transaction
from django.db.models import F, Func, Value
from django.utils import timezone

from shop import totp
from shop.sealing import Unreadable, seal, unseal

PURPOSE = "second factor"
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another


class SecondFactor(models.Model):
    """The authenticator app of a member of staff, and the codes for the day it is lost. Every code works once."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="second_factor"
    )
    secret = models.CharField(max_length=255)
    last_step = models.BigIntegerField()
    recovery = ArrayField(models.CharField(max_length=64), default=list)
    since = models.DateTimeField(default=timezone.now)

    @classmethod
    def switch_on(cls, user: Any, secret: str, typed: str) -> list[str] | None:
        """The recovery codes, which cannot be read again. None: the code is wrong, or there is a second factor."""
        step = totp.step_of(secret, digits_of(typed))
        if step is None:
            return None
        factor = cls(user=user, secret=seal(secret, PURPOSE), last_step=step)
        codes = factor._new_codes()
        try:
            with transaction.atomic():
                factor.save(force_insert=True)
        except IntegrityError:
            return None
        return codes

    @classmethod
    @transaction.atomic
    def take_from(cls, user: Any) -> bool:
        """For somebody who lost it. Signed out everywhere: whoever found the phone may hold a session, too."""
        taken, _each = cls.objects.filter(user=user).delete()
        if taken:
            user.end_sessions()
        return bool(taken)

    def renew_codes(self) -> list[str]:
        codes = self._new_codes()
        self._row.update(recovery=self.recovery)
        return codes

    def accepts(self, typed: str) -> Literal["app", "recovery"] | None:
        """Uses the code up, and says of which kind it was. Of two who type it at the same time one gets in."""
        if self._accepts_of_app(digits_of(typed)):
            return "app"
        return "recovery" if self._accepts_recovery(typed) else None

    def _accepts_of_app(self, typed: str) -> bool:
        try:
            step = totp.step_of(unseal(self.secret, PURPOSE), typed)
        except Unreadable:
            return False
        # The condition is the lock: a step that was used, and every one before it, is over.
        return step is not None and bool(self._row.filter(last_step__lt=step).update(last_step=step))

    def _accepts_recovery(self, typed: str) -> bool:
        digest = self._digest("".join(char for char in typed.lower() if char.isalnum()))
        rest = Func(F("recovery"), Value(digest), function="array_remove")
        return bool(self._row.filter(recovery__contains=[digest]).update(recovery=rest))

    @property
    def _row(self) -> models.QuerySet["SecondFactor"]:
        return SecondFactor.objects.filter(pk=self.pk)

    def _new_codes(self) -> list[str]:
        """Four times four of 31 letters, 79 bits: too many to be guessed back from a plain hash."""
        codes = ["".join(secrets.choice(_LETTERS) for _ in range(16)) for _ in range(RECOVERY_CODES)]
        self.recovery = [self._digest(code) for code in codes]
        return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]

    @staticmethod
    def _digest(code: str) -> str:
        return hashlib.sha256(f"recovery:{code}".encode("utf-8", "replace")).hexdigest()


def digits_of(typed: str) -> str:
    """Apps show the code in two groups; anything but its digits would never match."""
    joined = "".join(typed.split())
    return joined if joined.isascii() and joined.isdecimal() else ""
