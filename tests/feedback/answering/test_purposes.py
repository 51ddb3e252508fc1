"""A secret opens what it was made for and nothing else: every purpose of every link, at every address with a secret."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import CustomerToken
from feedback.models import InvitationToken
from shop.access import all_patterns
from shop.models import StaffToken
from tests import build

HOUR = timedelta(hours=1)
ANSWER = InvitationToken.Purpose.ANSWER
OPENS = {
    "crm:preferences": {"preferences", "me_open"},
    "crm:unsubscribe": {"unsubscribe"},
    "crm:me_card": {"me_card"},
    "crm:me_open": {"me_open"},
    "feedback:form": {ANSWER},
    "shop:reset": {"reset"},
    "shop:invitation": {"invite"},
}


@pytest.fixture
def secrets(ana, sam):
    """{purpose: a live secret}."""
    to_ana = {"customer": ana, "channel": "email", "address": "ana@people.example", "lasts": HOUR}
    purposes = [value for name, value in vars(CustomerToken.Purpose).items() if name.isupper()]
    made = {one: CustomerToken.issue(purpose=one, topic="offers", **to_ana) for one in purposes}
    made |= {one: StaffToken.issue(purpose=one, lasts=HOUR, user=sam) for one in ("reset", "invite")}
    asked = build.invitation(ana, build.survey("nps"))
    return made | {ANSWER: InvitationToken.issue(purpose=ANSWER, lasts=HOUR, invitation=asked)}


@pytest.mark.parametrize("name", OPENS)
def test_a_secret_opens_only_what_it_was_made_for(name, secrets):
    client = Client(REMOTE_ADDR="203.0.113.7")

    opened = {
        purpose for purpose, secret in secrets.items() if client.get(reverse(name, args=[secret])).status_code == 200
    }

    assert opened == OPENS[name]


def test_no_address_with_a_secret_is_forgotten():
    # Of pages of the same purposes.
    parts = {"crm:me_data", "crm:me_copy", "crm:me_copy_file", "crm:me_card_asked", "crm:me_close"}
    posts = {"feedback:form_opened", "feedback:me_answer"}
    of_staff = {"crm:webhook_secret", "crm_api:webhook_secret"}  # makes another one

    named = {name for route, name, _pattern in all_patterns() if "secret" in route}
    assert named == {*OPENS, *parts, *posts, *of_staff}
