from collections.abc import Iterable

from django.db import connection, models
from django.db.models import Q

_MARK = """
    INSERT INTO analytics_stale AS stale (customer_id, marked_at, refreshed_at, covered_by)
    SELECT id, clock_timestamp(), NULL, NULL FROM unnest(%s::bigint[]) AS wanted (id) ORDER BY id
    ON CONFLICT (customer_id) DO UPDATE
       SET marked_at = EXCLUDED.marked_at, refreshed_at = NULL, covered_by = NULL
"""


class Stale(models.Model):
    """A customer whose orders changed since the figures were made.

    A refreshed row stays until the next full run begins, so that a run under way knows whom to do again;
    `covered_by` is the generation whose reading began after the mark.
    """

    MANY = 20_000  # beyond, everything anew is quicker

    customer = models.OneToOneField(
        "crm.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    marked_at = models.DateTimeField()
    refreshed_at = models.DateTimeField(null=True)
    covered_by = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["marked_at"], name="stale_waiting", condition=Q(refreshed_at__isnull=True))]

    @classmethod
    def mark(cls, customers: Iterable[int]) -> None:
        """Sorted by id, so that two who mark the same customers never wait for each other in a circle."""
        with connection.cursor() as cursor:
            cursor.execute(_MARK, [sorted(set(customers))])
