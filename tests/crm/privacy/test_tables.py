"""Every table that holds something about customers says what erasing does with it, down to each text."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

from crm.events.kinds import KINDS
from crm.models import Customer
from crm.privacy.erasing import KEPT_OF_CARD
from crm.privacy.held import everything, free_text, plain_text, text_fields

HELD = everything()


def test_every_table_on_the_way_to_a_customer_has_a_policy_and_no_policy_is_left_over():
    table = set(import_string(settings.POLICIES))

    named = {f"{held.label}.{held.field}" for held in HELD if "__" not in held.path or text_fields(held.model)}
    assert named <= table
    assert table - {"crm.Customer.merged_into"} <= {f"{held.label}.{held.field}" for held in HELD}


@pytest.mark.parametrize("held", HELD, ids=lambda held: f"{held.label}.{held.field}")
def test_a_text_of_rows_that_stay_is_emptied_or_declared_to_hold_nothing_personal(held):
    if held.erase.word == "delete":
        return
    emptied = set().union(*(other.emptied for other in HELD if other.model is held.model))

    assert text_fields(held.model) - emptied == set(plain_text().get(held.label, ()))


@pytest.mark.parametrize("model", dict.fromkeys(held.model for held in HELD), ids=lambda model: model._meta.label)
def test_a_long_text_about_customers_is_looked_through_for_the_names_of_others(model):
    long = {field.name for field in model._meta.concrete_fields if type(field) is models.TextField}

    assert long <= set(free_text().get(model._meta.label, ()))


def test_every_declared_text_exists():
    for declared in (plain_text(), free_text()):
        for label, names in declared.items():
            assert set(names) <= text_fields(apps.get_model(label)), label


def test_what_people_typed_into_an_event_is_known_as_personal():
    assert KINDS["customer.edited"].personal == ("changes",)
    assert KINDS["task.created"].personal == ("title",)
    assert KINDS["order.placed"].personal == ()
    assert set(KINDS["address.released"].personal) == {"address", "why"}
    assert all(set(kind.typed) <= set(kind.keys) for kind in KINDS.values())


def test_of_the_card_nothing_stays_that_somebody_typed():
    assert not KEPT_OF_CARD & text_fields(Customer)
