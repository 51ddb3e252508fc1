"""For how long what customers wrote in answers is kept."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from feedback.keeping import COMMENTS
from feedback.models import Response
from shop.models import Setting
from tests import build

pytestmark = pytest.mark.django_db


def test_texts_of_answers_go_and_scores_stay_also_without_a_name(ana):
    Setting.put("privacy.comments_days", 365)
    survey, old = build.survey("nps", names="choice"), timezone.now() - timedelta(days=400)
    named = build.response(ana, survey, 3, "The lid was loose.", at=old)
    young = build.response(ana, survey, 8, "Better now.")
    nameless = build.invitation(ana, survey).answer({"score": 2, "comment": "Call Ana."}, language="en", nameless=True)

    assert COMMENTS.count() == 1
    assert COMMENTS.run(lambda label, gone: None) == 1

    comments = dict(Response.objects.values_list("pk", "comment"))
    assert comments == {named.pk: "", young.pk: "Better now.", nameless.pk: "Call Ana."}
    assert Response.objects.get(pk=named.pk).score == 3


def test_only_a_clock_empties_the_comment_of_an_answer_without_a_name(ana):
    survey = build.survey("nps", names="choice")
    answer = build.invitation(ana, survey).answer({"score": 2, "comment": "Call Ana."}, language="en", nameless=True)
    mine = Response.objects.filter(pk=answer.pk)

    with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
        mine.update(comment="")
    COMMENTS._take(COMMENTS.parts[0], timezone.now() + timedelta(days=1))
    assert mine.get().comment == ""
    with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
        mine.update(score=9)


def test_texts_are_kept_for_ever_unless_somebody_sets_a_time(ana):
    build.response(ana, build.survey(), 3, "Hm.", at=timezone.now() - timedelta(days=3000))

    assert COMMENTS.run(lambda label, gone: None) == 0
