from typing import Self

from django.db import models
from django.utils import timezone

from crm.models.consent import ConsentInForce
from shop.models.token import Token


class CustomerToken(Token):
    """A link in a mail to a customer: to their card, to their preferences, or out of one kind of mail."""

    class Purpose:
        ME_CARD = "me_card"  # opens their own card, once
        ME_OPEN = "me_open"  # the card while it is open
        PREFERENCES = "preferences"
        UNSUBSCRIBE = "unsubscribe"
        COPY = "copy"  # of everything about them, once, as a page
        COPY_FILE = "copy_file"  # and then as a file

    customer = models.ForeignKey("crm.Customer", models.CASCADE, related_name="tokens")
    channel = models.CharField(max_length=5)
    address = models.CharField(max_length=254)
    topic = models.CharField(max_length=9, blank=True)  # of unsubscribing: the purpose of Consent it ends

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="customer_token_expires")]

    @classmethod
    def _live(cls) -> models.QuerySet[Self]:
        return super()._live().select_related("customer__merged_into")

    @property
    def is_over(self) -> bool:
        """Whether the address is out of this kind of mail already."""
        held = ConsentInForce.objects.filter(channel=self.channel, address=self.address, purpose=self.topic)
        return held.exclude(state="given").exists()

    @classmethod
    def sweep(cls) -> int:
        return cls.objects.filter(expires_at__lt=timezone.now()).delete()[0]
