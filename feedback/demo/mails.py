"""Invitations of the demo shop: some mails lie there whose links work, and some customers are asked in a few days."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from crm.mail.mailbox import MailboxBackend
from crm.mail.outgoing import envelope
from crm.mail.queueing import Wish, queue_many
from crm.mail.rendering import render
from crm.models import Message, Order
from feedback.inviting.planning import MAIL, cause
from feedback.models import Invitation, Survey
from feedback.surveys.kinds import Kind

READABLE = (Kind.CES, Kind.NPS, Kind.CSAT)  # one mail each, in English; the last one is on top
COMING = 12
State = Invitation.State


def tell(staff: dict[str, Any], today: date) -> None:
    """Call it inside a transaction, after the answers."""
    for kind in READABLE:
        rows = Invitation.objects.open().filter(survey__kind=kind, state=State.SENT, bounced_at=None, message=None)
        if newest := rows.filter(customer__language__in=["", "en"]).order_by("-sent_at", "-pk").first():
            _keep_mail(newest)
    if after_orders := Survey.objects.triggered_by(Survey.Trigger.ORDER).order_by("pk").first():
        _ask_in_some_days(after_orders)


def _keep_mail(invitation: Invitation) -> None:
    """As it was sent, to be read on the page of mails; nothing leaves, whatever sends mail here."""
    who = invitation.customer
    address = who.identifiers.filter(kind="email").order_by("pk").values_list("value", flat=True).first()
    if address is None:
        return
    wish = Wish(who.pk, cause(invitation.pk), address, who.language)
    message = Message.objects.get(pk=queue_many("feedback", MAIL, [wish])[wish.cause])
    written = render(message)
    MailboxBackend().send_messages([envelope(message, written)])
    sent = {"state": Message.State.SENT, "sent_at": invitation.sent_at, "at": invitation.sent_at}
    kept = {"language": written.text_used.language, "version": written.text_used.version}
    Message.objects.filter(pk=message.pk).update(**sent, **kept, **written.without_secrets())
    Invitation.objects.filter(pk=invitation.pk).update(message=message)


def _ask_in_some_days(survey: Survey) -> None:
    """After the newest orders, as they would be asked."""
    wait = timedelta(days=survey.delay_days)
    bought = Order.objects.filter(placed_at__gt=timezone.now() - wait, cancelled_at=None, net__gt=0)
    mailed = bought.filter(customer__identifiers__kind="email", customer__merged_into=None).distinct()
    for order in mailed.select_related("customer").order_by("-placed_at", "-pk")[:COMING]:
        told: dict[str, Any] = {"trigger": "order", "order": order, "due_at": order.placed_at + wait}
        Invitation.objects.invite(order.customer, survey, cause=f"order:{order.pk}:survey:{survey.pk}", **told)
