import email
import email.policy
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max
from django.test import Client
from django.utils import timezone

from crm.models import Customer, Identifier, KeptMail, Order, Task
from feedback.models import Invitation
from shop.models import Setting, User
from tests import build


def link_in(kept):
    text = email.message_from_bytes(kept.raw, policy=email.policy.default).get_body(("plain",)).get_content()
    return urlsplit(re.search(r"\S+/f/\S+", text)[0]).path


@pytest.mark.slow
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
    invited = KeptMail.objects.order_by("-pk").first()
    assert Client().get(link_in(invited)).status_code == 200, "a mail lies there whose link opens the form"
    assert Invitation.objects.filter(state="waiting", due_at__gt=timezone.now()).exists()
    assert [user.role for user in User.objects.order_by("email")] == ["administrator", "manager", "support"]
    assert all(f"{name}@regulars.example" in out for name in ("ada", "mira", "sam"))


def test_an_interrupted_loading_is_finished_with_new_passwords(ana, capsys):
    build.order(ana)
    orders = Order.objects.count()
    ada = User.objects.create_user("ada@regulars.example", None, name="Ada", role="administrator")

    call_command("load_demo", finish=True)

    word = re.search(r"ada@regulars.example\s+(\S+)", capsys.readouterr().out)[1]
    ada.refresh_from_db()
    assert ada.check_password(word)
    assert Order.objects.count() == orders


def test_where_nothing_was_loaded_there_is_nothing_to_finish(db):
    with pytest.raises(CommandError, match="nothing to finish"):
        call_command("load_demo", finish=True)


def test_the_demo_is_only_loaded_into_an_empty_shop(ana):
    build.order(ana)

    with pytest.raises(CommandError, match="There are orders already"):
        call_command("load_demo")
