"""Imported orders earn nothing, unless somebody says from which day."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.models import Import, Order
from loyalty.programme import importing
from shop.models import Job
from tests.loyalty.programme import making


@pytest.fixture
def brought(ana):
    made = Import.objects.create(file_name="orders.csv", path="x", applied_at=timezone.now())
    Order.objects.filter(customer=ana).update(brought_by=made.pk)
    return made


def test_imported_orders_earn_from_the_day_that_is_said(as_manager, brought, ana):
    making.rule()
    assert "orders.csv" in as_manager.get(reverse("loyalty:imported")).content.decode()

    day = timezone.localdate() - timedelta(days=70)
    as_manager.post(reverse("loyalty:imported"), {"import": brought.pk, "day": day})
    importing.earn_imported(Job.objects.get(kind=importing.KIND).pk)
    importing.earn(brought, timezone.now(), by=None)
    importing.earn_imported(Job.objects.filter(kind=importing.KIND).latest("pk").pk)

    assert making.entries(ana) == [40, 40]
