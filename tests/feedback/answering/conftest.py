"""A survey that runs, an invitation to it, and a person at the form."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from feedback.answering import tokens
from tests import build
from tests.feedback.answering.people import Person


@pytest.fixture
def nps(db):
    return build.survey("nps")


@pytest.fixture
def asked(ana, nps):
    return build.invitation(ana, nps)


@pytest.fixture
def secret(asked):
    return tokens.issue(asked)


@pytest.fixture
def person(secret):
    return Person(Client(), tokens.form_url(secret, whole=False))


@pytest.fixture
def a_day_later():
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        yield
