"""A place in a sorted list, written into the address of the next page.

Signed, because its value goes back into the query and must keep its type.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core import signing

SALT = "crm.place"

_WRITE = {
    Decimal: lambda value: {"decimal": str(value)},
    datetime: lambda value: {"moment": value.isoformat()},
    date: lambda value: {"day": value.isoformat()},
}
_READ: dict[str, Any] = {"decimal": Decimal, "moment": datetime.fromisoformat, "day": date.fromisoformat}


class _Exact:
    """JSON that gives amounts and dates back as what they were."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value, default=lambda v: _WRITE[type(v)](v), separators=(",", ":")).encode()

    def loads(self, text: bytes) -> Any:
        return json.loads(text, object_hook=lambda pair: next(_READ[kind](v) for kind, v in pair.items()))


@dataclass(frozen=True)
class Place:
    """Before or after the row with this sorted value and key; `value` None: among those who have none."""

    backwards: bool
    value: Any
    pk: int

    @property
    def known(self) -> bool:
        return self.value is not None


def written(order: str, value: Any, pk: int) -> str:
    return signing.dumps([order, value, pk], salt=SALT, serializer=_Exact)


def read(text: str, order: str, *, backwards: bool) -> Place | None:
    """None: it is no place of this order."""
    try:
        of, value, pk = signing.loads(text, salt=SALT, serializer=_Exact)
    except (signing.BadSignature, ValueError):
        return None
    return Place(backwards, value, pk) if of == order else None
