"""Webhooks, and what went out through them: for the programs that set up other programs."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import webhook_shapes as shapes
from crm.api.fields import MomentField, Strict
from crm.api.inputs import NoInput
from crm.api.pages import PAGED, page_of, query
from crm.models import Delivery, Webhook
from crm.models.webhook import EVERYTHING
from crm.webhooks.forms import OFFERED
from crm.webhooks.words import REFUSED
from shop.api.told import Told
from shop.api.views import ApiView, Command
from shop.outgoing.guard import LONGEST, Refused, target

MOST_KINDS = len(OFFERED) + 1
Said = dict[str, Any]


class WebhookInput(Strict):
    example = {
        "name": "warehouse",
        "url": "https://warehouse.example/hooks/regulars",
        "kinds": ["order.placed", "order.refunded"],
    }
    says = {
        "url": "`https://`; a machine of your own network where the settings name it.",
        "kinds": "Of which events it hears; `*` is every kind there is or will be.",
        "personal": "Also what people typed: titles, reasons, changed fields. Needs `customers.export`, too.",
    }
    name = serializers.CharField(max_length=64)
    url = serializers.CharField(max_length=LONGEST)
    kinds = serializers.ListField(
        child=serializers.ChoiceField([EVERYTHING, *OFFERED]), allow_empty=False, max_length=MOST_KINDS
    )
    personal = serializers.BooleanField(required=False, default=False)

    def validate_url(self, url: str) -> str:
        try:
            target(url)
        except Refused as refused:
            raise serializers.ValidationError(REFUSED[refused.why], code=refused.why) from refused
        return url

    def validate_kinds(self, kinds: list[str]) -> list[str]:
        return [EVERYTHING] if EVERYTHING in kinds else sorted(set(kinds))


class StepInput(Strict):
    example = {"to": "paused"}
    to = serializers.ChoiceField(["paused", "live"])


class SecretInput(Strict):
    example = {"former": "day"}
    says = {"former": "How long the secret before it still signs beside it: a `day`, or `none`."}
    former = serializers.ChoiceField(["day", "none"], required=False, default="day")


class OfAState(Strict):
    """Of the address, not of a body."""

    state = serializers.ChoiceField(Delivery.State.values, required=False)


class SinceInput(Strict):
    example = {"since": "2026-03-01T10:00:00+01:00"}
    since = MomentField()


class WebhookList(Command):
    right = "keys.manage"
    secretive = True
    told = {
        "GET": Told("List webhooks", "With how many messages wait and failed.", list_of=shapes.WEBHOOK),
        "POST": Told(
            "Make a webhook",
            "`secret` is told in this answer and never again; it signs every message.",
            shapes.NEW_WEBHOOK,
            body=WebhookInput,
            status=(201,),
        ),
    }

    def get(self, request: Request) -> Response:
        return Response(page_of(Webhook.objects.for_the_list(), query(request, *PAGED), shown))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        webhook, secret = Webhook.make(**_read(WebhookInput, request), by=self.key)
        return Response({**shown(find(webhook.pk)), "secret": secret}, status=201)


class WebhookDetail(ApiView):
    right = "keys.manage"
    told = {"GET": Told("Get a webhook", "Without its secret.", shapes.WEBHOOK)}

    def get(self, request: Request, pk: int) -> Response:
        return Response(shown(find(pk)))


class WebhookCommand(Command):
    """What is done to one webhook; twice is the same as once."""

    right = "keys.manage"
    key_required = False


class WebhookFields(WebhookCommand):
    told = {"POST": Told("Change a webhook", "What is not sent stays.", shapes.WEBHOOK, body=WebhookInput)}

    def act(self, request: Request, pk: int) -> Response:
        find(pk).change(**_read(WebhookInput, request, partial=True), by=self.key)
        return Response(shown(find(pk)))


class WebhookState(WebhookCommand):
    told = {
        "POST": Told(
            "Pause or resume a webhook",
            "While it is paused, messages gather; they go when it is live again.",
            shapes.WEBHOOK,
            body=StepInput,
        )
    }

    def act(self, request: Request, pk: int) -> Response:
        webhook, to = find(pk), _read(StepInput, request)["to"]
        (webhook.pause if to == "paused" else webhook.resume)(by=self.key)
        return Response(shown(find(pk)))


class WebhookSecret(Command):
    right = "keys.manage"
    secretive = True
    told = {
        "POST": Told(
            "Change the secret of a webhook",
            "A new one signs from now on, and is told in this answer and never again.",
            shapes.NEW_WEBHOOK,
            body=SecretInput,
            status=(201,),
        )
    }

    def act(self, request: Request, pk: int) -> Response:
        webhook, former = find(pk), _read(SecretInput, request)["former"]
        secret = webhook.change_secret(by=self.key)
        if former == "none":
            webhook.end_former_secret(by=self.key)
        return Response({**shown(find(pk)), "secret": secret}, status=201)


class WebhookRemoval(WebhookCommand):
    told = {
        "POST": Told("Remove a webhook", "With its messages. Not there any more: `404`.", shapes.REMOVED, body=NoInput)
    }

    def act(self, request: Request, pk: int) -> Response:
        _read(NoInput, request)
        find(pk).remove(by=self.key)
        return Response({"id": pk})


class WebhookTest(Command):
    right = "keys.manage"
    told = {
        "POST": Told("Try a webhook", "A message of its own goes to it.", shapes.DELIVERY, body=NoInput, status=(201,))
    }

    def act(self, request: Request, pk: int) -> Response:
        _read(NoInput, request)
        return Response(delivered(find(pk).test(by=self.key)), status=201)


class DeliveryList(ApiView):
    right = "keys.manage"
    told = {
        "GET": Told(
            "List the messages of a webhook",
            "Of the last 30 days after their end.",
            list_of=shapes.DELIVERY,
            query={"state": {"description": "In this state only.", "schema": {"enum": Delivery.State.values}}},
        )
    }

    def get(self, request: Request, pk: int) -> Response:
        rows, asked = find(pk).deliveries.select_related("event").defer("body", "event__data"), _asked(request)
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        return Response(page_of(rows, asked, delivered))


class DeliveryDetail(ApiView):
    right = "keys.manage"
    told = {
        "GET": Told("Get a message of a webhook", "With its last 50 attempts, newest first.", shapes.WHOLE_DELIVERY)
    }

    def get(self, request: Request, pk: int, delivery_id: int) -> Response:
        found = message(pk, delivery_id)
        tries = found.tries.defer("answer").order_by("-pk")[:50]
        return Response({**delivered(found), "tries": [_tried(one) for one in tries]})


class DeliveryAgain(WebhookCommand):
    told = {
        "POST": Told(
            "Send a message of a webhook again",
            "Under the same number, from the first attempt on. One that waits goes as it would have.",
            shapes.DELIVERY,
            body=NoInput,
        )
    }

    def act(self, request: Request, pk: int, delivery_id: int) -> Response:
        _read(NoInput, request)
        found = message(pk, delivery_id)
        if Delivery.objects.filter(pk=found.pk).replay():
            found.webhook.note_replay(by=self.key)
        return Response(delivered(message(pk, delivery_id)))


class FailedAgain(WebhookCommand):
    told = {"POST": Told("Send again what failed", "All that failed `since` a moment.", shapes.AGAIN, body=SinceInput)}

    def act(self, request: Request, pk: int) -> Response:
        webhook, since = find(pk), _read(SinceInput, request)["since"]
        again = webhook.deliveries.failed_since(since).replay()
        if again:
            webhook.note_replay(by=self.key)
        return Response({"again": again})


def _read(kind: type[Strict], request: Request, *, partial: bool = False) -> Said:
    told = kind(data=request.data, partial=partial)
    told.is_valid(raise_exception=True)
    return dict(told.validated_data)


def _asked(request: Request) -> Said:
    asked = query(request, "state", *PAGED)
    OfAState(data={name: asked[name] for name in asked if name == "state"}).is_valid(raise_exception=True)
    return asked


def find(pk: int) -> Webhook:
    webhook = Webhook.objects.for_the_list().filter(pk=pk).first()
    if webhook is None:
        raise Http404
    return webhook


def message(pk: int, delivery_id: int) -> Delivery:
    rows = Delivery.objects.select_related("webhook", "event").defer("body", "event__data")
    found = rows.filter(pk=delivery_id, webhook=pk).first()
    if found is None:
        raise Http404
    return found


def shown(webhook: Any) -> Said:
    return {
        "id": webhook.pk,
        "name": webhook.name,
        "url": webhook.url,
        "kinds": webhook.kinds,
        "personal": webhook.personal,
        "state": webhook.state,
        "since": _moment(webhook.since),
        "waiting": webhook.waiting,
        "failed": webhook.failed,
        "last_delivered_at": _moment(webhook.last),
        "former_secret_until": _moment(webhook.former_until if webhook.has_former else None),
    }


def delivered(one: Delivery) -> Said:
    return {
        "id": one.pk,
        "message": str(one),
        "event": one.event_id,
        "kind": one.event.kind,
        "state": one.state,
        "queued_at": _moment(one.queued_at),
        "due_at": _moment(one.due_at),
        "ended_at": _moment(one.ended_at),
        "attempts": one.attempts,
        "status": one.status,
        "trouble": one.trouble,
    }


def _tried(one: Any) -> Said:
    return {"at": _moment(one.at), "status": one.status, "trouble": one.trouble, "took_ms": one.took_ms}


def _moment(at: Any) -> str | None:
    return at and timezone.localtime(at).isoformat()
