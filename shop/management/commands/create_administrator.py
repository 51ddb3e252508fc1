import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction

from shop.links import Purpose, link_for
from shop.models import AuditRow, User


class Command(BaseCommand):
    help = "Makes an administrator, or makes an existing member of staff one and lets them in again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="", help="needed for a new account")

    def handle(self, *, email: str, name: str, **options: Any) -> None:
        user = self._person(email, name)
        password = self._password(user)
        user.role, user.deactivated_at = User.Role.ADMINISTRATOR, None
        if password:
            user.set_password(password)
        with transaction.atomic():
            user.save()
            if password:
                user.end_sessions()
            AuditRow.write("staff.made", subject=user)
        self.stdout.write(f"{user.email} is an administrator.")
        if not password:
            self.stdout.write(f"Choose a password within seven days: {link_for(user, Purpose.INVITE)}")

    @staticmethod
    def _person(email: str, name: str) -> User:
        email = User.objects.normalize_email(email)
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"“{email}” is not an e-mail address.") from error
        known = User.objects.filter(email=email).first()
        if known is None and not name.strip():
            raise CommandError("A new account needs --name.")
        if known:
            return known
        person = User(email=email, name=name.strip()[:120])
        person.set_unusable_password()
        return person

    @staticmethod
    def _password(user: User) -> str:
        """From REGULARS_PASSWORD, else asked for on the terminal; empty: a link is printed instead."""
        password = os.environ.get("REGULARS_PASSWORD", "")
        if not password and sys.stdin.isatty():
            password = getpass.getpass("Password (empty for a link): ")
            if password and getpass.getpass("Once more: ") != password:
                raise CommandError("The two passwords are not the same; nothing was changed.")
        if password:
            try:
                validate_password(password, user)
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
        return password
