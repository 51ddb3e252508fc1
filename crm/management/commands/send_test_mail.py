import smtplib
import socket
import ssl
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from crm.mail.outgoing import sender
from shop.models import Setting

# The first that fits is said.
SENTENCES: list[tuple[type[Exception], str]] = [
    (smtplib.SMTPAuthenticationError, "{server} does not accept the user name and password of EMAIL_URL.{said}"),
    (smtplib.SMTPSenderRefused, "{server} may not send for {sender}: choose another sender in the settings.{said}"),
    (smtplib.SMTPRecipientsRefused, "{server} does not take mail for this address.{said}"),
    (smtplib.SMTPNotSupportedError, "{server} does not offer what EMAIL_URL asks for, such as TLS.{said}"),
    (smtplib.SMTPServerDisconnected, "{server} hung up: is it the right port, with TLS or without?"),
    (smtplib.SMTPException, "{server} refused the mail.{said}"),
    (socket.gaierror, "There is no server called {host}: is EMAIL_URL spelt right?"),
    (ssl.SSLError, "{server} could not be reached safely: is it the right port for TLS, and its certificate valid?"),
    (ConnectionRefusedError, "Nothing answers at {server}: is it the right port, and is the server running?"),
    (TimeoutError, "{server} did not answer within {seconds} seconds: does a firewall stand between?"),
    (ImproperlyConfigured, "The settings are not complete: {first_line}"),
    (OSError, "{server} could not be reached ({name})."),
]


class Command(BaseCommand):
    help = "Sends one mail the way all mails go, and says in a sentence what is wrong when it does not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="who gets it")

    def handle(self, *args: Any, **options: Any) -> None:
        address = options["address"]
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"{address} is no e-mail address.") from None
        shop = Setting.get("shop.name")
        mail = EmailMultiAlternatives(f"A test from {shop}", f"Mails of {shop} arrive here.\n", sender(), [address])
        mail.attach_alternative("<p>Mails arrive here.</p>", "text/html")
        try:
            mail.send()
        except Exception as error:
            raise CommandError(what_is_wrong(error)) from None
        self.stdout.write(self._said(address))

    def _said(self, address: str) -> str:
        if not settings.MAIL_LEAVES:
            why = "this is the demo" if settings.SHOP == "demo" else "neither EMAIL_URL nor EMAIL_PROVIDER is set"
            return f"It was kept on this machine, since {why}. Read it in the shop, under Mail."
        return f"Sent from {sender()} to {address}. Look there, also among the spam, and at how its sender is shown."


def what_is_wrong(error: Exception) -> str:
    """One sentence an administrator can act upon."""
    for kinds, sentence in SENTENCES:
        if isinstance(error, kinds):
            return sentence.format(
                server=f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
                host=settings.EMAIL_HOST,
                seconds=settings.EMAIL_TIMEOUT,
                sender=sender(),
                said=_said_by(error),
                first_line=next(iter(str(error).splitlines()), ""),
                name=type(error).__name__,
            )
    if type(error).__module__.startswith("anymail."):
        status = getattr(error, "status_code", None)
        answer = f" ({status})" if status else ""
        return f"{settings.EMAIL_PROVIDER} did not take the mail{answer}: check its key and the sender."
    return f"The mail could not be sent ({type(error).__name__})."


def _said_by(error: Exception) -> str:
    """What the server itself said, when it said something."""
    text: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, text = error.smtp_code, error.smtp_error
    else:
        return ""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return f" It said: {code} {' '.join(words.split())[:200]}"
