"""After a backup was restored: nothing goes out twice, and nobody comes back who had been erased."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from crm.models import Message


class Command(BaseCommand):
    help = "After a backup was restored, before anybody works: hold back every waiting mail and erase_again."

    def handle(self, *args: Any, **options: Any) -> None:
        held = Message.park_all()
        self.stdout.write(f"{held} waiting mails are held back; under Mail, “Not arrived”, each can be sent after all.")
        call_command("erase_again", stdout=self.stdout)
