"""All that happens, for programs that read it on from where they were."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.pages import limit
from crm.events import feed
from crm.events.kinds import KINDS
from crm.models import Event
from crm.webhooks.payload import External, details, external_ids
from shop.api.refusals import Refused
from shop.api.told import Told
from shop.api.views import ApiView

SIZE = 100
# They say who answered what.
OF_AUTHORS = ("response.recorded", "response.changed")
AUTHOR = "comments.see_author"


class EventList(ApiView):
    right = "customers.view"
    told = {
        "GET": Told(
            "Read events",
            "In the order in which they were written, none left out and none twice: keep `next` and send it as `cursor`"
            " the next time. It is never null; `more` says whether to ask again at once. What people typed is not in"
            " `details`; answers to surveys are only for keys that also have `comments.see_author`.",
            shapes.EVENTS,
            query=lambda: {
                "cursor": "The last `next`; `start` (or nothing): from the first event on; `now`: from here on.",
                "limit": {
                    "description": "How many, 1 to 200.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": SIZE},
                },
                "kind": {
                    "description": "Of these kinds only; may be given several times.",
                    "schema": {"type": "array", "items": {"type": "string", "enum": list(KINDS)}},
                },
            },
            refusals=("feed_restarted",),
        )
    }

    def get(self, request: Request) -> Response:
        asked = request.query_params
        if unknown := sorted(set(asked) - {"cursor", "limit", "kind"}):
            raise serializers.ValidationError({name[:64]: [_("Unknown field.")] for name in unknown[:20]})
        size = limit(asked["limit"]) if "limit" in asked else SIZE
        page = _page(asked.get("cursor", feed.START), self._kinds(asked.getlist("kind")), size)
        known = external_ids({one.customer_id for one in page.events if one.customer_id})
        results = [shown(one, known) for one in page.events]
        return Response({"results": results, "next": str(page.next), "more": page.more})

    def _kinds(self, asked: list[str]) -> list[str] | None:
        if set(asked) - set(KINDS):
            raise serializers.ValidationError({"kind": [_("There is no such kind of event.")]})
        if self.key.may(AUTHOR):
            return asked or None
        return [kind for kind in asked or KINDS if kind not in OF_AUTHORS]


def _page(cursor: str, kinds: list[str] | None, size: int) -> feed.Page:
    try:
        return feed.page(cursor, kinds, size)
    except feed.UnknownPlace as error:
        raise serializers.ValidationError({"cursor": [_("This is no place in the list.")]}) from error
    except feed.Restarted as error:
        detail = _("The database was restored since: begin with cursor=start or cursor=now.")
        raise Refused("feed_restarted", detail) from error


def shown(event: Event, known: External) -> dict[str, Any]:
    """As webhooks tell it: by number, and without what people typed."""
    customer, order = event.customer_id, event.order
    return {
        "id": event.pk,
        "kind": event.kind,
        "at": event.at.isoformat(),
        "customer": {"id": customer, "external_ids": known.get(customer, [])} if customer else None,
        "order": {"id": order.pk, "source": order.source, "reference": order.reference} if order else None,
        "subject": {"type": event.subject_type, "id": event.subject_id} if event.subject_type else None,
        "actor": event.actor,
        "details": details(event, personal=False),
    }
