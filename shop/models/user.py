from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shop.models.audit_row import AuditRow
from shop.rights import ROLES


class LastAdministrator(Exception):
    """Refused: nobody would be left who can let people in."""


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(deactivated_at=None)

    def who_can_sign_in(self) -> "UserQuerySet":
        return self.active().exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)

    def administrators(self) -> "UserQuerySet":
        return self.filter(role="administrator")

    def for_the_list(self) -> "UserQuerySet":
        has = models.ExpressionWrapper(models.Q(second_factor__isnull=False), models.BooleanField())
        return self.annotate(has_second_factor=has).order_by(F("deactivated_at").asc(nulls_first=True), "name", "pk")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return (email or "").strip().lower()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=self.normalize_email(username))


class User(AbstractBaseUser):
    """A member of staff. Customers never have an account."""

    class Role(models.TextChoices):
        SUPPORT = "support", _("Support")
        MANAGER = "manager", _("Retention manager")
        ADMINISTRATOR = "administrator", _("Administrator")

    class Theme(models.TextChoices):
        SYSTEM = "", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("E-mail"), max_length=254, unique=True)
    name = models.CharField(pgettext_lazy("person", "Name"), max_length=120)
    role = models.CharField(_("Role"), max_length=16, choices=Role, default=Role.SUPPORT)
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES, default="en")
    theme = models.CharField(_("Theme"), max_length=5, choices=Theme, default=Theme.SYSTEM, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    first_steps_put_away_at = models.DateTimeField(null=True, editable=False)  # of this shop, not of the demo beside it

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [
            models.CheckConstraint(name="user_role_is_known", condition=models.Q(role__in=list(ROLES))),
            models.CheckConstraint(
                name="user_email_is_lower_case", condition=models.Q(email=models.functions.Lower("email"))
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.deactivated_at is None

    @property
    def actor(self) -> str:
        return f"staff:{self.pk}"

    def may(self, right: str) -> bool:
        return self.is_active and right in ROLES[self.role]

    @property
    def is_invited(self) -> bool:
        """Has not chosen a password yet."""
        return not self.has_usable_password()

    def put_first_steps_away(self) -> None:
        self.first_steps_put_away_at = timezone.now()
        self.save(update_fields=["first_steps_put_away_at"])

    def show_first_steps(self) -> None:
        self.first_steps_put_away_at = None
        self.save(update_fields=["first_steps_put_away_at"])

    @transaction.atomic
    def change_role(self, role: str, *, by: Any = None) -> None:
        if role != self.Role.ADMINISTRATOR:
            self._leave_an_administrator()
        former, self.role = self.role, role
        self.save(update_fields=["role"])
        AuditRow.write("staff.role_changed", by=by, subject=self, role=role, former=former)

    @transaction.atomic
    def deactivate(self, *, by: Any = None) -> None:
        """Ends every session at once (is_active is asked with each request, too) and every open link."""
        self._leave_an_administrator()
        self.deactivated_at = timezone.now()
        self.save(update_fields=["deactivated_at"])
        self.tokens.filter(used_at=None).update(used_at=timezone.now())
        self.end_sessions()
        AuditRow.write("staff.shut_out", by=by, subject=self)

    def end_sessions(self, but: str | None = None) -> int:
        """All of them, or all but the one that is stored under this digest; how many they were."""
        return self.sessions.exclude(pk=but).delete()[0]

    @transaction.atomic
    def reactivate(self, *, by: Any = None) -> None:
        self.deactivated_at = None
        self.save(update_fields=["deactivated_at"])
        AuditRow.write("staff.let_in", by=by, subject=self)

    def _leave_an_administrator(self) -> None:
        """Locks them all, so that two administrators cannot remove each other at the same moment."""
        able = User.objects.administrators().who_can_sign_in().select_for_update().order_by("pk")
        if {user.pk for user in able} == {self.pk}:
            raise LastAdministrator
