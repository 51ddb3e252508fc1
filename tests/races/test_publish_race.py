"""Somebody answers by the open link while a new version is published over one that nobody was asked with yet."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from feedback.answering import guard, recording
from feedback.models import Response, SurveyVersion
from tests import build
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def make_way(publish):
    """Without the guard: whatever nobody was asked with yet goes when the next one is published."""

    def published(self, **how):
        before = self.survey.version
        done = publish(self, **how)
        if before and not before.invitations.exists() and not before.responses.exists():
            before.take_out()
        return done

    return published


@pytest.mark.parametrize("guarded", [True, False])
def test_an_answer_in_the_instant_of_publishing_is_kept_and_so_is_what_it_answers(guarded, monkeypatch, mira):
    monkeypatch.setattr(guard, "LEAST", -1)
    survey = build.survey("nps", open_code="everybody")
    survey.open_draft().leave_out("comment")
    answered, write, published = survey.version, recording.insert, []
    if not guarded:
        monkeypatch.setattr(SurveyVersion, "publish", make_way(SurveyVersion.publish))

    def publish():
        try:
            client = signed_in(mira)
            client.raise_request_exception = False
            return client.post(reverse("feedback:survey_publish", args=[survey.pk]), {"do": "publish"}).status_code
        finally:
            connection.close()

    def published_meanwhile(*rows):
        published.append(pool.submit(publish).result())
        write(*rows)

    monkeypatch.setattr(recording, "insert", published_meanwhile)
    with ThreadPoolExecutor(1) as pool:
        address = reverse("feedback:open_form", args=["everybody"])
        stamp = guard.stamp("everybody")
        status = (
            Client(raise_request_exception=False)
            .post(address, {"q_score": "9", "comment": "", "stamp": stamp})
            .status_code
        )

    assert ((published, status) == ([302], 303)) is guarded
    assert Response.objects.get().version == answered
