"""bin/manage send_test_mail ADDRESS: sends one, or says what is wrong."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def run(address="owner@shop.example"):
    out = StringIO()
    call_command("send_test_mail", address, stdout=out)
    return out.getvalue()


def test_it_is_sent(postbox, settings):
    settings.MAIL_LEAVES = True

    assert "Sent from" in run()
    assert postbox.mails[0]["To"] == "owner@shop.example"


def test_kept_on_this_machine_is_said(settings):
    settings.EMAIL_BACKEND = "crm.mail.mailbox.MailboxBackend"

    assert "kept on this machine" in run()


def test_what_is_wrong_is_said_in_a_sentence(postbox, settings):
    postbox.answers["owner"] = "550 5.7.1 Relaying denied"
    with pytest.raises(CommandError, match=r"does not take mail for this address\. It said: 550 5\.7\.1"):
        run()

    postbox.go_away()
    with pytest.raises(CommandError, match=r"Nothing answers at 127\.0\.0\.1"):
        run()

    settings.EMAIL_HOST = "no-such-host.invalid"
    with pytest.raises(CommandError, match=r"There is no server called no-such-host\.invalid"):
        run()

    with pytest.raises(CommandError, match="is no e-mail address"):
        run("nonsense")
