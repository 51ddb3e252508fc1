"""“You said, we did”: what was done about a topic, told once to those who raised it and still want to hear of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from crm.contact import budget
from crm.contact.standing import Purpose
from crm.mail.kinds import Mail
from crm.mail.queueing import Wish, queue_many
from crm.models import Customer, Message
from feedback.following.topics import HOLDS
from feedback.models import ResponseTopic, Topic, TopicNews
from shop.jobs import job
from shop.models import Cancelled, Job, Setting

TELL, MAIL, PART = "feedback.tell_news", "topic_news", 1000
STAGE = gettext_noop("Telling those who raised it")

MAILS = [
    Mail(
        MAIL,
        _("What was done about what they said"),
        "feedback",
        placeholders={"topic": _("name of the topic"), "done": _("what was done")},
        mint="feedback.following.news.minted",
        still_true="feedback.following.news.taken_back",
        samples={"topic": "Delivery", "done": "We now send every parcel on the day of the order."},
        reminding=True,
    ),
]


def who_raised(topic: Topic, since: datetime) -> list[int]:
    """With their name; without one nobody can be told."""
    about = ResponseTopic.objects.filter(HOLDS, topic=topic, response__test=False, response__at__gte=since)
    held = about.filter(response__customer__in=Customer.objects.present())
    return sorted(set(held.values_list("response__customer", flat=True)))


def since_of(topic: Topic) -> datetime:
    """Who was told of it before has heard; everybody later has not, and nobody of what was taken back."""
    stopped = Job.objects.filter(kind=TELL, state=Job.State.CANCELLED).values_list("params__news", flat=True)
    last = topic.news.filter(taken_back_at=None).exclude(pk__in=list(stopped)).order_by("-at").first()
    return last.at if last else topic.created_at.replace(year=2000)


def tell(topic: Topic, texts: dict[str, str], *, by: Any) -> TopicNews:
    news = TopicNews.objects.create(topic=topic, since=since_of(topic), by=by, texts=texts)
    Job.request(TELL, lane=lane_of(news), by=by, news=news.pk)
    return news


def lane_of(news: TopicNews) -> str:
    return f"{TELL}:{news.pk}"


def batch_of(news: TopicNews) -> str:
    return f"news:{news.pk}"


def job_of(news: TopicNews) -> Job | None:
    return Job.objects.filter(kind=TELL, lane=lane_of(news)).order_by("-pk").first()


def mails_of(news: TopicNews) -> Any:
    return Message.objects.filter(batch=batch_of(news))


def take_back(news: TopicNews) -> int:
    """What has not left does not leave, however many they are: each mail is dropped when its turn comes.

    Returns how many have left already.
    """
    if (job := job_of(news)) and job.is_live:
        job.cancel()
    TopicNews.objects.filter(pk=news.pk, taken_back_at=None).update(taken_back_at=timezone.now())
    return int(mails_of(news).filter(sent_at__isnull=False).count())


@job(TELL)
def tell_news(claimed: Job) -> dict[str, int]:
    """Once each: the cause is the news and the customer."""
    news = TopicNews.objects.select_related("topic").get(pk=claimed.params["news"])
    ids, told = who_raised(news.topic, news.since), 0
    try:
        for begin in range(0, len(ids), PART):
            claimed.progress(STAGE, begin, len(ids))
            told += _tell(news, ids[begin : begin + PART])
    except Cancelled:
        claimed.refresh_from_db()
        if claimed.cancel_requested_at:
            take_back(news)
        raise
    return {"told": told, "raised": len(ids)}


def _tell(news: TopicNews, ids: Sequence[int]) -> int:
    answers = budget.answers(ids, budget.Asked(Purpose.FEEDBACK, timezone.now(), reminding=True))
    languages = dict(Customer.objects.filter(pk__in=ids).values_list("pk", "language"))
    wishes = [
        Wish(pk, f"news:{news.pk}:{pk}", answer.address, languages[pk], due_at=answer.from_, batch=batch_of(news))
        for pk, answer in sorted(answers.items())
        if answer.allowed or answer.from_
    ]
    queue_many(Purpose.FEEDBACK, MAIL, wishes)
    return len(wishes)


def taken_back(messages: list[Message]) -> dict[int, str]:
    """Looked at once more when they are sent."""
    numbers = {message.pk: int(message.cause.split(":")[1]) for message in messages}
    gone = TopicNews.objects.filter(pk__in=set(numbers.values()), taken_back_at__isnull=False)
    back = set(gone.values_list("pk", flat=True))
    return {pk: "no_longer_true" for pk, number in numbers.items() if number in back}


def minted(message: Message) -> dict[str, str]:
    """As it was written in the language of the mail, else in the one the shop writes in."""
    news = TopicNews.objects.select_related("topic").get(pk=int(message.cause.split(":")[1]))
    wanted = [(get_language() or "en")[:2], Setting.get("mail.language"), *news.texts]
    text = next((news.texts[one] for one in wanted if news.texts.get(one)), "")
    return {"topic": news.topic.name, "done": text}
