"""What erasing a customer does with their tiers (config/policies.py names this)."""

from typing import Any

from crm.privacy.rules import empties

GONE = "–"


@empties("reason")
def tiers(rows: Any, erasing: Any) -> int:
    """That there was a reason stays, as the database wants of a tier given by hand; which one, goes."""
    rows.exclude(reason="").update(reason=GONE)
    return rows.count()
