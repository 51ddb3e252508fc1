from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.models import Event
from shop.models import Setting
from shop.navigation import address

HEX = r"^#[0-9a-f]{6}$"
HEAVIEST = 8_000  # bytes of a logo: the whole form must stay under 20 kB


class Brand(models.Model):
    """How the shop looks on the pages that customers answer on. One row; without it, as everywhere else."""

    ONLY = 1

    name = models.CharField(_("Name on the form"), max_length=80, blank=True)  # empty: the name of the shop
    accent = models.CharField(_("Accent colour"), max_length=7, blank=True, validators=[RegexValidator(HEX)])
    logo = models.BinaryField(null=True)
    logo_type = models.CharField(max_length=10, blank=True)  # png, webp, jpeg
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(name="there_is_one_brand", condition=Q(id=1)),
            models.CheckConstraint(name="brand_accent_is_a_colour", condition=Q(accent="") | Q(accent__regex=HEX)),
            models.CheckConstraint(
                name="brand_logo_has_a_type",
                condition=Q(logo=None, logo_type="") | (Q(logo__isnull=False) & ~Q(logo_type="")),
            ),
        ]

    @property
    def shown_name(self) -> str:
        return self.name or Setting.get("shop.name")

    @property
    def logo_url(self) -> str:
        return self._kept("feedback:brand_logo") if self.logo_type else ""

    @property
    def css_url(self) -> str:
        return self._kept("feedback:brand_css") if self.accent else ""

    def _kept(self, view: str) -> str:
        """Browsers keep it for a week; what has changed has a new address."""
        return f"{address(view)}?v={int(self.changed_at.timestamp())}"

    @transaction.atomic
    def settle(self, *, actor: str) -> bool:
        """As it is from now on. False: it looked like this already."""
        former = Brand.objects.select_for_update().first() or Brand()
        what = [part for part in ("name", "accent", "logo") if _of(self, part) != _of(former, part)]
        if not what:
            return False
        self.changed_at = timezone.now()
        self.save()
        Event.record("brand.changed", subject=self, actor=actor, what=what)
        return True

    @classmethod
    def now(cls) -> Self:
        """As it is, or plain."""
        return cls.objects.defer("logo").first() or cls(pk=cls.ONLY)


def _of(brand: Brand, part: str) -> Any:
    value = getattr(brand, part)
    return bytes(value) if part == "logo" and value is not None else value
