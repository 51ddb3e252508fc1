"""What erasing a customer does with their discounts (config/policies.py names these)."""

from typing import Any

from django.utils import timezone

from crm.privacy.rules import empties


@empties("reason")
def grants(rows: Any, erasing: Any) -> int:
    """Nobody is left to use them: what is open is taken back. What was used stays in the sums."""
    rows.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
    return rows.update(reason="")


@empties("marks")
def redemptions(rows: Any, erasing: Any) -> int:
    """The digests of their addresses go; that it was used, and for how much, stays."""
    return rows.update(marks=[])
