"""What a customer sees of their complaints on their own card: how far each is, and no words of staff."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.models import Complaint, CustomerToken
from tests import build


@pytest.fixture
def seen(client, ana):
    secret = CustomerToken.issue(
        purpose="me_open", lasts=timedelta(minutes=30), customer=ana, channel="email", address="ana@people.example"
    )

    def look():
        html = client.get(f"/me/open/{secret}/?lang=en").content.decode()
        return html.partition("My complaints")[2].partition("</section>")[0]

    return look


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("received", "We have it and answer by"),
        ("acknowledged", "We have answered; somebody of us takes care of it."),
        ("in_work", "Somebody of us works on it."),
        ("solved", "It is solved; you will hear from us."),
        ("told", "We have told you what was done."),
    ],
)
def test_each_open_complaint_says_how_far_it_is(ana, seen, stage, words):
    build.complaint(ana, "Rude as ever", kind="delivery", stage=stage, order=build.order(ana, reference="1001"))

    html = seen()

    assert "Delivery, order 1001" in html
    assert words in html
    assert "Rude" not in html


def test_a_time_that_was_not_kept_is_not_named(ana, seen):
    made = build.complaint(ana)
    Complaint.objects.filter(pk=made.pk).update(answer_due_at=timezone.now() - timedelta(hours=1))

    assert "Our answer takes longer than we promised." in seen()


def test_one_that_waits_for_the_customer_says_so(ana, seen):
    build.complaint(ana, stage="in_work").wait(actor="")

    assert "wait for your answer" in seen()


def test_what_is_closed_and_what_others_complained_of_is_not_there(ana, ben, seen):
    build.complaint(ana, stage="closed")
    build.complaint(ben)

    assert seen() == ""
