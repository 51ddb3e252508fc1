"""A survey that somebody of the staff sends from a card."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.contact.budget import Answer, may_contact
from crm.models import Customer, Message
from feedback.inviting.planning import plan_now
from feedback.models import Invitation, Survey


class SurveyChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} · {obj.get_kind_display()}"


class InviteForm(forms.Form):
    survey = SurveyChoice(label=_("Survey"), queryset=Survey.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["survey"]
        field.queryset = Survey.objects.running().order_by("name", "pk")


def may_ask(customer: Customer) -> Answer:
    return may_contact(customer, "feedback")


@transaction.atomic
def send(customer: Customer, survey: Survey, *, key: str) -> Invitation:
    """Once per key: a button pressed twice is one invitation. It waits a minute, in which it can be taken back."""
    cause = f"hand:{customer.pk}:{key}"
    asked = Invitation.objects.invite(customer, survey, cause=cause, trigger=Invitation.Trigger.HAND, batch=cause)
    return plan_now(asked)


@transaction.atomic
def take_back(invitations: Any) -> int:
    """What has not left yet does not leave. How many of them."""
    messages = Message.objects.filter(invitations__in=invitations.filter(state=Invitation.State.WAITING))
    mails: Sequence[int] = list(messages.values_list("pk", flat=True))
    back = Message.objects.filter(pk__in=mails).take_back()
    rows = invitations.filter(state=Invitation.State.WAITING).exclude(message__state__in=["sending", "sent"])
    return max(back, rows.update(state=Invitation.State.NOT_SENT, why="taken_back"))
