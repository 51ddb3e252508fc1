"""Fifty posts of one link at once. Without the guard, which looks and marks in one statement, many are stored."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from feedback.answering import guard, tokens
from feedback.models import Invitation, Response
from tests import build

POSTS = 50
pytestmark = pytest.mark.django_db(transaction=True)


def look_then_mark(barrier):
    """Who saw no answer yet gives one, whoever else saw none."""

    def mark_answered(self, at):
        free = not Invitation.objects.filter(pk=self.pk, state="answered").exists()
        barrier.wait(300)
        return bool(free and Invitation.objects.filter(pk=self.pk).update(state="answered", answered_at=at))

    return mark_answered


@pytest.mark.parametrize("guarded", [True, False])
def test_fifty_posts_of_one_link_are_one_answer(guarded, monkeypatch, ana):
    monkeypatch.setattr(guard, "LEAST", -1)
    monkeypatch.setattr(guard, "PER_LINK", POSTS)
    if not guarded:
        monkeypatch.setattr(Invitation, "mark_answered", look_then_mark(Barrier(POSTS)))
    survey = build.survey("nps", names="nameless")  # with a name, a unique key would hold as well
    secret = tokens.issue(build.invitation(ana, survey))
    address, stamp = tokens.form_url(secret, whole=False), guard.stamp(secret)

    def post(number):
        try:
            return Client().post(address, {"q_score": number % 11, "stamp": stamp}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(POSTS) as pool:
        statuses = set(pool.map(post, range(POSTS)))

    assert (Response.objects.count() == 1) is guarded
    assert statuses <= {200, 303}
