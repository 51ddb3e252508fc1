"""After a backup was restored: nothing goes out twice, and nobody comes back who had been erased."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from crm.events import feed
from crm.models import Delivery, Message
from shop.models import Job, Setting


class Command(BaseCommand):
    help = (
        "After a backup was restored, before anybody works: hold back every mail and webhook that waits, end the long"
        " work that was under way, and erase_again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        feed.begin_anew()
        held = Message.park_all()
        self.stdout.write(f"{held} waiting mails are held back; under Mail, “Not arrived”, each can be sent after all.")
        Setting.put("mail.held", True)
        self.stdout.write("No new mail leaves until Settings, Mail, “Hold every mail back” is taken back.")
        held = Delivery.park_all()
        self.stdout.write(f"{held} messages to webhooks are held back; under each webhook, “Failed”, they can be sent.")
        now = timezone.now()
        ended = Job.objects.live().update(
            state=Job.State.CANCELLED, error="a backup was restored", ended_at=now, cancel_requested_at=now
        )
        self.stdout.write(f"{ended} jobs that were waiting or under way are ended; ask for them again.")
        call_command("erase_again", stdout=self.stdout)
