from datetime import date
from typing import TypeAlias

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from analytics.models.figures import Figures
from shop.prepared import Given

Day: TypeAlias = date | Given


def money() -> models.DecimalField:
    return models.DecimalField(max_digits=18, decimal_places=3, null=True)


class RfmGroup(models.TextChoices):
    """Names of RFM: how recently and how often somebody bought."""

    NEW = "new", _("New")
    PROMISING = "promising", _("Promising")
    POTENTIAL_LOYAL = "potential_loyal", _("Potential loyal")
    CHAMPION = "champion", _("Champion")
    LOYAL = "loyal", _("Loyal")
    NEEDS_ATTENTION = "needs_attention", _("Needs attention")
    ABOUT_TO_SLEEP = "about_to_sleep", _("About to sleep")
    DRIFTING = "drifting", _("Drifting")
    CANNOT_LOSE = "cannot_lose", _("Cannot lose")
    HIBERNATING = "hibernating", _("Hibernating")
    LONG_GONE = "long_gone", _("Long gone")


class State(models.TextChoices):
    """How a customer keeps to their own rhythm today."""

    NO_ORDERS = "no_orders", _("No orders yet")
    ONE_ORDER = "one_order", _("Bought once")
    SECOND_DUE = "second_due", _("Second purchase due")
    STEADY = "steady", _("In their rhythm")
    OVERDUE = "overdue", _("Overdue")
    AT_RISK = "at_risk", _("At risk")
    LIKELY_LOST = "likely_lost", _("Likely lost")
    NOT_SCORED = "not_scored", _("Not scored")


class ScoresQuerySet(models.QuerySet["Scores"]):
    """The three states of repeat buyers, each without those of the next."""

    def overdue(self, day: Day) -> "ScoresQuerySet":
        return self._not_lost(day)._begun("overdue_on", day)._not_begun("at_risk_on", day)

    def at_risk(self, day: Day) -> "ScoresQuerySet":
        return self._not_lost(day)._begun("at_risk_on", day)

    def likely_lost(self, day: Day) -> "ScoresQuerySet":
        return self._begun("likely_lost_on", day)

    def second_due(self, day: date, since: date) -> "ScoresQuerySet":
        """Who bought once: nobody else has this day, and the index is of them."""
        return self.filter(occasions=1, second_due_on__lte=day, second_due_on__gte=since)

    def _not_lost(self, day: Day) -> "ScoresQuerySet":
        """Every repeat buyer has this day, so the index of the lists answers."""
        return self.filter(likely_lost_on__gt=day)

    def _begun(self, field: str, day: Day) -> "ScoresQuerySet":
        return self.filter(**{f"{field}__lte": day})

    def _not_begun(self, field: str, day: Day) -> "ScoresQuerySet":
        return self.filter(Q(**{f"{field}__gt": day}) | Q(**{f"{field}__isnull": True}))


class Scores(models.Model):
    """Where one buyer stands today: in RFM, and by what the models foretell. Every full run replaces the table, so no
    foreign key may point here.

    The `_on` dates say when a state begins if nothing is bought meanwhile; they are compared with today, so nobody's
    row changes for growing older. `occasions` and `last_on` are those of the figures: who is late is told by this
    table alone.
    """

    customer = models.OneToOneField(
        "crm.Customer", models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="scores"
    )
    generation = models.BigIntegerField()
    occasions = models.IntegerField()
    last_on = models.DateField()
    r = models.SmallIntegerField()
    f = models.SmallIntegerField()
    m = models.SmallIntegerField()
    rfm = models.CharField(max_length=16, choices=RfmGroup)
    p_alive = models.FloatField(null=True)
    p_silent_90 = models.FloatField(null=True)
    expected_365 = models.FloatField(null=True)
    expected_spend = money()
    value_365 = money()
    at_stake = money()
    nine_of_ten = models.IntegerField(null=True)
    overdue_on = models.DateField(null=True)
    at_risk_on = models.DateField(null=True)
    likely_lost_on = models.DateField(null=True)
    second_due_on = models.DateField(null=True)

    objects = ScoresQuerySet.as_manager()

    class Meta:
        indexes = [
            # With all that says who is on a list: the first of very many are found without reading the table.
            models.Index(
                F("at_stake").desc(nulls_last=True),
                F("customer").desc(),
                name="scores_by_stake",
                include=["likely_lost_on", "at_risk_on", "overdue_on", "last_on"],
                condition=Q(likely_lost_on__isnull=False),
            ),
            models.Index(fields=["second_due_on", "customer"], name="scores_bought_once", condition=Q(occasions=1)),
            # Of these, repeat buyers without that day are not scored.
            models.Index(
                fields=["likely_lost_on", "occasions", "customer"],
                name="scores_without_stake",
                condition=Q(at_stake__isnull=True),
            ),
        ]

    @property
    def figures(self) -> Figures:
        """What the orders of the same customer say."""
        return self.customer.figures

    def state(self, today: date) -> str:
        for state, begins in (
            (State.LIKELY_LOST, self.likely_lost_on),
            (State.AT_RISK, self.at_risk_on),
            (State.OVERDUE, self.overdue_on),
            (State.SECOND_DUE, self.second_due_on),
        ):
            if begins and begins <= today:
                return state
        if self.occasions > 1 and self.likely_lost_on is None:
            return State.NOT_SCORED  # every other repeat buyer has this day: this one objected
        return State.STEADY if self.occasions > 1 else State.ONE_ORDER
