"""What comments are about: by words, put right by people; and telling those who raised it what was done."""

import pytest
from django.urls import reverse

from crm.mail import sending
from crm.mail.rendering import render
from crm.models import Consent, Message
from feedback.following import news, topics
from feedback.models import Response, ResponseTopic, Topic
from shop.models import Job, Setting
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_quiet_hours():
    Setting.put("contact.quiet_from", 0)
    Setting.put("contact.quiet_until", 0)


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


def agreement():
    """(looked at, found by words and right, found and wrong, missed) of all there is about one topic."""
    row = topics.with_counts().get()
    return row.looked, row.agreed, row.wrong, row.missed


@pytest.mark.parametrize("comment", ["The delivery was late", "It was late"])
def test_a_wrong_click_is_taken_back_and_counts_as_nothing(ana, as_manager, comment):
    one = topic()
    response = build.response(ana, build.survey("nps"), 3, comment)
    address, before = reverse("feedback:comment_topics", args=[response.pk]), about(response)

    for say in ("no", "yes"):
        page = as_manager.post(address, {"topic": one.pk, "say": say}, follow=True).content.decode()
        undo = f"{address}?topic={one.pk}&say=nothing"
        assert undo.replace("&", "&amp;") in page
        assert agreement()[0] == 1
        as_manager.post(undo)

        assert about(response) == before
        assert agreement() == (0, 0, 0, 0)


def test_taken_back_it_is_what_somebody_had_said_before(ana, as_manager):
    one = topic()
    response = build.response(ana, build.survey("nps"), 3, "The delivery was late")
    address = reverse("feedback:comment_topics", args=[response.pk])
    as_manager.post(address, {"topic": one.pk, "say": "no"})

    page = as_manager.post(address, {"topic": one.pk, "say": "yes"}, follow=True).content.decode()

    assert f"{address}?topic={one.pk}&amp;say=no" in page
    as_manager.post(f"{address}?topic={one.pk}&say=no")
    assert (about(response), agreement()) == ([], (1, 0, 1, 0))


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


def raised_by(*customers):
    """A topic that each of them raised, and what was done about it is being told."""
    one, survey = topic(), build.survey("nps")
    for who in customers:
        build.response(who, survey, 8, "delivery")
    return one, news.tell(one, {"en": "We send on the same day."}, by=None)


def leave():
    Message.objects.update(due_at="2026-01-01T00:00Z")
    sending.send_due()


def test_what_is_told_waits_a_minute_and_can_be_taken_back(ana, as_manager):
    one, told = raised_by(ana)
    news.tell_news(Job.objects.get(kind=news.TELL).pk)
    address = reverse("feedback:topic_news", args=[told.pk])
    assert "Take back what has not left" in as_manager.get(address).content.decode()

    after = as_manager.post(reverse("feedback:topic_news_undo", args=[told.pk]), follow=True).content.decode()
    leave()

    assert "Taken back: nobody was told." in after
    assert Message.objects.values_list("state", "why").get() == ("not_sent", "no_longer_true")
    assert "Taken back before it left." in as_manager.get(address).content.decode()
    assert news.who_raised(one, news.since_of(one)) == [ana.pk], "they can be told something better"


def test_what_has_left_is_counted_when_the_rest_is_taken_back(ana, cleo, as_manager):
    build.order(cleo)
    _one, told = raised_by(ana, cleo)
    news.tell_news(Job.objects.get(kind=news.TELL).pk)
    Message.objects.filter(customer=ana).update(due_at="2026-01-01T00:00Z")
    sending.send_due()

    after = as_manager.post(reverse("feedback:topic_news_undo", args=[told.pk]), follow=True).content.decode()
    leave()

    assert "1 mail has left already; no more do." in after
    assert dict(Message.objects.values_list("customer", "state")) == {ana.pk: "sent", cleo.pk: "not_sent"}


def test_stopped_while_it_runs_nobody_more_is_told(ana, cleo, monkeypatch):
    build.order(cleo)
    one, _told = raised_by(ana, cleo)
    job, plain = Job.objects.get(kind=news.TELL), news._tell

    def cancelled(*args):
        Job.objects.filter(pk=job.pk).update(cancel_requested_at="2026-01-01T00:00Z")
        return plain(*args)

    monkeypatch.setattr(news, "_tell", cancelled)
    monkeypatch.setattr(news, "PART", 1)
    news.tell_news(job.pk)
    leave()

    assert Message.objects.values_list("state", "why").get() == ("not_sent", "no_longer_true")
    assert len(news.who_raised(one, news.since_of(one))) == 2


def test_cancelled_before_it_began_it_told_nobody(ana):
    one, _told = raised_by(ana)
    Job.objects.get(kind=news.TELL).cancel()

    assert news.who_raised(one, news.since_of(one)) == [ana.pk]


def test_who_takes_the_consent_back_meanwhile_is_not_told(ana, as_manager):
    _one, told = raised_by(ana)
    news.tell_news(Job.objects.get(kind=news.TELL).pk)
    Consent.say(ana, "email", "ana@people.example", {"feedback": "withdrawn"}, method="page", wording="", source="me")
    leave()

    message = Message.objects.get()
    assert (message.state, message.why) == ("not_sent", "withdrawn")
    page = as_manager.get(reverse("feedback:topic_news", args=[told.pk])).content.decode()
    assert message.reason in page
