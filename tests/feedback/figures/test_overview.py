"""The page Feedback: every number with n, its range and a verdict; each opens exactly the answers that it counts."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from crm.models import OrderLine
from feedback.figures import asked_list, chosen
from feedback.figures.answers import AnswerQuestion
from feedback.figures.overview import Report
from feedback.figures.periods import Period
from feedback.figures.tiles import tiles
from feedback.models import Invitation
from shop import formats
from tests import build
from tests.feedback.figures.giving import give

pytestmark = pytest.mark.django_db
OVERVIEW = reverse("feedback:overview")


def last_month():
    """Two moments: in the middle of the month that is over, and of the one before it."""
    period = Period.of(timezone.localdate(), "month").before
    return [
        timezone.make_aware(timezone.datetime(one.first.year, one.first.month, 15)) for one in (period, period.before)
    ]


def report(survey, **asked):
    return Report.of(survey, asked, timezone.localdate())


def page(client, address=OVERVIEW):
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def links(html, beginning):
    """Addresses that begin so, in their order."""
    return [link for link in re.findall(r'href="([^"]+)"', html) if link.startswith(beginning)]


def counted_behind(client, link):
    """How many answers a link opens, page by page."""
    n = 0
    while link:
        html = page(client, link)
        n += html.count('<li class="answer"')
        following = re.search(r'href="\?([^"]+)" rel="next"', html)
        link = following and f"{reverse('feedback:answers')}?{following[1]}"
    return n


def test_a_score_stands_with_n_its_range_and_a_verdict(as_manager):
    survey, (now, before) = build.survey("nps"), last_month()
    give(survey, {10: 60, 8: 30, 3: 10}, at=now)
    give(survey, {10: 20, 8: 30, 3: 50}, at=before)

    html = page(as_manager)

    assert "+50" in html
    assert "+35 to +62 · n 100" in html
    assert ">Up<" in html
    assert "too few" not in html.split('class="stats"')[1].split("</section>")[0]


def test_the_survey_that_somebody_answered_is_shown_first(ana):
    answered, newer = build.survey("nps"), build.survey("nps")
    assert chosen.surveys()[0] == newer

    build.response(ana, answered, 9)

    assert chosen.surveys()[0] == answered


def test_under_ten_answers_they_are_shown_instead_of_a_number(as_manager, ana):
    survey, (now, _before) = build.survey("nps"), last_month()
    give(survey, {10: 8}, at=now)
    give(survey, {2: 1}, at=now, customer=ana, comment="The lid is cracked.")

    html = page(as_manager)

    assert "9 answers so far: too few for a score." in html
    assert html.count('<li class="answer"') == 9
    assert "The lid is cracked." in html
    assert '<svg class="chart__desk"' not in html


def test_every_number_opens_exactly_its_answers(as_manager):
    survey, (now, before) = build.survey("csat"), last_month()
    give(survey, {5: 20, 4: 6, 3: 5, 2: 2, 1: 3}, at=now)
    give(survey, {5: 11, 1: 1}, at=before, channel="me")

    found = report(survey)
    html = page(as_manager)

    by_name = {str(tile.name): tile for tile in tiles(found)}
    assert counted_behind(as_manager, by_name["CSAT"].url) == 36
    assert counted_behind(as_manager, by_name["Low scores"].url) == 5
    drawn = links(html.split("chart__desk")[1].split("chart__phone")[0], reverse("feedback:answers"))
    assert [counted_behind(as_manager, link) for link in drawn][-3:-1] == [12, 36]
    by_score = links(html.split("chart__desk")[2].split("chart__phone")[0], reverse("feedback:answers"))
    assert [counted_behind(as_manager, link) for link in by_score] == [3, 2, 5, 6, 20]


def test_two_versions_of_a_question_are_never_one_line(as_manager, mira):
    survey, (now, before) = build.survey("nps"), last_month()
    old = survey.version
    give(survey, {10: 40}, at=before)
    draft = survey.open_draft()
    score = draft.questions.get(kind="score")
    score.change(texts={"en": {**score.texts["en"], "ask": "Would you come back?"}, "pl": score.texts["pl"]})
    draft.publish(by=mira, actor="")
    give(survey, {3: 40}, at=now, version=survey.version)

    newest, first = report(survey), report(survey, version="1", period=f"{now:%Y-%m-%d}")

    assert newest.now.counts == {3: 40}
    assert newest.change is None
    assert (first.versions.chosen, first.before.counts) == (old, {10: 40})
    assert "Version 1 asked otherwise: 40 answers are counted apart." in page(as_manager)
    assert counted_behind(as_manager, newest.behind()) == 40


def test_versions_that_ask_for_the_score_in_the_same_words_are_one_line_and_the_page_says_so(as_manager):
    survey, (now, before) = build.survey("nps"), last_month()
    give(survey, {10: 40}, at=before)
    draft = survey.open_draft()
    comment = draft.questions.get(kind="comment")
    comment.change(texts={**comment.texts, "en": {"ask": "Would you tell us why?"}})
    draft.publish(by=None, actor="")
    give(survey, {10: 40}, at=now, version=survey.version)

    found = report(survey)

    assert found.change is not None
    assert "Versions 1, 2, since" in found.versions.said
    assert "in the same words" in page(as_manager)


def test_the_response_rate_stands_with_its_range_and_opens_who_was_asked(as_manager):
    survey, (now, _before) = build.survey("nps"), last_month()
    people = [build.customer(f"Di {n}") for n in range(12)]
    Invitation.objects.bulk_create(
        Invitation(
            customer=person, survey=survey, version=survey.version, cause=f"c{n}", trigger="hand", expires_at=now,
            state="answered" if n < 3 else "sent", sent_at=now, answered_at=now if n < 3 else None,
            bounced_at=now if n > 9 else None,
        )
        for n, person in enumerate(people)
    )  # fmt: skip

    tile = next(tile for tile in tiles(report(survey, period=f"{now:%Y-%m-%d}")) if str(tile.name) == "Response rate")

    assert (tile.value, tile.aside) == ("30.0%", "3 of 10")
    assert tile.range.startswith("10.8% to 60.3%")
    for name, n in (("", 12), ("answered", 3), ("silent", 7), ("bounced", 2)):
        assert page(as_manager, f"{tile.url}&list={name}").count("/customers/") >= n
        assert page(as_manager, f"{tile.url}&list={name}").count('scope="row"') == n


def test_few_without_a_name_are_hidden_until_they_are_five(as_manager):
    survey, (now, _before) = build.survey("nps", names="choice"), last_month()
    monday = now - timedelta(days=now.weekday())
    give(survey, {10: 20}, at=now)
    give(survey, {0: 4}, at=monday, nameless=True, comment="Guess who")

    assert report(survey).now.n == 20
    hidden = page(as_manager)
    assert "Fewer than five answered without a name" in hidden
    assert "Guess who" not in page(as_manager, f"{report(survey).behind()}&names=without")
    give(survey, {0: 1}, at=monday, nameless=True, comment="Guess who")
    assert report(survey).now.n == 25
    assert page(as_manager, f"{report(survey).behind()}&names=without").count("Guess who") == 5


def test_groups_stand_beside_each_other_and_open_their_answers(as_manager, ana, ben, mira, sam):
    survey, (now, _before) = build.survey("nps"), last_month()
    order = build.order(ana)
    OrderLine.objects.create(order=order, position=1, name="Cake tin", unit_price=1, paid=1)
    for customer, owner in ((ana, mira), (ben, sam)):
        customer.owner = owner
        customer.save()
    give(survey, {10: 30}, at=now, customer=ana, order=order, channel="me", language="pl")
    give(survey, {2: 30}, at=now, customer=ben)

    address = report(survey).url()
    html = {by: page(as_manager, f"{address}&by={by}") for by in ("channel", "language", "staff", "product", "tier")}

    for by, name in (("channel", "own page"), ("language", "Polski"), ("staff", "Mira Nair"), ("product", "Cake tin")):
        section = html[by].split('id="by"')[1].split("</section>")[0]
        assert name in section
        link = next(link for link in links(section, reverse("feedback:answers")) if f"{by}=" in link)
        assert counted_behind(as_manager, link) == 30
    assert "higher than the others" in html["staff"]
    assert "lower than the others" in html["staff"]
    assert "looked at backwards" in html["tier"]


def test_segments_and_what_customers_are_come_from_the_facets(as_manager, mira, ana, ben):
    survey, (now, _before) = build.survey("nps"), last_month()
    segment = build.segment(mira, "Anas", "name=Ana")
    give(survey, {10: 12}, at=now, customer=ana)
    give(survey, {2: 15}, at=now, customer=ben)

    html = page(as_manager, f"{report(survey).url()}&by=segment")
    section = html.split('id="by"')[1].split("</section>")[0]

    assert "Anas" in section
    link = next(link for link in links(section, reverse("feedback:answers")) if f"segment={segment.pk}" in link)
    assert counted_behind(as_manager, link) == 12


def test_a_survey_without_a_score_counts_its_choices(as_manager):
    survey, (now, _before) = build.survey("exit"), last_month()
    version = survey.open_draft()
    texts = {"en": {"ask": "Why?", "choices": {"1": "Too dear", "2": "Moved away"}}}
    texts["pl"] = texts["en"]
    question = version.ask("single", choices=[1, 2], texts=texts)
    version.publish(by=None, actor="")
    for n, response in enumerate(give(survey, {None: 12}, at=now, version=survey.version)):
        response.answers.create(question=question, chosen=[1 if n < 9 else 2])

    html = page(as_manager)

    section = html.split("Why?")[1]
    assert "Too dear" in section
    assert "75%" in section
    link = next(link for link in links(section, reverse("feedback:answers")) if "chose=" in link and "%3A2" in link)
    assert counted_behind(as_manager, link) == 3


def test_the_page_asks_as_often_for_much_as_for_little(as_manager, ana):
    survey, (now, before) = build.survey("nps"), last_month()

    def asked(address):
        as_manager.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert as_manager.get(address).status_code == 200
        return len(queries)

    give(survey, {9: 10, 2: 1}, at=now, customer=ana, comment="Late.")
    little = [asked(OVERVIEW), asked(reverse("feedback:answers"))]
    give(survey, {9: 30, 2: 20}, at=now, customer=ana, comment="Late.")
    give(survey, {9: 30, 2: 20}, at=before)

    assert [asked(OVERVIEW), asked(reverse("feedback:answers"))] == little


def test_the_trend_is_a_file_too_and_an_empty_shop_is_told_what_to_do(as_manager):
    assert "Nobody is asked yet" in page(as_manager)
    assert as_manager.get(reverse("feedback:trend_csv")).status_code == 404
    survey, (now, _before) = build.survey("nps"), last_month()
    give(survey, {10: 12}, at=now)

    lines = as_manager.get(reverse("feedback:trend_csv")).content.decode().splitlines()

    assert lines[0].split(",")[:6] == ["\ufeffMonth", "9–10", "7–8", "0–6", "NPS", "95% from"]
    assert lines[1].split(",")[1:5] == ["12", "0", "0", "100.0"]


def test_an_address_that_makes_no_sense_shows_what_is_there(as_manager):
    survey, (now, _before) = build.survey("nps"), last_month()
    give(survey, {10: 12}, at=now)

    for asked in (
        "survey=0",
        "survey=x",
        "period=1600-13-99",
        "step=century",
        "version=99999999999999999999",
        "by=pin",
    ):
        assert "+100" in page(as_manager, f"{OVERVIEW}?{asked}")


def test_the_list_is_asked_by_its_own_words_only(mira):
    question = AnswerQuestion.read(QueryDict("survey=9999&score=x&from=soon&names=with&q=%00&chose=" + "x" * 500), mira)

    assert question.asked == {"names": ["with"]}
    assert (question.q, question.first) == ("", None)


def test_the_list_of_surveys_opens_what_went_out_and_came_in_lately(as_manager, monkeypatch):
    survey, now = build.survey("nps"), timezone.now()
    give(survey, {9: 3, 2: 1}, days_ago=28.9)
    give(survey, {9: 5}, days_ago=31)
    give(survey, {9: 2}, days_ago=1, test=True)
    for n, days in enumerate((0, 6, 31)):
        asked = build.invitation(build.customer(f"Di {n}"), survey)
        Invitation.objects.filter(pk=asked.pk).update(sent_at=now - timedelta(days=days))

    html = page(as_manager, reverse("feedback:surveys"))

    answers, asked = links(html, reverse("feedback:answers"))[0], links(html, reverse("feedback:asked"))[0]
    assert f'<a href="{asked}">2</a>' in html
    assert f'<a href="{answers}">4</a>' in html
    assert counted_behind(as_manager, answers) == 4
    assert page(as_manager, asked).count('scope="row"') == 2
    monkeypatch.setattr(asked_list, "SIZE", 1)
    first = page(as_manager, f"{asked}&list=silent")
    second = page(as_manager, links(first, reverse("feedback:asked"))[-1])
    assert ["Di 0" in first, "Di 1" in first, "Di 0" in second, "Di 1" in second] == [True, False, False, True]


def test_a_period_begins_with_a_capital_where_a_sentence_does(as_manager, mira):
    survey, (now, _before) = build.survey("nps"), last_month()
    give(survey, {10: 12}, at=now)
    mira.language = "ru"
    mira.save()

    html = page(as_manager)

    named = in_russian(now)
    head, chart = html.split('class="stats"')
    assert f'">{named.capitalize()}<' in head
    assert f">{named.capitalize()}</h2>" in chart


def in_russian(day):
    with translation.override("ru"):
        return formats.month(day.date(), long=True)
