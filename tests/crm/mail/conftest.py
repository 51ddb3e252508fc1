"""A mail server of our own, and a mail of each sort."""

import email
import email.policy
from functools import cached_property
from socket import create_server

import pytest
from aiosmtpd.controller import Controller

from crm.mail import kinds
from crm.mail.kinds import Mail
from crm.mail.texts import shipped
from crm.models import Consent
from shop.models import Setting


class OnItsOwnPort(Controller):
    """Its port is taken from the beginning, so that nobody else gets it meanwhile."""

    def __init__(self, postbox):
        self.listener = create_server(("127.0.0.1", 0))
        super().__init__(postbox, hostname="127.0.0.1", port=self.listener.getsockname()[1], ready_timeout=120)

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self.listener)


class Postbox:
    """What an SMTP server took, and what it shall answer."""

    def __init__(self):
        self.envelopes = []
        self.answers = {}  # beginning of the recipient -> answer to RCPT
        self.after = None  # called with each mail before it is acknowledged

    async def handle_RCPT(self, server, session, envelope, address, options):
        for beginning, answer in self.answers.items():
            if address.startswith(beginning):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append(envelope)
        if self.after:
            return self.after(server)
        return "250 OK"

    @property
    def mails(self):
        return [email.message_from_bytes(e.content, policy=email.policy.default) for e in self.envelopes]

    @cached_property
    def controller(self):
        return OnItsOwnPort(self)

    def go_away(self):
        if self.controller.loop.is_running():
            self.controller.stop()


@pytest.fixture
def postbox(settings):
    """A real SMTP server, and the settings that send to it."""
    box = Postbox()
    box.controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = box.controller.port
    yield box
    box.go_away()


def wants_offers(*customers):
    for customer in customers:
        address = customer.identifiers.get(kind="email").normalised
        Consent.say(customer, "email", address, {"offers": "given"}, method="page", wording="Yes, offers.")


@pytest.fixture
def offer(monkeypatch, db):
    """A mail that is no service mail, as another room would add it; the clock of the test is no matter."""
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)
    mail = Mail("autumn", "Autumn", "offers", placeholders={"percent": "percent"})
    table = {**kinds.mails(), "autumn": mail}
    monkeypatch.setattr(kinds, "mails", lambda: table)
    monkeypatch.setattr("crm.mail.sending.mails", lambda: table)
    words = shipped("preferences_link", "en")
    monkeypatch.setattr(
        "crm.mail.texts.shipped",
        lambda template, language: (
            type(words)("autumn", "en", 0, "Autumn at {shop}", "Hello {first_name}, {percent} percent off.")
            if template == "autumn"
            else shipped(template, language)
        ),
    )
    return mail
