from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReferralCode(models.Model):
    """What a customer passes on; whoever joins with it was invited by them."""

    customer = models.OneToOneField("crm.Customer", models.PROTECT, primary_key=True, related_name="referral_code")
    code = models.CharField(max_length=12, unique=True)
    made_at = models.DateTimeField(default=timezone.now)


ODD = Q(decided_at=None) & ~Q(flags=[])


class ReferralQuerySet(models.QuerySet["Referral"]):
    def under_way(self) -> "ReferralQuerySet":
        return self.exclude(state__in=[Referral.State.REWARDED, Referral.State.REJECTED])

    def to_decide(self) -> "ReferralQuerySet":
        """Something is odd about them, and nobody has looked yet."""
        return self.under_way().filter(ODD)

    def waiting(self) -> dict[str, int]:
        """How many are under way, and how many of them somebody must decide."""
        return self.under_way().aggregate(under_way=Count("pk"), to_decide=Count("pk", ODD))

    def due(self, now: datetime | None = None) -> "ReferralQuerySet":
        """The return window of the first order is over, and nobody needs to look."""
        looked_at = Q(flags=[]) | Q(decided_at__isnull=False)
        return self.filter(looked_at, state=Referral.State.ORDERED, due_at__lte=now or timezone.now())


class Referral(models.Model):
    """One customer invited another: invited, joined, first paid order, return window over, rewarded; or rejected."""

    class State(models.TextChoices):
        INVITED = "invited", pgettext_lazy("a referral", "invited")
        JOINED = "joined", _("joined")
        ORDERED = "ordered", _("has ordered")
        REWARDED = "rewarded", _("rewarded")
        REJECTED = "rejected", _("rejected")

    class Why(models.TextChoices):
        KNOWN = "known", _("was a customer already")
        SELF = "self", _("invited themselves")
        RETURNED = "returned", _("the order went back")
        TOO_SMALL = "too_small", _("the order was too small")
        CAP = "cap", _("more than are rewarded in a month")
        STAFF = "staff", _("rejected by staff")

    FLAGS = {
        "address": _("the same address as the one who invited"),
        "many": _("more than five invited in 30 days"),
        "refund": _("money went back soon after the order"),
    }

    inviter = models.ForeignKey("crm.Customer", models.PROTECT, related_name="referrals")
    invited = models.ForeignKey("crm.Customer", models.PROTECT, null=True, related_name="referred_by")
    contact = models.CharField(max_length=254, blank=True)  # whom the invitation names, normalised
    state = models.CharField(max_length=8, choices=State, default=State.INVITED)
    why = models.CharField(max_length=9, choices=Why, blank=True)
    flags = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    invited_at = models.DateTimeField(default=timezone.now)
    joined_at = models.DateTimeField(null=True)
    order = models.ForeignKey("crm.Order", models.PROTECT, null=True, related_name="referrals")
    ordered_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=200, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invited"], name="referred_once", condition=~Q(state="rejected") & Q(invited__isnull=False)
            ),
            models.CheckConstraint(
                name="nobody_is_rewarded_for_inviting_themselves",
                condition=Q(invited=None) | ~Q(invited=F("inviter")) | Q(state="rejected"),
            ),
            models.CheckConstraint(name="a_rejected_referral_says_why", condition=~Q(state="rejected") | ~Q(why="")),
        ]
        indexes = [
            models.Index(fields=["inviter", "-invited_at"], name="referral_of_inviter"),
            models.Index(fields=["due_at"], name="referral_due", condition=Q(state="ordered")),
            models.Index(fields=["-invited_at", "-id"], name="referral_newest"),
            models.Index(fields=["contact"], name="referral_by_contact", condition=~Q(contact="")),
        ]
