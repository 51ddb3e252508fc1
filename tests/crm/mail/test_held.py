"""All mail can be held back at once, as after a restore."""

import pytest

from crm.mail import sending
from crm.models import Message
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db


def test_mail_that_is_held_back_stays_in_the_queue_until_somebody_lets_it_go(as_administrator, ana):
    waiting = build.message(ana)
    Setting.put("mail.held", True)

    assert (sending.due(), sending.send_due()) == ([], 0)
    assert Message.objects.get(pk=waiting.pk).state == "queued"
    assert "Every mail is held back" in as_administrator.get("/mail/").content.decode()

    Setting.put("mail.held", False)
    assert sending.due() == [("crm.send_mail", [0])]
