"""The list of answers: what it is asked for, its pages, who sees whose they are, the file."""

import csv
import io
from datetime import timedelta
from html import unescape

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from crm.models import Complaint
from feedback.figures import answers
from feedback.figures.answers import AnswerQuestion
from feedback.models import Response, ResponseTopic, Topic
from feedback.models.response import DRAWN_FROM
from shop.models import AuditRow
from tests import build
from tests.feedback.figures.giving import give, monday

pytestmark = pytest.mark.django_db
ANSWERS = reverse("feedback:answers")


def found(user, asked=""):
    """Comments of what the list shows, page after page."""
    comments, after = [], ""
    while True:
        question = AnswerQuestion.read(QueryDict(f"{asked}&after={after}"), user)
        rows, after = question.page()
        comments += [row.response.comment for row in rows]
        if not after:
            return comments


@pytest.fixture
def said(ana, ben, mira):
    """Three answers: ana's low one with a complaint, ben's high one, one of nobody known."""
    nps, csat = build.survey("nps"), build.survey("csat")
    low = build.response(ana, nps, 3, "The parcel was late", at=3)
    build.response(ben, csat, 5, "Lovely tins", at=2, language="pl", channel="me")
    give(nps, {8: 1}, comment="Fine so far", days_ago=1, channel="open")
    complaint = build.complaint(ana, owner=mira)
    Response.objects.filter(pk=low.pk).update(complaint=complaint)
    ResponseTopic.objects.create(response=low, topic=Topic.objects.create(name="Delivery"))
    return {"nps": nps.pk, "csat": csat.pk, "topic": Topic.objects.get().pk, "mira": mira.pk, "low": low.pk}


LATE, TINS, FINE = "The parcel was late", "Lovely tins", "Fine so far"


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("", [FINE, TINS, LATE]),
        ("survey={nps}", [FINE, LATE]),
        ("survey={nps}&survey={csat}", [FINE, TINS, LATE]),
        ("band=low", [LATE]),
        ("band=high&band=low", [TINS, LATE]),
        ("score=8", [FINE]),
        ("topic={topic}", [LATE]),
        ("words=no", []),
        ("complaint=open", [LATE]),
        ("complaint=closed", []),
        ("complaint=none", [FINE, TINS]),
        ("channel=me", [TINS]),
        ("language=pl", [TINS]),
        ("staff={mira}", []),
        ("staff=-", [FINE, TINS, LATE]),
        ("names=with", [FINE, TINS, LATE]),
        ("q=parcel+late", [LATE]),
        ("q=parcel+-late", []),
        ("q=tins&survey={nps}", []),
        ("c.tier=-", [TINS, LATE]),
    ],
)
def test_a_question_finds_what_fits_newest_first(said, mira, asked, shown):
    assert found(mira, asked.format(**said)) == shown


@pytest.mark.parametrize("few", [0, 100])
def test_a_word_is_found_whether_few_or_many_have_said_it(said, mira, monkeypatch, few):
    monkeypatch.setattr(answers, "FEW", few)

    assert found(mira, "q=parcel") == [LATE]
    assert found(mira, "q=parcel&score=8") == []


def test_days_are_those_of_the_shop_and_hold_both_ends(said, mira):
    day = timezone.localdate() - timedelta(days=2)

    assert found(mira, f"from={day}&to={day}") == [TINS]
    assert found(mira, f"from={day}") == [FINE, TINS]
    assert found(mira, f"to={day}") == [TINS, LATE]


def test_pages_hold_each_answer_once_also_those_of_one_moment(mira):
    survey = build.survey("nps")
    rows = give(survey, {9: 60})
    for number, row in enumerate(rows):
        row.comment = str(number)
    Response.objects.bulk_update(rows, ["comment"])

    assert found(mira, f"survey={survey.pk}") == [str(number) for number in range(59, -1, -1)]


def test_without_the_right_nobody_sees_whose_an_answer_is(said, client):
    from shop.models import User
    from shop.rights import ROLES

    viewer = build.user("manager")
    client.force_login(viewer)
    assert "Ana Lindqvist" in client.get(ANSWERS).content.decode()
    ROLES["manager"].discard("comments.see_author")
    try:
        client.force_login(User.objects.get(pk=viewer.pk))
        html = client.get(ANSWERS).content.decode()
        names = exported(client)
    finally:
        ROLES["manager"].add("comments.see_author")

    assert "Ana Lindqvist" not in html
    assert "a customer" in html
    assert "Ana Lindqvist" not in names


def exported(client, asked=""):
    answer = client.post(f"{reverse('feedback:answers_csv')}?{asked}", {"password": "a long password"})
    return answer.getvalue().decode("utf-8-sig")


def test_the_file_asks_for_the_password_and_is_a_line_of_the_audit_without_what_was_typed(said, as_manager, mira):
    address = f"{reverse('feedback:answers_csv')}?q=tins"

    asking = as_manager.get(address)
    guessed = as_manager.post(address, {"password": "guessed"})
    assert (asking.status_code, guessed.status_code) == (200, 422)
    assert TINS not in asking.content.decode() + guessed.content.decode()
    assert not AuditRow.objects.filter(kind="file.exported").exists()

    rows = list(csv.DictReader(io.StringIO(exported(as_manager, "q=tins"))))

    assert [row["Comment"] for row in rows] == [TINS]
    row = AuditRow.objects.get(kind="file.exported")
    assert (row.actor, row.data) == (mira.actor, {"file": "answers.csv", "count": 1, "filter": "q"})


def test_the_file_holds_what_the_list_shows_and_runs_nothing(said, as_manager, ana):
    build.response(ana, build.survey("own"), None, "=1+1", at=0)

    rows = list(csv.DictReader(io.StringIO(exported(as_manager))))

    assert [row["Comment"] for row in rows] == ["'=1+1", FINE, TINS, LATE]
    assert (rows[3]["Score"], rows[3]["Topics"], rows[3]["Customer"]) == ("3", "Delivery", "Ana Lindqvist")
    assert rows[3]["Complaint"] == str(Complaint.objects.get().pk)


def test_an_answer_without_a_name_tells_neither_its_way_nor_a_week_of_few(as_manager):
    survey = build.survey("nps", names="choice")
    for weeks, n in ((2, 5), (4, 1)):
        give(survey, {2: n}, at=monday(weeks), nameless=True, channel="me", comment=f"{weeks} ago")

    rows = list(csv.DictReader(io.StringIO(exported(as_manager))))
    html = unescape(as_manager.get(ANSWERS).content.decode())

    assert {row["Came by"] + row["Language"] for row in rows} == {""}
    assert [bool(row["Answered on"]) for row in rows] == [True] * 5 + [False]
    assert html.count("week of") == 5
    assert found(build.user("manager"), "channel=me&q=4") == []


def every(client, question, size):
    """All pages of a list, one after another: its words."""
    rows, after = [], ""
    while True:
        page = AnswerQuestion.read(QueryDict(f"{question}&after={after}"), client)
        some, after = page.page(size)
        rows += [row.response.comment for row in some]
        if not after:
            return rows


def test_answers_without_a_name_stand_in_no_order_and_of_quiet_weeks_after_all_others(ana):
    survey, user = build.survey("nps", names="choice"), build.user("manager")
    for weeks, n in ((3, 8), (4, 2), (2, 1)):
        for one in range(n):
            give(survey, {2: 1}, at=monday(weeks), nameless=True, comment=f"{weeks}-{one}")
    build.response(ana, survey, 9, "oldest", at=40)
    build.response(ana, survey, 9, "newest", at=1)
    numbers = dict(Response.objects.values_list("comment", "pk"))

    for size in (3, 25):
        rows = every(user, "", size)

        assert (rows[0], rows[9]) == ("newest", "oldest")
        for together in (rows[1:9], rows[10:]):
            assert together == sorted(together, key=lambda comment: -numbers[comment])
        assert {comment[0] for comment in rows[1:9]} == {"3"}
        assert sorted(rows[10:]) == ["2-0", "4-0", "4-1"]
    assert "2-0" in every(user, f"from={survey.started_at:%Y}-01-01", 25)
    assert "2-0" not in every(user, f"from={survey.started_at:%Y}-01-02", 25)


def test_the_number_of_an_answer_without_a_name_is_drawn_which_the_database_holds(ana):
    survey = build.survey("nps", names="nameless")
    for _time in range(3):
        build.invitation(ana, survey).answer({"score": 1}, language="en")
    build.response(ana, build.survey("csat"), 5)

    named, *drawn = Response.objects.order_by("pk").values_list("pk", flat=True)
    assert named < DRAWN_FROM <= drawn[0]
    assert drawn[-1] - drawn[0] > 100
    with pytest.raises(IntegrityError, match="drawn_number"), transaction.atomic():
        Response.objects.bulk_create(
            [Response(survey=survey, version=survey.version, nameless=True, language="en", channel="me")]
        )


def test_filters_are_chips_that_can_be_taken_away_and_the_forms_keep_the_rest(said, as_manager):
    html = unescape(as_manager.get(f"{ANSWERS}?band=low&q=late&edit=channel").content.decode())

    assert '<a class="chip__off" href="?q=late"' in html
    form = html.split("filter__fields")[0].rsplit("<form", 1)[1]
    assert '<input type="hidden" name="band" value="low">' in form
    assert '<input type="hidden" name="q" value="late">' in form
    assert "No answer fits" in as_manager.get(f"{ANSWERS}?score=0").content.decode()
    assert 'type="date"' in as_manager.get(f"{ANSWERS}?edit=days").content.decode()
