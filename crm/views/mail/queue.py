"""What waits, what failed and why; one mail; taking one back, sending one again."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm.mail import queue_page
from crm.mail.kinds import mails
from crm.models import Customer, Message
from crm.views.mail.frames import around, inside
from shop.access import right
from shop.models import Setting
from shop.toasts import toast


@require_GET
@right("reports.view")
def queue(request: HttpRequest) -> HttpResponse:
    page = queue_page.read(request.GET)
    context = {
        "page": page,
        "tabs": [(name, label, name == page.name) for name, (label, _states) in queue_page.LISTS.items()],
        "kinds": [(mail.name, mail.label) for mail in mails().values()],
        "leaves": settings.MAIL_LEAVES,
        "held": Setting.get("mail.held"),
        "may_act": request.user.may("settings.edit"),
    }
    return render(request, "crm/mail/queue.html", context)


@require_GET
@right("customers.view")
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """Staff who see a customer see what was written to them; not what was written to staff."""
    found = _visible(request, message_id)
    return around(render(request, "crm/mail/message.html", {"message": found}))


@require_GET
@right("customers.view")
def body(request: HttpRequest, message_id: int) -> HttpResponse:
    return inside(_visible(request, message_id).html)


def _visible(request: HttpRequest, message_id: int) -> Message:
    Customer.objects.allowed(request.user, "customers.view")
    found = get_object_or_404(Message.objects.select_related("customer"), pk=message_id)
    if found.customer is None and not request.user.may("settings.edit"):
        raise Http404
    return found


@require_POST
@right("settings.edit")
def taken_back(request: HttpRequest, message_id: int) -> HttpResponse:
    found = get_object_or_404(Message, pk=message_id)
    if Message.objects.filter(pk=found.pk).take_back():
        undo = reverse("crm:mail_again", args=[found.pk])
        toast(request, _("“%(mail)s” is not sent.") % {"mail": found.label}, undo=undo)
    else:
        toast(request, _("Too late: it is on its way."))
    return redirect("crm:mails")


@require_POST
@right("settings.edit")
def again(request: HttpRequest, message_id: int) -> HttpResponse:
    found = get_object_or_404(Message, pk=message_id)
    if found.try_again():
        toast(request, _("“%(mail)s” is sent after all.") % {"mail": found.label})
    else:
        toast(request, _("This one is not sent again."))
    return redirect("crm:mails")
