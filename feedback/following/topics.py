"""What comments are about, by words: applied when one is written down, and to all of them when the words change.

What somebody who read a comment said stays. Nothing leaves the server.
"""

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from feedback.models import Response, ResponseTopic, Topic, TopicRule
from shop.asking import ask
from shop.jobs import job
from shop.models import Job

SORT = "feedback.sort_comments"
STAGE = gettext_noop("Looking what comments are about")
PART = 2000
LANGUAGES = [code for code, _name in settings.LANGUAGES]

_RULES = """
    SELECT rule.topic_id, rule.language, rule.words FROM feedback_topicrule AS rule
      JOIN feedback_topic AS topic ON topic.id = rule.topic_id
     WHERE topic.archived_at IS NULL AND rule.words <> '{}' ORDER BY rule.id
"""
_SORT = """
    WITH said AS (
        SELECT answer.id AS response, rule.topic
          FROM feedback_response AS answer
          JOIN unnest(%(topics)s::bigint[], %(languages)s::text[], %(patterns)s::text[])
               AS rule (topic, language, words)
            ON rule.language = answer.language AND answer.comment ~* rule.words
         WHERE answer.id = ANY (%(ids)s::bigint[]) AND answer.comment <> ''
    ), gone AS (
        DELETE FROM feedback_responsetopic AS old
         WHERE old.response_id = ANY (%(ids)s::bigint[]) AND old."right" IS NULL
           AND NOT EXISTS (SELECT FROM said WHERE said.response = old.response_id AND said.topic = old.topic_id)
    ), looked AS (
        UPDATE feedback_responsetopic AS old SET by_rule = NOT old.by_rule
         WHERE old.response_id = ANY (%(ids)s::bigint[]) AND old."right" IS NOT NULL AND old.by_rule <> EXISTS (
               SELECT FROM said WHERE said.response = old.response_id AND said.topic = old.topic_id)
    )
    INSERT INTO feedback_responsetopic (response_id, topic_id, by_rule)
    SELECT DISTINCT response, topic, true FROM said ORDER BY response, topic
    ON CONFLICT (response_id, topic_id) DO NOTHING
"""


def pattern(words: Sequence[str]) -> str:
    """Any of the words, whole; a star at the end stands for any ending."""
    return r"\m(" + "|".join(_one(word) for word in words) + ")"


def _one(word: str) -> str:
    bare = r"\s+".join(re.escape(part) for part in word.rstrip("*").split())
    return bare if word.endswith("*") else rf"{bare}\M"


def sort(ids: Sequence[int]) -> None:
    """Bring what the rules say of these answers to what they say now."""
    _sort(ids, ask(_RULES))


def sort_new(answer: int) -> None:
    """The same for one that was written just now: where there are no rules, there is nothing to say of it."""
    if rules := ask(_RULES):
        _sort([answer], rules)


def _sort(ids: Sequence[int], rules: Sequence[tuple[int, str, list[str]]]) -> None:
    values: dict[str, Any] = {
        "ids": list(ids),
        "topics": [topic for topic, _language, _words in rules],
        "languages": [language for _topic, language, _words in rules],
        "patterns": [pattern(words) for _topic, _language, words in rules],
    }
    ask(_SORT, values)


def sort_all_later(by: Any = None) -> Job:
    return Job.request(SORT, by=by)


@job(SORT)
def sort_comments(claimed: Job) -> dict[str, int]:
    """All of them, part by part; stopped on the way, the next time begins again."""
    commented = Response.objects.exclude(comment="")
    total, last, done = commented.count(), 0, 0
    while ids := list(commented.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PART]):
        claimed.progress(STAGE, done, total)
        sort(ids)
        last, done = ids[-1], done + len(ids)
    return {"sorted": done}


@transaction.atomic
def change_words(topic: Topic, words: dict[str, list[str]], *, by: Any = None) -> bool:
    """The words of each language. False: they were the same."""
    before = {rule.language: rule.words for rule in topic.rules.all()}
    wanted = {language: list(dict.fromkeys(some)) for language, some in words.items() if some}
    if before == wanted:
        return False
    topic.rules.all().delete()
    TopicRule.objects.bulk_create(TopicRule(topic=topic, language=one, words=some) for one, some in wanted.items())
    sort_all_later(by)
    return True


def put_away_as(name: str) -> Topic | None:
    """The topic of this name that nobody sees any more, and whose name is taken."""
    return Topic.objects.filter(
        name__iexact=" ".join(name.replace("\x00", "").split()), archived_at__isnull=False
    ).first()


def bring_back(topic: Topic, *, by: Any = None) -> None:
    """Its words count again, also of what was written meanwhile."""
    if Topic.objects.filter(pk=topic.pk, archived_at__isnull=False).update(archived_at=None):
        sort_all_later(by)


@transaction.atomic
def correct(response: Response, topic: Topic, right: bool, *, by: Any) -> bool | None:
    """Somebody read it: it is about this, or it is not. What was said of it before; None: nobody had read it."""
    looked = {"right": right, "looked_by": by, "looked_at": timezone.now()}
    rows = ResponseTopic.objects.select_for_update()
    kept, new = rows.get_or_create(response=response, topic=topic, defaults={**looked, "by_rule": False})
    former = None if new else kept.right
    if not new:
        ResponseTopic.objects.filter(pk=kept.pk).update(**looked)
    return former


def unread(response: Response, topic: Topic) -> None:
    """As if nobody had read it: what the words say of it counts again, and it is neither agreed with nor put right."""
    kept = ResponseTopic.objects.filter(response=response, topic=topic)
    kept.filter(by_rule=False).delete()
    kept.update(right=None, looked_by=None, looked_at=None)


HOLDS = Q(right=True) | Q(right=None, by_rule=True)


def with_counts() -> Any:
    """Topics with how many comments are about them, and how far the words agree with those who read."""
    rows, about = Topic.objects.filter(archived_at=None), "responses__"
    holds = Q(responses__right=True) | Q(responses__right=None, responses__by_rule=True)
    return rows.annotate(
        comments=Count("responses", filter=holds & Q(responses__response__test=False)),
        looked=Count("responses", filter=Q(**{f"{about}right__isnull": False})),
        agreed=Count("responses", filter=Q(**{f"{about}right": True, f"{about}by_rule": True})),
        wrong=Count("responses", filter=Q(**{f"{about}right": False, f"{about}by_rule": True})),
        missed=Count("responses", filter=Q(**{f"{about}right": True, f"{about}by_rule": False})),
    ).order_by("-comments", "name")
