"""What the customer got for their trouble: refunds, named by staff. Other rooms add rows of their own and a panel."""

from typing import Any

from django.db import IntegrityError, transaction

from crm.models import Complaint, Given, Refund

SHOWN = 20


def refunds_to_name(complaint: Complaint) -> list[Refund]:
    """Refunds of the customer that no complaint has named yet, the newest first."""
    free = Refund.objects.filter(customer=complaint.customer_id, given_for=None).select_related("order")
    return list(free.order_by("-at", "-pk")[:SHOWN])


def name_refund(complaint: Complaint, refund: Refund, by: Any) -> bool:
    """False: a complaint has named it before."""
    try:
        with transaction.atomic():
            Given.objects.create(complaint=complaint, what="refund", refund=refund, amount=refund.amount, by=by)
    except IntegrityError:
        return False
    return True
