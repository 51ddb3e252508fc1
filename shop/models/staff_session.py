from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _


class StaffSessionQuerySet(models.QuerySet["StaffSession"]):
    def going_on(self) -> "StaffSessionQuerySet":
        """Those that neither rested too long nor are too old; the last used first."""
        now = timezone.now()
        rested = now - timedelta(seconds=settings.SESSION_IDLE_LIMIT)
        begun = now - timedelta(seconds=settings.SESSION_ABSOLUTE_LIMIT)
        return self.filter(seen_at__gte=rested, since__gte=begun).order_by("-seen_at", "pk")


class StaffSession(AbstractBaseSession):
    """Django's session, with what its owner wants to know of it. Its key is a digest, so it may be named.

    Written by shop.sessions with every change of it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=32, blank=True)
    system = models.CharField(max_length=32, blank=True)

    objects = StaffSessionQuerySet.as_manager()  # type: ignore[assignment,misc]

    class Meta:
        pass

    @property
    def device(self) -> str:
        if self.browser and self.system:
            return _("%(browser)s on %(system)s") % {"browser": self.browser, "system": self.system}
        return self.browser or self.system or _("An unknown device")
