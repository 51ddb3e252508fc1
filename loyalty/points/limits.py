"""How many points a member of staff may give or take at once without asking."""

from typing import Any

from shop.models import Setting


def limit_of(user: Any) -> int | None:
    """None: any number."""
    if user.role == "administrator":
        return None
    name = "manager" if user.role == "manager" else "support"
    return int(Setting.get(f"points.limit_{name}"))
