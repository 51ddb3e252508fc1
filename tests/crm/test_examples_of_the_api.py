"""docs/api/*.py do what they say, against a site that listens."""

import importlib.util
import json
from pathlib import Path
from threading import Thread
from urllib.request import Request, urlopen

import pytest
from django.conf import settings

from crm.models import Order
from tests import build

FOLDER = Path(settings.BASE_DIR) / "docs" / "api"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def example(live_server, monkeypatch):
    def loaded(name):
        monkeypatch.setenv("REGULARS", live_server.url)
        monkeypatch.setenv("KEY", build.api_key("example", "orders.add", "till.use"))
        found = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / f"{name}.py")
        module = importlib.util.module_from_spec(found)
        found.loader.exec_module(module)
        return module

    return loaded


def test_a_web_shop_by_webhook(example):
    webshop = example("webshop")
    server = webshop.HTTPServer(("127.0.0.1", 0), webshop.Webhook)
    Thread(target=lambda: [server.handle_request() for _ in range(2)], daemon=True).start()
    sold = {
        "number": "W-1",
        "created": "2026-03-01T10:00:00+01:00",
        "total": "18.90",
        "client": {"id": 7, "email": "dora@people.example"},
        "items": [{"sku": "tea-50", "count": 2, "price": "9.45"}],
    }
    address = f"http://127.0.0.1:{server.server_port}/"

    answers = [urlopen(Request(address, json.dumps(sold).encode(), method="POST")).status for _ in range(2)]
    server.server_close()

    assert answers == [201, 200]
    assert Order.objects.get().source == "webshop"


def test_a_till(example):
    till = example("till")
    tea = {"sku": "tea-50", "category": "tea", "quantity": 2, "unit_price": "9.45"}
    asked = []
    basket = {"source": "till", "reference": "B-1", "customer": {"email": "dora@people.example"}, "lines": [tea]}

    paid = till.sell(basket, paid=lambda total: asked.append(total) or True)
    voided = till.sell({**basket, "reference": "B-2"}, paid=lambda total: False)

    assert (paid["state"], voided["state"], asked) == ("paid", "voided", [paid["total"]])
    assert Order.objects.get().reference == "B-1"


def test_a_nightly_file(example, tmp_path, capsys):
    file = tmp_path / "orders.csv"
    lines = [f"N-{n},2026-03-01T10:00:00+01:00,19.90,c-{n},c{n}@people.example" for n in range(3)]
    file.write_text("\n".join(["number,at,total,customer,email", *lines, "N-9,yesterday,1,c-9,c9@people.example"]))
    nightly = example("nightly")

    assert [nightly.main(file), nightly.main(file)] == [1, 1]
    assert Order.objects.count() == 3
    assert "N-9 invalid" in capsys.readouterr().err
