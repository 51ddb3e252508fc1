"""The form behind a link: what it shows, what it takes, and that opening it changes nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Event
from feedback.answering import tokens
from feedback.models import Answer, Invitation, InvitationToken, Response
from tests import build
from tests.digests import digests
from tests.feedback.answering.people import Person


def said(response):
    return response.content.decode()


def test_an_answer_is_stored_once_with_its_words(person, asked, ana):
    sent = person.sends(q_score="7", q_comment="Late,\r\nbut good.")

    assert (sent.status_code, sent.headers["Location"]) == (303, "?lang=en&done=1")
    answer = Response.objects.get()
    assert (answer.score, answer.comment, answer.customer, answer.channel) == (7, "Late,\nbut good.", ana, "email")
    assert Event.objects.filter(kind="response.recorded", customer=ana).count() == 1
    assert "Thank you" in said(person.opens("?done=1"))


def test_a_score_in_the_address_is_chosen_and_stored_only_by_the_button(person):
    page = said(person.opens("?score=9"))

    assert page.count(" checked") == 1
    assert 'value="9" class="high" checked' in page
    assert not Response.objects.exists()


@pytest.mark.parametrize("score", ["11", "-1", "x", "٣", "999999999999", ""])
def test_a_score_that_is_none_is_not_chosen(person, score):
    assert " checked" not in said(person.opens(f"?score={score}"))


def test_a_robot_that_opens_all_eleven_links_three_times_changes_nothing(person, secret):
    before = digests()

    for score in range(11):
        for _time in range(3):
            assert person.opens(f"?score={score}").status_code == 200
        assert person.client.head(f"{person.address}?score={score}").status_code == 200
        assert person.client.get(f"{person.address}opened/").status_code == 405

    assert digests() == before


def test_opened_is_said_by_the_script_alone(person, asked):
    person.opens()
    asked.refresh_from_db()
    assert asked.opened_at is None

    assert person.client.post(f"{person.address}opened/").status_code == 204

    asked.refresh_from_db()
    assert asked.opened_at
    assert "data-opened" not in said(person.opens())


def test_the_timeline_tells_once_that_it_was_opened(person, asked, nps, as_support):
    for _time in range(3):
        person.client.post(f"{person.address}opened/")

    (event,) = Event.objects.filter(kind="invitation.opened", customer=asked.customer)
    assert event.data == {"invitation": asked.pk, "survey": asked.survey.name, "kind": "nps"}
    timeline = said(as_support.get(reverse("crm:timeline", args=[asked.customer_id]), {"show": "feedback"}))
    assert "<b>Opened a survey</b>" in timeline


def test_of_a_survey_without_names_nobody_is_told_who_opened_it(person, nps):
    type(nps).objects.update(names="nameless")

    person.client.post(f"{person.address}opened/")

    assert Invitation.objects.get().opened_at
    assert not Event.objects.filter(kind="invitation.opened").exists()


def test_a_form_without_a_score_comes_back_with_the_words(person):
    again = person.sends(q_comment="Nice.")

    assert again.status_code == 422
    assert 'role="alert" tabindex="-1" autofocus><p><a href="#q_score">How likely? Please choose' in said(again)
    assert ">Nice.</textarea>" in said(again)
    assert not Response.objects.exists()


def test_who_is_too_fast_loses_no_word_and_needs_only_press_again(person):
    stamp = person.stamp()
    typed = {"q_score": "3", "q_comment": "Broken <cup>", "stamp": stamp}
    again = person.client.post(person.address, typed)

    assert again.status_code == 422
    assert "Broken &lt;cup&gt;" in said(again)
    assert stamp in said(again)
    assert person.sends(**typed).status_code == 303


@pytest.mark.parametrize("trick", [{"website": "https://spam.example"}, {"stamp": "made up"}, {"stamp": ""}])
def test_a_robot_that_fills_everything_or_makes_up_the_form_is_not_taken(person, trick):
    again = person.sends(q_score="3", q_comment="Buy.", **trick)

    assert again.status_code == 422
    assert ">Buy.</textarea>" in said(again)
    assert not Response.objects.exists()


def test_the_stamp_of_another_link_is_not_taken(person, cleo, nps):
    other = Person(Client(), tokens.form_url(tokens.issue(build.invitation(cleo, nps)), whole=False))

    assert person.sends(q_score="3", stamp=other.stamp()).status_code == 422


def test_a_form_left_open_for_a_day_is_asked_once_more_with_its_words(person):
    stamp = person.stamp()
    again = person.sends(q_score="3", q_comment="Slow.", stamp=stamp, after=90_000)

    assert again.status_code == 422
    assert ">Slow.</textarea>" in said(again)


def test_too_many_posts_from_one_address_wait_and_keep_their_words(person, settings):
    settings.ANSWERS_PER_HOUR = 1
    person.sends()

    again = person.sends(q_score="3", q_comment="Me too.")

    assert (again.status_code, again.headers["Retry-After"].isdigit()) == (429, True)
    assert ">Me too.</textarea>" in said(again)


def test_it_can_be_changed_for_a_day(person):
    person.sends(q_score="2", q_comment="Bad.")
    page = said(person.opens("?change=1"))
    assert 'value="2" class="low" checked' in page
    assert ">Bad.</textarea>" in page

    person.sends("?change=1", q_score="9", q_comment="Put right.")

    answer = Response.objects.get()
    assert (answer.score, answer.comment, answer.changes.count()) == (9, "Put right.", 1)


def test_a_day_later_it_stays(person, request):
    person.sends(q_score="2")
    request.getfixturevalue("a_day_later")

    assert "Change my answer" not in said(person.opens("?change=1"))
    assert person.client.post(f"{person.address}?change=1", {"q_score": "9"}).status_code == 200
    assert Response.objects.get().score == 2


def test_a_second_answer_to_the_same_link_is_none(person):
    person.sends(q_score="2")

    assert person.client.post(person.address, {"q_score": "9"}).status_code == 200
    assert Response.objects.get().score == 2


def test_it_speaks_the_language_of_the_card_and_others_are_one_tap_away(person, ana):
    ana.language = "pl"
    ana.save()

    page = person.opens()
    assert page.headers["Content-Language"] == "pl"
    assert "Na ile?" in said(page)
    assert ">English</button>" in said(page)
    assert "How likely?" in said(person.opens("?lang=en"))
    assert "Na ile?" in said(person.opens("?lang=ru")), "the survey does not speak it"


def test_in_another_language_everything_typed_is_still_there_and_nothing_is_stored(person, ana, nps):
    type(nps).objects.update(names="choice")
    build.identifier(ana, "phone", "+48600100242")
    stamp, before = person.stamp("?way=me"), digests()
    typed = {"q_score": "3", "q_comment": "Late <again>", "callback": "on", "nameless": "on", "stamp": stamp}

    for _time in range(3):
        page = person.client.post(f"{person.address}?lang=pl&way=me", {**typed, "show": "pl"})

    assert (page.status_code, page.headers["Content-Language"], digests() == before) == (200, "pl", True)
    assert said(page).count(" checked") == 3
    assert [
        what
        for what in (">Late &lt;again&gt;</textarea>", "Na ile?", stamp, "lang=pl&amp;way=me")
        if what in said(page)
    ]
    assert "asked__error" not in said(page)
    assert person.sends("?lang=pl&way=me", **typed).status_code == 303


def test_who_has_typed_nothing_yet_may_choose_a_language_too(person):
    page = person.client.post(f"{person.address}?lang=pl", {"show": "pl"})

    assert (page.status_code, "Na ile?" in said(page), "asked__error" in said(page)) == (200, True, False)


def test_who_sees_the_answer_is_said_as_it_is(person, ana, nps):
    build.identifier(ana, "phone", "+48600100242")
    page = said(person.opens())
    assert "your name stands beside it" in page
    assert "ends with 42" in page

    type(nps).objects.update(names="nameless")
    page = said(person.opens())
    assert "no name, no order" in page
    assert "your name stands" not in page
    assert "call me" not in page


def test_an_answer_without_a_name_shares_no_key_with_anybody(ana, asked, person, nps):
    type(nps).objects.update(names="choice")
    person.sends(q_score="1", q_comment="Rude.", nameless="on")

    answer = Response.objects.get()
    assert answer.nameless
    assert {answer.customer_id, answer.invitation_id, answer.order_id, answer.assisted_by_id} == {None}
    assert not Event.objects.filter(kind__startswith="response.").exists()
    assert (answer.at.hour, Invitation.objects.get().answered_at) == (answer.at.hour, answer.at)
    page = said(person.opens("?done=1&change=1"))
    assert "nobody knows who wrote it" in page
    assert "Rude." not in page


def test_questions_of_another_part_of_the_scale_are_not_taken(ana, db):
    survey = build.survey("nps")
    draft = survey.open_draft()
    for name, branch in (("wrong", "low"), ("best", "high")):
        draft.questions.create(
            name=name,
            kind="text",
            position=5,
            branch=branch,
            required=True,
            texts={"en": {"ask": name}, "pl": {"ask": name}},
        )
    draft.publish(by=None, actor="")
    link = tokens.issue(build.invitation(ana, survey))
    person = Person(Client(), tokens.form_url(link, whole=False))

    assert "Please answer this one." in said(person.sends(q_score="3"))
    assert person.sends(q_score="3", q_wrong="All of it", q_best="Nothing").status_code == 303

    assert [answer.text for answer in Answer.objects.all()] == ["All of it"]


KINDS = {"scale": 3, "single": [2], "multiple": [1, 2], "yes_no": 0, "text": "Words", "date": "2026-03-04"}


def test_every_kind_of_question_is_drawn_and_read(ana, db):
    survey = build.survey("own", running=False)
    draft = survey.open_draft()
    for place, kind in enumerate(KINDS):
        ends = {"lowest": 1, "highest": 5} if kind == "scale" else {}
        choices = [1, 2] if kind in ("single", "multiple") else []
        texts = {one: {"ask": f"{kind}?", "hint": "Hint", "choices": {"1": "One", "2": "Two"}} for one in ("en", "pl")}
        draft.questions.create(
            name=kind, kind=kind, position=place, required=True, choices=choices, texts=texts, **ends
        )
    draft.publish(by=None, actor="")
    survey.start(actor="")
    person = Person(Client(), tokens.form_url(tokens.issue(build.invitation(ana, survey)), whole=False))

    assert said(person.sends(q_single="7", q_date="2026-02-30", q_scale="9")).count("asked__error") == len(KINDS)
    assert person.sends(**{f"q_{kind}": value for kind, value in KINDS.items()}).status_code == 303

    from feedback.answering.recording import values_of

    assert values_of(Response.objects.get()) == KINDS
    assert said(person.opens("?change=1")).count(" checked") == 5


@pytest.mark.parametrize(
    ("spoil", "status", "says"),
    [
        (lambda asked: "x" * 43, 404, "leads nowhere"),
        (lambda asked: "short", 404, "part of the link is missing"),
        (lambda asked: Invitation.objects.update(expires_at="2020-01-01T00:00Z"), 410, "time to answer is over"),
        (lambda asked: InvitationToken.objects.update(expires_at="2020-01-01T00:00Z"), 410, "time to answer is over"),
        (lambda asked: asked.survey.archive(actor=""), 410, "survey is over"),
        (lambda asked: Invitation.objects.update(state="not_sent", why="x", sent_at=None), 410, "survey is over"),
        (lambda asked: asked.answer({"score": 3, "comment": "Secret"}, language="en"), 200, "answered already"),
    ],
    ids=["unknown", "malformed", "expired", "link expired", "archived", "withdrawn", "used"],
)
def test_a_link_that_no_longer_works_has_a_kind_page_that_gives_nothing_away(asked, secret, ana, spoil, status, says):
    spoiled = spoil(asked)
    link = spoiled if isinstance(spoiled, str) else secret

    page = Client().get(tokens.form_url(link, whole=False), headers={"Accept-Language": "en"})

    assert (page.status_code, says in said(page)) == (status, True)
    assert not [word for word in ("Ana", "Secret", "How likely", str(asked.survey)) if word in said(page)]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_guessing_links_ends_soon(db):
    answers = [Client().get(f"/f/{'x' * 42}{n % 10}/").status_code for n in range(31)]

    assert answers == [404] * 30 + [429]


def test_another_site_cannot_post(person):
    assert person.client.post(person.address, {}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_what_no_database_can_keep_is_left_out(person):
    assert person.sends(q_score="3", q_comment="a\x00b").status_code == 303
    assert Response.objects.get().comment == "ab"


def test_the_page_asks_little_of_the_database(person, django_assert_max_num_queries):
    person.opens()
    with django_assert_max_num_queries(4):
        person.opens()
