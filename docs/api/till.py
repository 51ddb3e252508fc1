"""A till: shows the price, puts points and discounts aside while the customer pays, and books the sale."""

import json
import os
import uuid
from urllib.request import Request, urlopen

REGULARS, KEY = os.environ["REGULARS"], os.environ["KEY"]


def ask(path, body):
    """Break off and call again with the same `once`, and it happens once."""
    headers = {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "Idempotency-Key": body.pop("once"),
    }
    return json.load(urlopen(Request(f"{REGULARS}/api/v1/till/{path}", json.dumps(body).encode(), headers)))


def sell(basket, paid):
    """`paid(total)` asks the customer for the money: True when it is there."""
    quote = ask("quotes/", {**basket, "once": str(uuid.uuid4())})
    hold = ask("holds/", {**basket, "total": quote["total"], "once": f"hold-{basket['reference']}"})
    if paid(hold["total"]):
        return ask(f"holds/{hold['hold']}/commit/", {"once": f"paid-{basket['reference']}"})
    return ask(f"holds/{hold['hold']}/void/", {"once": f"void-{basket['reference']}"})


if __name__ == "__main__":
    tea = {"sku": "tea-50", "category": "tea", "quantity": 2, "unit_price": "9.45"}
    basket = {"source": "till", "reference": "B-1", "customer": {"email": "dora@people.example"}, "lines": [tea]}
    print(sell(basket, paid=lambda total: input(f"{total}: paid? ") == "y")["state"])
