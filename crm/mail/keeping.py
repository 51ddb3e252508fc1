"""For how long what was written stays readable."""

from datetime import timedelta

from django.utils import timezone

from crm.models import KeptMail
from shop.models import Setting


def sweep() -> int:
    """Mails that did not leave the machine hold links that work."""
    kept = timedelta(hours=Setting.get("privacy.copies_hours"))
    return KeptMail.objects.filter(at__lt=timezone.now() - kept).delete()[0]
