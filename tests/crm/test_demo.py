from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max
from django.utils import timezone

from crm.models import Customer, Identifier, Order, Task
from shop.models import Setting, User
from tests import build


def test_the_demo_ends_yesterday_and_its_people_are_invented(db, capsys):
    call_command("load_demo")

    out = capsys.readouterr().out
    last = Order.objects.aggregate(last=Max("placed_at"))["last"]
    addresses = Identifier.objects.filter(kind="email").values_list("normalised", flat=True)
    assert (timezone.localdate() - timezone.localtime(last).date()) == timedelta(days=1)
    second_cards = 8
    assert (Customer.objects.count(), Customer.objects.filter(name="").count()) == (4_372 + second_cards, 0)
    assert {address.rpartition("@")[2] for address in addresses} == {"example.com", "example.org", "example.net"}
    assert Setting.get("shop.name") == "Tansy & Wren"
    assert Task.objects.filter(due_on__lt=timezone.localdate()).exists()
    assert [user.role for user in User.objects.order_by("email")] == ["administrator", "manager", "support"]
    assert all(f"{name}@regulars.example" in out for name in ("ada", "mira", "sam"))


def test_the_demo_is_only_loaded_into_an_empty_shop(ana):
    build.order(ana)

    with pytest.raises(CommandError, match="There are orders already"):
        call_command("load_demo")
