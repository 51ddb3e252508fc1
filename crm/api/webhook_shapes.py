"""What the answers about webhooks look like (shop/api/told.py)."""

from crm.api.shapes import AT
from crm.models import Delivery, Webhook
from shop.api.told import Shape

_WEBHOOK = {
    "id": 3,
    "name": "warehouse",
    "url": "https://warehouse.example/hooks/regulars",
    "kinds": ["order.placed"],
    "personal": False,
    "state": "live",
    "since": AT,
    "waiting": 0,
    "failed": 2,
    "last_delivered_at": AT,
    "former_secret_until": AT,
}
_MAYBE = "last_delivered_at former_secret_until"
_STATES = {"state": Webhook.State.values}
_NOTES = {
    "since": "In this state.",
    "state": "gone: its owner answered 410, and nothing is queued any more.",
    "former_secret_until": "Until then the secret before signs beside it.",
}
WEBHOOK = Shape("Webhook", _WEBHOOK, maybe=_MAYBE, choices=_STATES, notes=_NOTES)
NEW_WEBHOOK = Shape(
    "WebhookWithSecret",
    {**_WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    maybe=_MAYBE,
    choices=_STATES,
    notes={**_NOTES, "secret": "Keep it now: it cannot be read again."},
)
REMOVED = Shape("RemovedWebhook", {"id": 3})
AGAIN = Shape("SentAgain", {"again": 2}, notes={"again": "How many go once more."})
_DELIVERY = {
    "id": 812,
    "message": "msg_3f0c5a2e9d1b4f7a8c6e5d4b3a2f1e0d",
    "event": 5120,
    "kind": "order.placed",
    "state": "failed",
    "queued_at": AT,
    "due_at": AT,
    "ended_at": AT,
    "attempts": 16,
    "status": 500,
    "trouble": "",
}
_SAID = {
    "message": "The header `webhook-id`.",
    "status": "Of the last answer.",
    "trouble": "Why there was none: timeout, connection, tls, refused_address …",
}
DELIVERY = Shape(
    "WebhookMessage",
    _DELIVERY,
    maybe="ended_at status",
    choices={"state": Delivery.State.values},
    notes=_SAID,
)
WHOLE_DELIVERY = Shape(
    "WebhookMessageWithAttempts",
    {**_DELIVERY, "tries": [{"at": AT, "status": 500, "trouble": "", "took_ms": 41}]},
    maybe="ended_at status tries[].status",
    choices={"state": Delivery.State.values},
    notes=_SAID,
)
