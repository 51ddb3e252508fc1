"""What comments are about: by words, put right by people; and telling those who raised it what was done."""

import pytest
from django.urls import reverse

from crm.mail.rendering import render
from crm.models import Consent, Message
from feedback.following import news, topics
from feedback.models import Response, ResponseTopic, Topic
from shop.models import Job
from tests import build

pytestmark = pytest.mark.django_db


def topic(name="Delivery", **words):
    made = Topic.objects.create(name=name)
    topics.change_words(made, words or {"en": ["deliver*", "too late"]})
    return made


def about(response):
    return [one.topic.name for one in ResponseTopic.objects.filter(topics.HOLDS, response=response).order_by("topic")]


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("The DELIVERY was slow.", True),
        ("Delivered broken", True),
        ("It came too  late", True),
        ("It came too lately", False),
        ("undeliverable", False),
        ("Lovely.", False),
        ("(deliver)", True),
    ],
)
def test_words_lead_a_comment_to_its_topic_when_it_is_written_down(ana, comment, found):
    topic()

    assert (about(build.response(ana, build.survey("nps"), 5, comment)) == ["Delivery"]) == found


def test_words_are_words_of_their_language_and_never_patterns(ana):
    topic(en=[".*", "c++"], ru=["доставк*"], pl=["dostaw*"])
    survey = build.survey("nps")

    assert about(build.response(ana, survey, 5, "Anything at all")) == []
    assert about(build.response(ana, survey, 5, "Доставка подвела", language="ru")) == ["Delivery"]
    assert about(build.response(ana, survey, 5, "dostawa", language="ru")) == []


def test_a_comment_without_a_name_has_topics_too(ana):
    topic()

    build.invitation(ana, build.survey("nps", names="nameless")).answer(
        {"score": 1, "comment": "delivery"}, language="en"
    )

    assert about(Response.objects.get()) == ["Delivery"]


def test_other_words_are_applied_to_all_and_what_people_said_stays(ana, mira):
    one = topic()
    survey = build.survey("nps")
    late, wrong, price = (build.response(ana, survey, 5, said) for said in ("delivery", "delivery man", "price"))
    topics.correct(wrong, one, False, by=mira)
    topics.correct(price, one, True, by=mira)

    topics.change_words(one, {"en": ["price", "man"]})
    topics.sort_comments(Job.objects.get(kind=topics.SORT).pk)

    assert [about(row) for row in (late, wrong, price)] == [[], [], ["Delivery"]]
    row = topics.with_counts().get()
    assert (row.comments, row.looked, row.agreed, row.wrong, row.missed) == (1, 2, 1, 1, 0)


def test_the_pages_search_and_put_right_by_a_click(ana, as_manager):
    one = topic()
    response = build.response(ana, build.survey("nps"), 3, "The delivery man was rude <b>")

    page = as_manager.get(reverse("feedback:comments"), {"q": "rude delivery"}).content.decode()
    assert "Ana Lindqvist" in page
    assert "&lt;b&gt;" in page
    assert "No comment says this" in as_manager.get(reverse("feedback:comments"), {"q": "price"}).content.decode()

    address = reverse("feedback:comment_topics", args=[response.pk])
    as_manager.post(address, {"topic": one.pk, "say": "no"})
    assert about(response) == []
    as_manager.post(address, {"topic": one.pk, "say": "yes"}, headers={"HX-Request": "true"})
    assert about(response) == ["Delivery"]
    assert "found 1" in as_manager.get(reverse("feedback:topics")).content.decode()
    assert as_manager.post(address, {"topic": "x"}).status_code == 404


def test_a_wrong_click_is_taken_back(ana, as_manager):
    one = topic()
    response = build.response(ana, build.survey("nps"), 3, "The delivery was late")
    address = reverse("feedback:comment_topics", args=[response.pk])

    page = as_manager.post(address, {"topic": one.pk, "say": "no"}, follow=True).content.decode()
    undo = f"{address}?topic={one.pk}&say=yes"
    assert undo.replace("&", "&amp;") in page

    as_manager.post(undo)
    assert about(response) == ["Delivery"]


def test_comments_without_a_name_need_four_others_and_tell_no_day(ana, as_manager):
    survey = build.survey("nps", names="nameless")
    build.response(ana, build.survey("csat"), 5, "Under my name")

    def read(**asked):
        return as_manager.get(reverse("feedback:comments"), asked).content.decode()

    for n in range(4):
        build.invitation(ana, survey).answer({"score": 1, "comment": f"Secret words {n}"}, language="en")
    assert "Secret words" not in read()
    assert "Under my name" in read()

    build.invitation(ana, survey).answer({"score": 1, "comment": "Secret words 4, and a parrot"}, language="en")
    assert read().count("Secret words") == 5
    assert read().count("without a name") == 5
    assert "and a parrot" not in read(q="parrot")


def test_comments_go_on_where_the_page_ended(ana, as_manager, monkeypatch):
    monkeypatch.setattr("feedback.following.comments.SIZE", 2)
    survey = build.survey("nps")
    rows = [build.response(ana, survey, 5, f"Words {n}", at=n) for n in (3, 1, 2)]  # days ago

    first = as_manager.get(reverse("feedback:comments")).content.decode()
    assert ("Words 1" in first, "Words 2" in first, "Words 3" in first) == (True, True, False)
    then = as_manager.get(reverse("feedback:comments"), {"after": rows[2].pk}).content.decode()
    assert ("Words 2" in then, "Words 3" in then) == (False, True)
    alone = as_manager.get(reverse("feedback:comments"), {"answer": rows[1].pk}).content.decode()
    assert ("Words 1" in alone, "Words 2" in alone) == (True, False)


def test_a_topic_that_is_put_away_comes_back_with_its_words(as_manager):
    one = topic()
    away, listed = reverse("feedback:topic_put_away", args=[one.pk]), reverse("feedback:topics")

    page = as_manager.post(away, follow=True).content.decode()
    assert f"{away}?back=1" in page
    as_manager.post(f"{away}?back=1")
    assert topics.with_counts().get() == one

    as_manager.post(away)
    added = as_manager.post(listed, {"name": " delivery "})
    assert added.headers["Location"] == reverse("feedback:topic", args=[one.pk])
    assert topics.with_counts().get() == one
    assert one.rules.get().words == ["deliver*", "too late"]


def test_words_are_saved_on_the_page_of_the_topic(as_manager):
    one = Topic.objects.create(name="Price")

    as_manager.post(reverse("feedback:topic", args=[one.pk]), {"words": "1", "en": "Price\n\n price \nexpensive*"})

    assert one.rules.get().words == ["price", "expensive*"]
    assert Job.objects.filter(kind=topics.SORT).count() == 1
    assert as_manager.get(reverse("feedback:topic", args=[one.pk])).status_code == 200


def test_what_was_done_is_told_once_to_those_who_raised_it_and_still_want_to_hear(ana, ben, as_manager, mira):
    one = topic()
    survey = build.survey("nps")
    for who in (ana, ana, ben):
        build.response(who, survey, 8, "delivery")
    Consent.say(ben, "email", "ben@people.example", {"feedback": "withdrawn"}, method="page", wording="", source="me")

    as_manager.post(reverse("feedback:topic", args=[one.pk]), {"news": "1", "en": "We send on the same day."})
    job = Job.objects.get(kind=news.TELL)
    news.tell_news(job.pk)
    Job.objects.filter(pk=job.pk).update(state="queued")
    news.tell_news(job.pk)

    message = Message.objects.get()
    assert message.customer == ana
    assert "We send on the same day." in render(message).text
    assert news.who_raised(one, news.since_of(one)) == []
