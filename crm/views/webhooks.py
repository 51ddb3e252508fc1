"""Webhooks: who hears of what, what went out and what came back, and once more what failed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Delivery, Webhook
from crm.webhooks import delivery_page
from crm.webhooks.forms import SinceForm, WebhookForm
from crm.webhooks.payload import bodies
from shop.access import StaffRequest, right
from shop.toasts import toast


@require_GET
@right("keys.manage")
def webhooks(request: StaffRequest) -> HttpResponse:
    return render(request, "crm/webhooks/webhooks.html", {"webhooks": Webhook.objects.for_the_list()})


@require_http_methods(["GET", "HEAD", "POST"])
@right("keys.manage")
def webhook_new(request: StaffRequest) -> HttpResponse:
    form = WebhookForm(request.POST or None, initial={"kinds": []}, by=request.user)
    if request.method == "POST" and form.is_valid():
        webhook, secret = Webhook.make(**form.cleaned_data, by=request.user)
        return _shown_once(request, webhook, secret)
    status = 422 if request.method == "POST" else 200
    return render(request, "crm/webhooks/edit.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right("keys.manage")
def webhook_edit(request: StaffRequest, webhook_id: int) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    form = WebhookForm(request.POST or None, initial=WebhookForm.of(webhook), by=request.user)
    if request.method == "POST" and form.is_valid():
        if webhook.change(**form.cleaned_data, by=request.user):
            toast(request, _("%(name)s saved.") % {"name": webhook})
        return redirect("crm:webhook", webhook.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "crm/webhooks/edit.html", {"form": form, "webhook": webhook}, status=status)


@require_GET
@right("keys.manage")
def webhook(request: StaffRequest, webhook_id: int) -> HttpResponse:
    found = get_object_or_404(Webhook.objects.for_the_list(), pk=webhook_id)
    return render(request, "crm/webhooks/webhook.html", _context(request, found))


def _context(request: StaffRequest, webhook: Webhook, since: SinceForm | None = None) -> dict[str, Any]:
    page = delivery_page.read(webhook, request.GET)
    resting = bool(webhook.rest_until and webhook.rest_until > timezone.now())
    return {"webhook": webhook, "page": page, "since": since or SinceForm(), "resting": resting}


STEPS = {
    "pause": (Webhook.pause, gettext_lazy("%(name)s is paused. What happens meanwhile waits.")),
    "resume": (Webhook.resume, gettext_lazy("%(name)s is live.")),
}


@require_POST
@right("keys.manage")
def webhook_step(request: StaffRequest, webhook_id: int, step: str) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    take, said = STEPS[step]
    if take(webhook, by=request.user):
        toast(request, said % {"name": webhook})
    return redirect("crm:webhook", webhook.pk)


@require_POST
@right("keys.manage")
def webhook_test(request: StaffRequest, webhook_id: int) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    return redirect("crm:delivery", webhook.pk, webhook.test(by=request.user).pk)


@require_POST
@right("keys.manage")
def webhook_secret(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """A new secret, shown this once; `do=end_former`: the one before it signs no longer."""
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    if request.POST.get("do") == "end_former":
        if webhook.end_former_secret(by=request.user):
            toast(request, _("The former secret signs no longer."))
        return redirect("crm:webhook", webhook.pk)
    return _shown_once(request, webhook, webhook.change_secret(by=request.user))


def _shown_once(request: StaffRequest, webhook: Webhook, secret: str) -> HttpResponse:
    response = render(request, "crm/webhooks/secret.html", {"webhook": webhook, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@right("keys.manage")
def webhook_removal(request: StaffRequest, webhook_id: int) -> HttpResponse:
    webhook = get_object_or_404(Webhook, pk=webhook_id)
    webhook.remove(by=request.user)
    toast(request, _("%(name)s is removed.") % {"name": webhook})
    return redirect("crm:webhooks")


@require_POST
@right("keys.manage")
def webhook_replay(request: StaffRequest, webhook_id: int) -> HttpResponse:
    """Everything that failed since a day goes once more."""
    webhook = get_object_or_404(Webhook.objects.for_the_list(), pk=webhook_id)
    form = SinceForm(request.POST)
    if not form.is_valid():
        return render(request, "crm/webhooks/webhook.html", _context(request, webhook, form), status=422)
    again = webhook.deliveries.failed_since(form.moment).replay()
    if again:
        webhook.note_replay(by=request.user)
    toast(request, ngettext("%d message goes once more.", "%d messages go once more.", again) % again)
    return redirect("crm:webhook", webhook.pk)


@require_GET
@right("keys.manage")
def delivery(request: StaffRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    found = _delivery(webhook_id, delivery_id)
    tries = found.tries.order_by("-pk")[:50]
    body = found.body or bodies([found])[found.pk]
    context = {"delivery": found, "webhook": found.webhook, "tries": tries, "body": body}
    return render(request, "crm/webhooks/delivery.html", context)


@require_POST
@right("keys.manage")
def delivery_replay(request: StaffRequest, webhook_id: int, delivery_id: int) -> HttpResponse:
    found = _delivery(webhook_id, delivery_id)
    if Delivery.objects.filter(pk=found.pk).replay():
        found.webhook.note_replay(by=request.user)
        toast(request, _("The message goes once more."))
    else:
        toast(request, _("The message is on its way already."))
    return redirect("crm:delivery", webhook_id, delivery_id)


def _delivery(webhook_id: int, delivery_id: int) -> Delivery:
    rows = Delivery.objects.select_related("webhook", "event__order")
    return get_object_or_404(rows, pk=delivery_id, webhook=webhook_id)
