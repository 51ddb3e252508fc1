import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from crm.models import Customer, Order
from crm.policies import Rule, pointing_at, policies, read


def test_every_model_that_points_at_a_customer_or_an_order_has_a_policy():
    table = import_string(settings.POLICIES)

    pointing = {
        f"{model._meta.label}.{field.name}" for target in (Customer, Order) for model, field in pointing_at(target)
    }

    assert pointing <= set(table)


@pytest.mark.parametrize("target", [Customer, Order])
def test_every_policy_says_something_that_exists(target):
    for policy in policies(target):
        for rule in (policy.merge, policy.copy, policy.erase):
            if rule.word in ("fold", "by", "pairs"):
                assert callable(rule.function), policy.label
                assert rule.word != "pairs" or callable(rule.way_back), policy.label
            else:
                assert all(policy.model._meta.get_field(name) for name in rule.names), policy.label


def test_a_rule_is_a_word_and_the_names_it_needs():
    assert read("erase", "blank: title, body") == Rule("blank", ("title", "body"))
    assert read("merge", "move") == Rule("move")
    for wrong in ("blank", "move: somewhere", "vanish", ""):
        with pytest.raises(ImproperlyConfigured):
            read("merge", wrong)
