"""docs/api.md says what the code does."""

import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from analytics.api.flags import FlagStageInput
from crm.api.complaints import ComplaintInput, StageInput
from crm.api.consents import ConsentInput
from crm.api.inputs import BuyerInput, LineInput, OrderInput, RefundInput
from crm.api.people import CardInput, KnownInput, NoteInput
from crm.api.tasks import TaskInput
from crm.models import Customer, Order
from feedback.api.invitations import AskInput
from feedback.api.responses import ResponseInput
from loyalty.api.inputs import BackInput, CommitInput, HoldInput, ItemInput, PersonInput, QuoteInput, ReturnInput
from loyalty.api.points import AdjustInput
from loyalty.api.programme import ExchangeInput, InvitationInput, JoiningInput
from loyalty.models import Checkout
from shop.access import all_patterns
from shop.api.refusals import CODES
from tests import build

PAGE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()


def send(command, key):
    customer = Customer.objects.order_by("pk").last()
    checkout = Checkout.objects.order_by("pk").last()
    command = command.replace("\\\n", " ").replace("$KEY", key).replace("$CUSTOMER", str(customer and customer.pk))
    command = command.replace("$HOLD", str(checkout and checkout.pk))
    words = shlex.split(command)
    options = dict(zip(words[4::2], words[5::2], strict=False))
    headers = dict(words[i + 1].split(": ", 1) for i, word in enumerate(words) if word == "-H")
    address = urlsplit(words[3]).path
    if words[:3] == ["curl", "-X", "GET"]:
        return Client(headers=headers).get(f"{address}?{urlsplit(words[3]).query}")
    kind = headers.pop("Content-Type")
    assert words[:3] == ["curl", "-X", "POST"]
    return Client(headers=headers).post(address, options["-d"], content_type=kind)


def test_the_examples_work_as_they_stand(db):
    key = build.api_key("webshop", "orders.add", "complaints.work", "customers.view", "customers.edit", "till.use")

    answers = [send(command, key) for command in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)]

    orders, till, others = [201, 201], [200, 201, 200, 200], [200, 201, 200, 200]
    assert [answer.status_code for answer in answers] == [*orders, *till, *others]
    assert [str(order.net) for order in Order.objects.order_by("reference")] == ["14.900", "18.900"]


def test_every_field_is_on_the_page():
    for serializer in (
        OrderInput,
        BuyerInput,
        LineInput,
        RefundInput,
        ComplaintInput,
        StageInput,
        TaskInput,
        ConsentInput,
        QuoteInput,
        HoldInput,
        ItemInput,
        PersonInput,
        CommitInput,
        ReturnInput,
        BackInput,
        CardInput,
        KnownInput,
        NoteInput,
        AdjustInput,
        ExchangeInput,
        InvitationInput,
        JoiningInput,
        AskInput,
        ResponseInput,
        FlagStageInput,
    ):
        for name in serializer().fields:
            assert f"`{name}`" in PAGE, name


def test_every_code_is_on_the_page():
    room = Path(settings.BASE_DIR)
    source = "".join(
        path.read_text()
        for folder in ("shop/api", "crm/api", "loyalty/api", "feedback/api", "analytics/api")
        for path in (room / folder).glob("*.py")
    )
    used = set(re.findall(r'(?:Refused|_problem)\(\s*(?:\d+, )?"(\w+)"', source)) | set(CODES.values()) - {
        "not_allowed"
    }

    assert {code for code in used if f"`{code}`" not in PAGE} == set()
    assert "order_differs" in used


def test_every_address_is_on_the_page():
    for route, name, _pattern in all_patterns():
        if name.startswith(("crm_api:", "loyalty_api:", "feedback_api:", "analytics_api:")):
            assert f"{route.rpartition('>')[2].strip('/') or name.partition(':')[2]}/" in PAGE or name in (
                "crm_api:order",
                "crm_api:task",
                "crm_api:complaint",
                "crm_api:card",
                "crm_api:webhook",
                "crm_api:webhook_delivery",
                "loyalty_api:hold",
                "analytics_api:metric",
            )
