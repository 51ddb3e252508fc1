from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from shop.models import Heartbeat, KeptAnswer, Setting


@shared_task(name="shop.heartbeat")
def heartbeat(name: str) -> None:
    Heartbeat.beat(name)


@shared_task(name="shop.night")
def night() -> None:
    """Every ten minutes from three in the morning on; each piece of work asks for a job of this local day, once."""
    now = timezone.now().astimezone(ZoneInfo(Setting.get("shop.time_zone")))
    if now.hour >= 3:
        for path in settings.NIGHT_WORK:
            import_string(path)(now.date())


@shared_task(name="shop.sweep_answers")
def sweep_answers() -> None:
    KeptAnswer.sweep()
