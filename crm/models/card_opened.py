from typing import Any

from django.db import models
from django.utils import timezone

from shop.asking import ask

# Whoever comes back to a card within the hour has opened it once.
_NOTE = """
INSERT INTO crm_cardopened (customer_id, actor, at, hour)
VALUES (%(customer)s, %(actor)s, %(now)s, date_trunc('hour', %(now)s::timestamptz, 'UTC'))
ON CONFLICT DO NOTHING
"""


class CardOpened(models.Model):
    """The access log: who looked at whose card. Rows are only added, and go when their time is over (a trigger)."""

    # Without a foreign key in the database: looking at a card must not wait for whoever changes it.
    customer = models.ForeignKey(
        "crm.Customer", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    actor = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    hour = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "actor", "hour"], name="card_opened_once_an_hour")]
        indexes = [
            models.Index(fields=["-at", "-id"], name="card_opened_newest"),
            models.Index(fields=["actor", "-at", "-id"], name="card_opened_newest_of_actor"),
        ]

    @classmethod
    def note(cls, customer: Any, by: Any) -> None:
        """`by`: a user or a key."""
        ask(_NOTE, {"customer": customer.pk, "actor": by.actor, "now": timezone.now()})
