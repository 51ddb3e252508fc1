"""For how long what customers wrote in answers is kept; scores and choices stay."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.privacy.clocks import Clock, Part, local_day
from feedback.models import Answer, Response, ResponseChange


def _shown(row: Any) -> tuple[str, str]:
    answered = row if isinstance(row, Response) else row.response
    url = reverse("crm:customer", args=[answered.customer_id]) if answered.customer_id else ""
    return f"{local_day(answered.at)}, #{answered.pk}", url


COMMENTS = Clock(
    "comments",
    _("Texts of answers to surveys"),
    _("What was written goes; scores and choices stay, and so do the figures made of them."),
    (
        Part(lambda before: Response.objects.filter(at__lt=before).exclude(comment="").order_by("at"), {"comment": ""}),
        Part(
            lambda before: (
                Answer.objects.filter(response__at__lt=before)
                .exclude(text="")
                .select_related("response")
                .order_by("response__at")
            ),
            {"text": ""},
        ),
        Part(
            lambda before: (
                ResponseChange.objects.filter(at__lt=before)
                .exclude(comment="", answers={})
                .select_related("response")
                .order_by("at")
            ),
            {"comment": "", "answers": {}},
        ),
    ),
    _shown,
    setting="privacy.comments_days",
)
