"""Ways to the form besides a mail: an open link, a frame, a QR code, one's own card, staff, a program, a trial."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.contact.links import CARD_OPEN
from crm.models import CustomerToken, Event
from feedback.models import Brand, Invitation, InvitationToken, Response, Survey
from shop.models import KeptAnswer, Setting
from tests import build
from tests.api import Program
from tests.feedback.answering.people import Person
from tests.feedback.figures.giving import give, monday


def said(response):
    return response.content.decode()


@pytest.fixture
def opened(nps):
    type(nps).objects.filter(pk=nps.pk).update(open_code="counter")
    return nps


@pytest.fixture
def passer_by(opened):
    return Person(Client(headers={"Accept-Language": "en"}), "/s/counter/")


@pytest.fixture
def staff(client, mira):
    client.force_login(mira)
    return client


def test_a_passer_by_answers_and_is_nobody(passer_by):
    page = said(passer_by.opens("?score=4"))
    assert "do not learn who you are" in page
    assert 'value="4" class="low" checked' in page

    sent = passer_by.sends(q_score="4", q_comment="Queue.")

    assert said(passer_by.opens("?done=1")).count("Thank you") == 2
    answer = Response.objects.get()
    assert (sent.status_code, answer.channel, answer.customer, answer.score) == (303, "open", None, 4)


def test_a_form_sent_twice_is_one_answer(passer_by):
    stamp = passer_by.stamp()

    for _time in range(3):
        assert passer_by.sends(q_score="4", stamp=stamp).status_code == 303

    assert Response.objects.count() == 1


def test_what_was_asked_when_the_form_was_opened_is_what_is_answered(passer_by, opened):
    page = said(passer_by.opens())
    address, stamp = re.search(r'method="post" action="([^"]+)"', page)[1].replace("&amp;", "&"), passer_by.stamp()
    opened.open_draft().leave_out("comment")
    opened.draft.publish(by=None, actor="")

    sent = passer_by.sends(address, q_score="4", q_comment="Queue.", stamp=stamp)

    answer = Response.objects.get()
    assert (sent.status_code, answer.version.number, answer.comment) == (303, 1, "Queue.")
    assert passer_by.sends(q_score="5").status_code == 303
    assert passer_by.sends("?v=99", q_score="6").status_code == 303
    assert sorted(Response.objects.values_list("version__number", flat=True)) == [1, 2, 2]


def test_an_open_link_of_a_survey_that_pauses_says_so(passer_by, opened):
    opened.pause(actor="")
    assert (passer_by.opens().status_code, "makes a pause" in said(passer_by.opens())) == (410, True)

    assert passer_by.client.get("/s/other/").status_code == 404
    assert passer_by.client.get(f"/s/{'x' * 99}/").status_code == 404


def test_only_the_sites_of_the_setting_may_frame_it(passer_by):
    frame = Person(passer_by.client, "/s/counter/frame/")
    assert "frame-ancestors 'none'" in frame.opens().headers["Content-Security-Policy"]

    Setting.put("feedback.widget_sites", "https://tea.example/\nhttps://x.example; script-src *\nnonsense")

    answer = frame.opens()
    assert answer.headers["Content-Security-Policy"].endswith(
        "frame-ancestors https://tea.example; manifest-src 'self'"
    )
    assert "X-Frame-Options" not in answer.headers
    assert passer_by.opens().headers["X-Frame-Options"] == "DENY"
    frame.sends(q_score="9")
    assert Response.objects.get().channel == "widget"


def test_one_script_tag_puts_the_frame_where_it_stands(passer_by, opened):
    Brand.objects.create(pk=Brand.ONLY, name='</script>"; alert(1)//')

    script = passer_by.client.get("/s/counter/widget.js")

    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "/s/counter/frame/" in said(script)
    assert '\\"; alert(1)' in said(script)
    assert opened.name not in said(script), "its name is for staff"
    assert passer_by.client.get("/s/other/widget.js").status_code == 404


def test_staff_make_an_open_link_and_print_its_code(staff, nps):
    address = f"/feedback/surveys/{nps.pk}/ways/"
    assert staff.get(f"{address}qr.png").status_code == 404

    staff.post(address, {"way": "new"})

    nps.refresh_from_db()
    assert Event.objects.filter(kind="survey.changed", subject_id=nps.pk).latest("pk").data["what"] == "link"
    page = said(staff.get(address))
    assert f"/s/{nps.open_code}/" in page
    assert f"/s/{nps.open_code}/widget.js" in page
    assert staff.get(f"{address}qr.png").content.startswith(b"\x89PNG")
    assert b"<svg" in staff.get(f"{address}qr.svg").content
    staff.post(address, {"way": "close"})
    nps.refresh_from_db()
    assert nps.open_code is None


@pytest.mark.parametrize("way", ["new", "close"])
def test_a_link_that_is_printed_already_comes_back_by_undo(staff, nps, way):
    Survey.objects.filter(pk=nps.pk).update(open_code="printed-code")
    address = f"/feedback/surveys/{nps.pk}/ways/"

    page = said(staff.post(address, {"way": way}, follow=True))
    assert "printed-code/" not in page
    assert f"{address}?back=printed-code" in page

    page = said(staff.post(f"{address}?back=printed-code", follow=True))
    assert "/s/printed-code/" in page
    assert "How likely?" in page


def test_the_link_of_another_survey_is_not_taken_by_undo(staff, nps):
    other = build.survey("csat", open_code="printed-code")

    staff.post(f"/feedback/surveys/{nps.pk}/ways/?back=printed-code", {"way": "new"})

    assert [Survey.objects.get(pk=one.pk).open_code == "printed-code" for one in (nps, other)] == [False, True]


def test_staff_write_down_what_a_customer_says(staff, mira, ana, asked, nps):
    assert str(nps) in said(staff.get(f"/customers/{ana.pk}/answers/"))
    address = f"/customers/{ana.pk}/answers/{nps.pk}/"
    assert "tells you" in said(staff.get(address))
    assert staff.post(address, {}).status_code == 422

    staff.post(address, {"q_score": "2", "q_comment": "Said so."})

    answer = Response.objects.get()
    assert (answer.assisted_by, answer.channel, answer.invitation) == (mira, "staff", asked)
    staff.post(address, {"q_score": "8"})
    assert Invitation.objects.filter(customer=ana, state="answered").count() == 2


def test_typed_words_stay_in_another_language_whichever_way_one_came(passer_by, staff, nps, ana):
    ways = [(passer_by.client, "/s/counter/"), (passer_by.client, "/s/counter/frame/")]
    ways += [(staff, f"/customers/{ana.pk}/answers/{nps.pk}/"), (staff, f"/feedback/surveys/{nps.pk}/preview/")]

    for client, address in ways:
        page = client.post(f"{address}?lang=pl", {"q_score": "3", "q_comment": "Cold.", "show": "pl"})

        assert (page.status_code, "Na ile?" in said(page)) == (200, True), address
        assert said(page).count(" checked") == 1
        assert ">Cold.</textarea>" in said(page)
    assert not Response.objects.exists()


def test_only_pages_with_a_secret_hide_where_one_came_from(staff, ana, asked, nps, person):
    """Else the guard of the session refuses what staff send: a browser then says it came from nowhere."""
    hides = [
        "no-referrer" in said(page)
        for page in (
            person.opens(),
            staff.get(f"/feedback/surveys/{nps.pk}/preview/"),
            staff.get(f"/customers/{ana.pk}/answers/{nps.pk}/"),
        )
    ]

    assert hides == [True, False, False]


def test_an_open_invitation_stands_on_ones_own_card(ana, asked):
    how = {"customer": ana, "channel": "email", "address": "ana@people.example"}
    secret = CustomerToken.issue(purpose=CustomerToken.Purpose.ME_OPEN, lasts=CARD_OPEN, **how)
    card, client = f"/me/open/{secret}/", Client()
    assert f'name="invitation" value="{asked.pk}"' in said(client.get(card))
    assert not InvitationToken.objects.exists()

    led = client.post(f"{card}answer/", {"invitation": asked.pk}).headers["Location"]

    path, query = led.split("?")
    assert re.fullmatch(r"/f/[\w-]{43}/", path)
    assert Person(client, path).sends(f"?{query}", q_score="10").status_code == 303
    assert Response.objects.get().channel == "me"
    assert client.post(f"{card}answer/", {"invitation": asked.pk}).status_code == 404


def test_a_program_asks_and_answers(ana, nps):
    program = Program("surveys.edit", "reports.view")
    ask = {"customer": ana.pk, "survey": nps.pk, "in_days": 2}

    asked = [program.post("invitations/", ask, key="k") for _time in range(2)]
    assert [answer.status_code for answer in asked] == [201, 201]
    assert asked[0].json()["state"] == "waiting"
    assert Invitation.objects.count() == 1
    body = {"survey": nps.pk, "customer": ana.pk, "answers": {"score": 3, "comment": "Cold."}}
    assert program.post("responses/", body).status_code == 201

    [shown] = program.get("responses/").json()["results"]
    assert (shown["score"], shown["band"], "customer" in shown) == (3, "low", False)
    assert program.get(f"responses/?customer={ana.pk}").status_code == 403
    [shown] = Program("reports.view", "comments.see_author").get(f"responses/?customer={ana.pk}").json()["results"]
    assert shown["customer"] == ana.pk
    assert [one["name"] for one in program.get("surveys/").json()["results"][0]["questions"]] == ["score", "comment"]
    assert len(program.get(f"invitations/?customer={ana.pk}").json()["results"]) == 1


def test_a_program_reads_answers_without_a_name_apart_and_not_when_they_came(ana):
    survey, few = build.survey("nps", names="choice"), build.survey("own", names="nameless")
    give(survey, {1: 5}, at=monday(2), nameless=True, language="pl", channel="me")
    give(survey, {2: 1}, at=monday(4), nameless=True, language="pl", channel="me")
    give(few, {3: 4}, at=monday(2), nameless=True)
    build.response(ana, survey, 9)
    program = Program("reports.view", "comments.see_author")

    assert [one["score"] for one in program.get("responses/").json()["results"]] == [9]
    rows = program.get("responses/?nameless=yes").json()["results"]
    assert [one["id"] for one in rows] == sorted(one["id"] for one in rows)
    assert sorted(one["score"] for one in rows) == [1, 1, 1, 1, 1, 2]
    assert {(one["language"], one["channel"], one["customer"]) for one in rows} == {(None, None, None)}
    assert {one["score"] for one in rows if one["at"]} == {1}
    assert program.get("responses/?nameless=perhaps").status_code == 400


def test_a_program_that_tells_again_when_nobody_remembers_its_key_tells_nothing_new(ana, nps):
    program = Program("surveys.edit")
    body = {"survey": nps.pk, "customer": ana.pk, "answers": {"score": 3}}
    first = program.post("responses/", body, key="k").json()

    KeptAnswer.objects.all().delete()
    again = program.post("responses/", body, key="k")

    assert (again.status_code, again.json()["id"], Response.objects.count()) == (201, first["id"], 1)


@pytest.mark.parametrize("address", ["surveys/", "invitations/", "responses/"])
def test_a_list_for_programs_comes_in_pages_and_asks_as_often_for_many_as_for_one(
    ana, address, django_assert_max_num_queries
):
    build.response(ana, build.survey("nps"), 9)
    program = Program("reports.view")
    with CaptureQueriesContext(connection) as asked:
        assert len(program.get(address).json()["results"]) == 1
    for _time in range(3):
        build.response(ana, build.survey("nps"), 9)

    with django_assert_max_num_queries(len(asked)):
        page = program.get(address).json()

    assert (len(page["results"]), page["next"]) == (4, None)
    after = program.get(f"{address}?cursor={page['results'][0]['id']}").json()["results"]
    assert after == page["results"][1:]
    refused = [
        Program("customers.view").get(address),
        program.get(f"{address}?nonsense=1"),
        program.get(f"{address}?cursor=x"),
    ]
    assert [answer.status_code for answer in refused] == [403, 400, 400]
    assert {answer.headers["Content-Type"] for answer in refused} == {"application/problem+json"}


@pytest.mark.parametrize("address", ["invitations/", "responses/"])
def test_a_program_that_writes_needs_its_scope_and_a_key(ana, nps, address):
    body = {"survey": nps.pk, "customer": ana.pk} | ({"answers": {"score": 3}} if address == "responses/" else {})

    refused = [Program("reports.view").post(address, body), Program("surveys.edit").post(address, body, key=None)]

    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [
        (403, "scope_missing"),
        (400, "idempotency_key_missing"),
    ]
    assert not Response.objects.exists()


def test_a_program_reads_what_is_asked_now_and_no_draft(nps):
    nps.open_draft().leave_out("comment")
    program = Program("reports.view")
    assert program.get("surveys/").json()["results"][0]["version"] == 1

    nps.draft.publish(by=None, actor="")

    [shown] = program.get("surveys/").json()["results"]
    assert (shown["version"], [one["name"] for one in shown["questions"]]) == (2, ["score"])


@pytest.mark.parametrize(
    "answers",
    [{"score": 11}, {}, {"score": 3, "mood": 1}, {"score": {}}, {"score": 1.5}, {"score": 3, "comment": "x" * 4001}],
)
def test_a_program_is_told_what_is_wrong(nps, answers):
    refused = Program("surveys.edit").post("responses/", {"survey": nps.pk, "answers": answers})

    assert (refused.status_code, "answers" in refused.json()["errors"]) == (400, True)


def test_a_survey_that_does_not_run_takes_nothing_from_programs(ana, nps):
    nps.pause(actor="")
    program = Program("surveys.edit")

    for address, more in (("invitations/", {"customer": ana.pk}), ("responses/", {"answers": {"score": 1}})):
        refused = program.post(address, {"survey": nps.pk, **more})
        assert (refused.status_code, refused.json()["code"]) == (409, "survey_not_running")
