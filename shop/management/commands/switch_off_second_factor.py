from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from shop.models import AuditRow, SecondFactor, User
from shop.signing_in import look_at_codes_again


class Command(BaseCommand):
    help = "Switches the second factor of a member of staff off, whose phone and recovery codes are lost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)

    @transaction.atomic
    def handle(self, *, email: str, **options: Any) -> None:
        user = User.objects.filter(email=User.objects.normalize_email(email)).first()
        if user is None:
            raise CommandError("There is nobody of this e-mail.")
        if not SecondFactor.take_from(user):
            self.stdout.write(f"{user.email} has no second factor.")
            return
        look_at_codes_again(user)
        AuditRow.write("second_factor.taken", subject=user)
        self.stdout.write(f"{user.email} signs in with the password alone, and is signed out everywhere.")
