"""Standard Webhooks: who gets a message can tell that it is ours, whole, and not one of yesterday."""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime


def headers(message: str, at: datetime, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """One signature for each secret that is live; `message` is the number that stays the same over all attempts."""
    moment = str(int(at.timestamp()))
    return {
        "webhook-id": message,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signature(message, moment, body, secret) for secret in secrets),
        "Content-Type": "application/json",
        "User-Agent": "Regulars-Webhooks/1",
    }


def signature(message: str, moment: str, body: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, b".".join([message.encode(), moment.encode(), body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
