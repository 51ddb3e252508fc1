"""How an answer is written down, whichever way it came: the form, staff on the phone, a program."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.models import Event
from feedback.following import topics
from feedback.models import (
    AlreadyAnswered,
    Answer,
    CannotChange,
    Invitation,
    Question,
    Response,
    ResponseChange,
    SurveyVersion,
)
from feedback.models.invitation import Channel
from feedback.models.response import drawn_number
from shop.inserting import insert

Values = dict[str, Any]
ON_RESPONSE = ("score", "comment")  # their answers stand on the response itself


def answer(
    invitation: Invitation,
    values: Values,
    *,
    language: str,
    channel: str = Channel.EMAIL,
    nameless: bool = False,
    callback: bool = False,
    assisted_by: Any = None,
) -> Response:
    """The mark on the invitation is the lock: of two answers at once, one is too late."""
    nameless = nameless_by(invitation.version, nameless)
    now = timezone.now()
    if not invitation.mark_answered(week_of(now) if nameless else now):
        raise AlreadyAnswered(Response.objects.filter(invitation=invitation).first())
    how: Values = {"language": language, "channel": channel, "test": invitation.test}
    if nameless:
        return _write(invitation.version, values, at=week_of(now), nameless=True, **how)
    held = invitation.customer.held()
    whose = {"customer": held, "invitation": invitation, "order": invitation.order, "assisted_by": assisted_by}
    return _write(invitation.version, values, at=now, callback=callback, **whose, **how)


@transaction.atomic
def answer_uninvited(version: SurveyVersion, values: Values, *, language: str, channel: str, **how: Any) -> Response:
    """By an open link, a widget, a program, a file. `how`: customer, order, nameless, callback, test, at, source."""
    if nameless_by(version, how.pop("nameless", False)):
        kept = {"test": how.get("test", False), "nameless": True, "at": week_of(how.get("at") or timezone.now())}
        return _write(version, values, language=language, channel=channel, **kept)
    return _write(version, values, language=language, channel=channel, **{"at": timezone.now(), **how})


def change(response: Response, values: Values, *, callback: bool, actor: str) -> bool:
    kept = Response.objects.select_for_update().get(pk=response.pk)
    if not kept.may_be_changed:
        raise CannotChange
    before: Values = {
        "score": kept.score,
        "comment": kept.comment,
        "callback": kept.callback,
        "answers": values_of(kept),
    }
    wanted = {**values, "callback": callback}
    if wanted == {**before["answers"], "callback": kept.callback}:
        return False
    ResponseChange.objects.create(response=kept, actor=actor, **before)
    former, now = kept.score, timezone.now()
    own = _own(kept.version, values)
    Response.objects.filter(pk=kept.pk).update(**own, callback=callback, changed_at=now)
    kept.answers.all().delete()
    _write_answers(kept, values)
    topics.sort([kept.pk])
    response.refresh_from_db()
    _tell(response, "response.changed", actor, now, former=former)
    return True


def week_of(moment: datetime) -> datetime:
    """The beginning of its week in the shop: all that an answer without a name says of its time."""
    local = timezone.localtime(moment)
    monday = local.date() - timedelta(days=local.weekday())
    return timezone.make_aware(datetime(monday.year, monday.month, monday.day))


def nameless_by(version: SurveyVersion, wished: bool) -> bool:
    names = version.survey.names
    return names == "nameless" or (names == "choice" and wished)


def values_of(response: Response) -> Values:
    """As `answer` takes them; days as text, as they are kept."""
    found: Values = {}
    for question in response.version.questions.all():
        if question.kind == Question.Kind.SCORE and response.score is not None:
            found[question.name] = response.score
        elif question.kind == Question.Kind.COMMENT and response.comment:
            found[question.name] = response.comment
    for one in response.answers.select_related("question"):
        found[one.question.name] = _value(one)
    return found


def _value(one: Answer) -> Any:
    kind = one.question.kind
    if kind in (Question.Kind.SINGLE, Question.Kind.MULTIPLE):
        return one.chosen
    if kind == Question.Kind.DATE:
        return one.day.isoformat() if one.day else None
    return one.text if kind == Question.Kind.TEXT else one.number


def _write(version: SurveyVersion, values: Values, *, at: datetime, **about: Any) -> Response:
    response = Response(survey=version.survey, version=version, at=at, **_own(version, values), **about)
    if response.nameless:
        response.pk = drawn_number()
        response.save(force_insert=True)
    else:
        insert(response)
    _write_answers(response, values)
    if response.comment:
        topics.sort_new(response.pk)
    if not response.nameless and not response.test:
        actor = response.assisted_by.actor if response.assisted_by else ""
        _tell(response, "response.recorded", actor, at, callback=response.callback)
    return response


def _own(version: SurveyVersion, values: Values) -> dict[str, Any]:
    """What stands on the response itself."""
    keys = {one.kind: one.name for one in version.questions.all() if one.kind in ON_RESPONSE}
    return {"score": values.get(keys.get("score", "")), "comment": values.get(keys.get("comment", "")) or ""}


def _write_answers(response: Response, values: Values) -> None:
    asked = [one for one in response.version.questions.all() if one.kind not in ON_RESPONSE]
    rows = [_row(response, question, values[question.name]) for question in asked if _is_said(values, question)]
    if rows:
        Answer.objects.bulk_create(rows)


def _is_said(values: Values, question: Question) -> bool:
    return values.get(question.name) not in (None, "", [])


def _row(response: Response, question: Question, value: Any) -> Answer:
    kind, row = question.kind, Answer(response=response, question=question)
    if kind in (Question.Kind.SINGLE, Question.Kind.MULTIPLE):
        row.chosen = list(value) if isinstance(value, list | tuple) else [value]
    elif kind == Question.Kind.TEXT:
        row.text = value
    elif kind == Question.Kind.DATE:
        row.day = value
    else:
        row.number = int(value)
    return row


def _tell(response: Response, kind: str, actor: str, at: datetime, **more: Any) -> None:
    Event.record(
        kind,
        customer_id=response.customer_id,
        order=response.order,
        subject=response,
        actor=actor,
        at=at,
        response=response.pk,
        survey=response.survey.name,
        kind=response.survey.kind,
        score=response.score,
        **more,
    )
