from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Concat, Lower, Trim
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CustomerQuerySet(models.QuerySet["Customer"]):
    def allowed(self, user, right: str) -> "CustomerQuerySet":
        """The one place that decides who may touch customers; raises PermissionDenied before anything is read."""
        if not user.may(right):
            raise PermissionDenied(right)
        return self

    def get_or_404(self, pk: int) -> "Customer":
        """Follows a card that was merged into another."""
        customer = self.filter(pk=pk).select_related("merged_into").first()
        if customer is None:
            raise Http404
        return customer.merged_into or customer

    def present(self) -> "CustomerQuerySet":
        return self.filter(merged_into=None)


class Customer(models.Model):
    """The person; the card is their page."""

    given_name = models.CharField(_("Given name"), max_length=120, blank=True)
    family_name = models.CharField(_("Family name"), max_length=120, blank=True)
    name = models.GeneratedField(
        expression=Trim(Concat("given_name", Value(" "), "family_name")),
        output_field=models.CharField(max_length=241),
        db_persist=True,
    )
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    language = models.CharField(_("Language"), max_length=2, choices=settings.LANGUAGES, blank=True)
    time_zone = models.CharField(_("Time zone"), max_length=40, blank=True)
    company = models.CharField(_("Company"), max_length=120, blank=True)
    street = models.CharField(_("Street"), max_length=200, blank=True)
    postcode = models.CharField(_("Postcode"), max_length=20, blank=True)
    city = models.CharField(_("Town"), max_length=120, blank=True)
    country = models.CharField(_("Country"), max_length=80, blank=True)
    source = models.CharField(_("Source"), max_length=64, blank=True)
    about = models.TextField(_("About"), max_length=4000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("Owner"),
    )
    created_at = models.DateTimeField(default=timezone.now)
    left_out_at = models.DateTimeField(_("Left out of figures since"), null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(OpClass(Lower("name"), name="gin_trgm_ops"), name="customer_name_trigrams"),
            models.Index(Lower("name"), "id", name="customer_by_name"),
            models.Index(fields=["-created_at", "-id"], name="customer_newest"),
            models.Index(fields=["owner", "id"], name="customer_by_owner"),
        ]
        constraints = [
            models.CheckConstraint(name="customer_is_not_merged_into_itself", condition=~models.Q(merged_into=F("id"))),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"
