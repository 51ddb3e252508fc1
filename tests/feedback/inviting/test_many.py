"""A survey for a segment: looked at first, sent once, taken back while it waits."""

import pytest
from django.urls import reverse

from crm.mail import sending
from crm.models import Message
from feedback.inviting import many, planning
from feedback.models import Invitation
from shop.models import Job, Setting
from tests import build

pytestmark = pytest.mark.django_db
KEY = "1" * 32


@pytest.fixture(autouse=True)
def _no_quiet_hours():
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)


def send(client, survey, **more):
    told = {"all": "1", "question": "", "survey": survey.pk, "key": KEY, "do": "1", **more}
    answer = client.post(reverse("feedback:invite_many"), told)
    job = Job.objects.filter(kind=many.INVITE).latest("pk")
    many.invite_segment(job.pk)
    job.refresh_from_db()
    return answer, job


def test_the_page_says_who_would_get_it_and_writes_nothing(ana, cleo, as_manager):
    build.survey("nps")

    page = as_manager.get(reverse("feedback:invite_many"), {"all": "1", "question": ""}).content.decode()

    assert "Send a survey to 2 customers" in page
    assert "The customer has not allowed it yet." in page
    assert not Invitation.objects.exists()


def test_it_is_sent_once_and_can_be_taken_back_while_it_waits(ana, ben, cleo, as_manager):
    survey = build.survey("nps")

    answer, job = send(as_manager, survey)
    send(as_manager, survey)
    planning.plan_due()

    assert answer.status_code == 302
    assert sorted(Invitation.objects.values_list("state", "why")) == [
        ("not_sent", "not_asked"),
        ("waiting", ""),
        ("waiting", ""),
    ]
    assert Message.objects.due().count() == 0

    page = as_manager.get(reverse("feedback:sending", args=[job.pk])).content.decode()
    assert "On their way" in page
    as_manager.post(reverse("feedback:sending_undo", args=[job.pk]))
    Message.objects.update(due_at="2026-01-01T00:00Z")
    sending.send_due()
    assert set(Message.objects.values_list("state", "why")) == {("not_sent", "no_longer_true")}
    assert Invitation.objects.filter(why="called_off").count() == 2


def test_stopped_on_its_way_nobody_is_asked(ana, as_manager, monkeypatch, mira):
    survey = build.survey("nps")
    job = many.ask(survey, "all=1&question=", by=mira, key=KEY)

    def cancelled(*args, **more):
        Job.objects.filter(pk=job.pk).update(cancel_requested_at="2026-01-01T00:00Z")
        return plain(*args, **more)

    plain = many.invite_many
    monkeypatch.setattr(many, "invite_many", cancelled)
    monkeypatch.setattr(many, "PART", 1)
    build.customer("Dan")
    many.invite_segment(job.pk)

    job.refresh_from_db()
    assert job.state == "cancelled"
    assert set(Invitation.objects.values_list("why", flat=True)) == {"called_off"}


def test_nobody_selected_leads_back(as_manager):
    assert as_manager.get(reverse("feedback:invite_many")).status_code == 302
