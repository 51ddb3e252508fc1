"""The staff, asked for once a page: who can be given work, and who did what."""

from dataclasses import dataclass
from typing import Any

from shop.models import User
from shop.prepared import prepared


@dataclass(frozen=True)
class Staff:
    present: list[User]
    names: dict[str, str]

    @classmethod
    def all(cls, asked: Any = None) -> "Staff":
        everybody = list(cls.question() if asked is None else asked)
        return cls([user for user in everybody if user.is_active], {user.actor: str(user) for user in everybody})

    @staticmethod
    def question() -> Any:
        return _everybody(None)


@prepared
def _everybody(_about: Any) -> Any:
    return User.objects.only("name", "email", "deactivated_at").order_by("name", "pk")
