"""After an older backup was restored: erase once more whoever was erased since it was made."""

from typing import Any

from django.core.management.base import BaseCommand

from crm.models import Erasure
from crm.privacy import replay
from crm.privacy.erasing import AlreadyErased, erase
from crm.privacy.jobs import remove_now


class Command(BaseCommand):
    help = "Erase again everybody who was erased before and is back, as after restoring an older backup."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, **options: Any) -> None:
        back = replay.back_again()
        if options["dry_run"]:
            self.stdout.write(f"{len(back)} cards would be erased again.")
            return
        erased = 0
        for customer in back:
            try:
                erase(customer, why=Erasure.Why.AGAIN)
                erased += 1
            except AlreadyErased:  # with the card it had been merged into
                continue
        left = remove_now()
        self.stdout.write(f"{erased} people erased again, {len(back)} cards in all.")
        if left:
            self.stdout.write(f"{left} files could not be removed; they are tried again every hour.")
