"""The mails that ask, in the language of the customer."""

import re

import pytest

from crm.mail.kinds import mail_named
from crm.mail.rendering import preview, render
from crm.mail.texts import shipped
from crm.models import Message
from feedback.inviting import planning
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_quiet_hours():
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)


def written(customer, kind="nps", **fields):
    build.invitation(customer, build.survey(kind), sent=False, **fields)
    planning.plan_due()
    return render(Message.objects.get())


def test_each_score_is_a_link_that_opens_the_form(ana):
    mail = written(ana)

    links = re.findall(r'href="([^"]+/f/[^"]+)"[^>]*>(\d+)<', mail.html)
    assert [(label, address.rpartition("?")[2]) for address, label in links] == [
        (str(n), f"score={n}") for n in range(11)
    ]
    assert len({address.partition("?")[0] for address, _label in links}) == 1
    assert "not at all" in mail.html
    assert "10: http" in mail.text
    assert mail.unsubscribe.startswith("http")


def test_what_is_kept_of_it_has_no_link_that_works(ana):
    mail = written(ana)

    (secret,) = set(re.findall(r"/f/([\w-]{20,})", mail.html))
    kept = mail.without_secrets()
    assert secret not in kept["html"] + kept["text"]


def test_the_language_of_the_customer_is_chosen(cleo):
    build.order(cleo)
    type(cleo).objects.filter(pk=cleo.pk).update(language="pl")

    mail = written(cleo)

    assert "jedno krótkie pytanie" in mail.subject
    assert "Na ile?" in mail.html


def test_a_survey_without_a_score_has_a_button_alone(ana):
    mail = written(ana, "own")

    assert "?score=" not in mail.html
    assert "Answer here" in mail.html


def test_asked_again_after_a_low_score_the_mail_says_so(ana):
    assert "is it better now" in written(ana, trigger="reask").subject


@pytest.mark.parametrize("language", ["en", "ru", "uk", "pl"])
@pytest.mark.parametrize("name", ["survey_invitation", "survey_reminder", "survey_again"])
def test_every_mail_has_words_in_every_language(name, language):
    mail = preview(mail_named(name), shipped(name, language))

    assert mail.html.count("?score=") == 11
