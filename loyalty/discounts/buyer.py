"""Who uses a discount: a customer, or a guest who is known by an e-mail and a phone."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from crm.models import Identifier


@dataclass(frozen=True, slots=True)
class Buyer:
    """`marks`: keyed digests of normalised addresses, so that a table of redemptions names nobody."""

    customer_id: int | None = None
    marks: tuple[str, ...] = ()

    @classmethod
    def of(cls, customer: Any) -> "Buyer":
        """With everything they are known by: whoever bought as a guest before is the same person."""
        known = Identifier.objects.filter(customer=customer, kind__in=["email", "phone"])
        return cls(customer.pk, tuple(sorted(mark(*pair) for pair in known.values_list("kind", "normalised"))))

    @classmethod
    def guest(cls, *, email: str = "", phone: str = "") -> "Buyer":
        given = [("email", email), ("phone", phone)]
        return cls(None, tuple(mark(kind, Identifier.normalise(kind, value)) for kind, value in given if value))

    @property
    def is_known(self) -> bool:
        return self.customer_id is not None or bool(self.marks)


def mark(kind: str, normalised: str) -> str:
    text = f"{kind}\n{normalised}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()
