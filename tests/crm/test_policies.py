from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from crm.models import Customer, Order


def test_every_model_that_points_at_a_customer_or_an_order_has_a_policy():
    policies = import_string(settings.POLICIES)

    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "concrete", False) and field.related_model in (Customer, Order)
    }

    assert pointing == set(policies)
