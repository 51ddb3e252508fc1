import re
import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from shop.links import Purpose, link_for
from shop.models import Job, StaffToken, Throttle, User
from shop.tasks import mail_invite, mail_reset
from tests import build
from tests.shop.test_access_table import rows_written

NEW = "seven green lamps"


def ask(client, email):
    return client.post("/password/", {"email": email})


def post_the_mail():
    """Do what a worker does with the jobs that were asked for."""
    for job in Job.objects.due():
        {"shop.mail_reset": mail_reset, "shop.mail_invite": mail_invite}[job.kind](job.pk)


def path_in(message):
    return re.search(r"http://[^/]+(/\S+)", message.body)[1]


def test_a_forgotten_password_is_replaced_by_way_of_a_mail(client, sam):
    ask(client, sam.email)
    post_the_mail()
    path = path_in(mail.outbox[0])

    assert client.get(path).status_code == 200
    assert client.post(path, {"password": NEW}).headers["Location"] == "/login/"

    sam.refresh_from_db()
    assert sam.check_password(NEW)
    assert mail.outbox[0].to == [sam.email]


def test_the_answer_and_the_work_are_the_same_for_somebody_unknown(client, sam):
    known, unknown = ask(client, sam.email), ask(client, "nobody@shop.example")
    post_the_mail()

    text = known.content.decode().replace(sam.email, "X")
    assert re.sub(r'name="csrf\S+ value="\S+"|req\S+', "", text) == re.sub(
        r'name="csrf\S+ value="\S+"|req\S+', "", unknown.content.decode().replace("nobody@shop.example", "X")
    )
    assert Job.objects.count() == 2
    assert len(mail.outbox) == 1


def test_no_job_holds_an_e_mail_or_a_secret(client, sam):
    ask(client, sam.email)
    post_the_mail()

    job = Job.objects.get()
    assert job.params == {"user": sam.pk}
    assert (job.state, job.result) == ("done", {})


def test_a_mail_server_that_does_not_answer_is_tried_again(client, sam, monkeypatch):
    def away(self):
        raise smtplib.SMTPServerDisconnected

    ask(client, sam.email)
    with monkeypatch.context() as patch:
        patch.setattr("shop.links.EmailMessage.send", away)
        post_the_mail()
    job = Job.objects.get()
    assert (job.state, job.attempts) == ("queued", 1)

    Job.objects.update(due_at=timezone.now())
    post_the_mail()

    assert len(mail.outbox) == 1


def test_a_link_is_good_for_one_hour(client, sam):
    with time_machine.travel(timezone.now()) as clock:
        path = link_for(sam, Purpose.RESET).removeprefix("http://127.0.0.1:8000")
        clock.shift(timedelta(minutes=59))
        assert client.get(path).status_code == 200

        clock.shift(timedelta(minutes=2))

        assert client.get(path).status_code == 404


def test_whatever_is_wrong_with_a_link_looks_the_same(client, sam):
    used = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=sam)
    Client().post(f"/password/{used}/", {"password": NEW})
    late = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=-1), user=sam)
    other_purpose = StaffToken.issue(purpose=Purpose.INVITE, lasts=timedelta(hours=1), user=sam)
    gone = build.user()
    of_somebody_gone = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=gone)
    gone.deactivate()

    answers = [
        client.get(f"/password/{secret}/") for secret in ("x" * 43, "é", used, late, other_purpose, of_somebody_gone)
    ]

    assert {r.status_code for r in answers} == {404}
    assert len({re.sub(rb'value="[^"]{64}"|/password/[^"]+/', b"", r.content) for r in answers}) == 1


def test_opening_a_link_changes_nothing_and_one_of_two_posts_wins(client, sam):
    secret = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=sam)
    before = rows_written()
    for _ in range(3):
        assert client.get(f"/password/{secret}/").status_code == 200
    assert rows_written() == before
    assert StaffToken.objects.get().used_at is None

    first, second = StaffToken.objects.get(), StaffToken.objects.get()

    assert first.choose_password(NEW)
    assert not second.choose_password("another password")
    sam.refresh_from_db()
    assert sam.check_password(NEW)


def test_a_new_password_ends_the_other_links_and_the_open_sessions(as_support, sam):
    secret, other = (StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=sam) for _ in range(2))

    Client().post(f"/password/{secret}/", {"password": NEW})

    assert as_support.get("/profile/").status_code == 302
    assert StaffToken.find(other, purpose=Purpose.RESET) is None


def test_a_weak_password_is_refused_with_the_reason_and_leaves_the_link_good(client, sam):
    secret = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=sam)

    response = client.post(f"/password/{secret}/", {"password": "sam"})

    assert response.status_code == 422
    assert "at least 10 characters" in response.content.decode()
    assert StaffToken.find(secret, purpose=Purpose.RESET)


def test_a_page_behind_a_secret_tells_nobody_where_it_was(client, sam):
    secret = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=sam)

    response = client.get(f"/password/{secret}/")

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "<script" not in response.content.decode()


def test_a_browser_that_sends_no_referrer_can_use_the_form_and_another_site_cannot(sam):
    browser = Client(enforce_csrf_checks=True)
    secret = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=sam)

    def post(site):
        headers = {"origin": "null", "sec-fetch-site": site}
        return browser.post(f"/password/{secret}/", {"password": NEW}, headers=headers).status_code

    assert (post("cross-site"), post("same-origin")) == (403, 302)


def test_secrets_never_reach_the_log(client, sam, caplog):
    secret = StaffToken.issue(purpose=Purpose.RESET, lasts=timedelta(hours=1), user=sam)

    client.get(f"/password/{secret}/")
    client.get("/password/not-one/")
    client.post("/login/?q=hidden", {"email": sam.email, "password": "hidden"})

    lines = [str(vars(record)) for record in caplog.records if record.name.startswith("shop")]
    assert len(lines) == 3
    assert all(word not in line for line in lines for word in (secret, "not-one", "hidden", sam.email))
    assert "password/<str:secret>/" in lines[0]


def test_links_and_guesses_are_counted(client, sam):
    for _ in range(5):
        ask(client, sam.email)
    assert Job.objects.count() == 3

    answers = [client.get(f"/password/{n}/").status_code for n in range(31)]
    assert answers == [404] * 30 + [429]
    assert Throttle.objects.count() == 3


def test_an_invitation_becomes_an_account(as_administrator, client):
    as_administrator.post("/settings/staff/", {"email": "Nina@shop.example", "name": "N", "role": "manager"})
    post_the_mail()
    path = path_in(mail.outbox[0])

    response = client.post(path, {"name": "Nina Wolff", "password": NEW})

    nina = User.objects.get(email="nina@shop.example")
    assert (response.status_code, nina.name, nina.role) == (302, "Nina Wolff", "manager")
    assert client.get("/profile/").status_code == 200
    assert Client().get(path).status_code == 404


def test_an_invitation_sent_again_works_and_after_a_week_it_is_over(as_administrator, client):
    with time_machine.travel(timezone.now()) as clock:
        as_administrator.post("/settings/staff/", {"email": "nina@shop.example", "name": "N", "role": "support"})
        nina = User.objects.get(email="nina@shop.example")
        as_administrator.post(f"/settings/staff/{nina.pk}/invitation/")
        post_the_mail()
        first, second = map(path_in, mail.outbox)
        clock.shift(timedelta(days=6))
        assert client.get(second).status_code == 200

        clock.shift(timedelta(days=2))

        assert client.get(first).status_code == 404


@pytest.mark.parametrize("language", ["en", "ru", "uk", "pl"])
def test_mails_have_a_subject_of_one_line_in_each_language(sam, language):
    User.objects.update(language=language)
    Job.request("shop.mail_reset", user=sam.pk)
    Job.request("shop.mail_invite", user=sam.pk)
    post_the_mail()

    for message in mail.outbox:
        assert message.subject
        assert "\n" not in message.subject
        assert path_in(message)
