from zoneinfo import ZoneInfo

from celery import shared_task
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string

from shop.jobs import job
from shop.links import Purpose, send_link
from shop.models import Heartbeat, Job, KeptAnswer, Setting, Throttle


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


@job("shop.mail_reset")
def mail_reset(job: Job) -> None:
    send_link(job, Purpose.RESET)


@job("shop.mail_invite")
def mail_invite(job: Job) -> None:
    send_link(job, Purpose.INVITE)


@shared_task(name="shop.sweep")
def sweep() -> None:
    """What is only kept for a while goes when its time is over."""
    Throttle.sweep()
    KeptAnswer.sweep()
    call_command("clearsessions")
