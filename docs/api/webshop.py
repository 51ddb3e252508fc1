"""A web shop that calls a webhook for each order: this listens, and passes the order on to Regulars."""

import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.request import Request, urlopen

REGULARS, KEY = os.environ["REGULARS"], os.environ["KEY"]


def passed_on(sold):
    """What the shop calls things on the right, what Regulars calls them on the left."""
    order = {
        "source": "webshop",
        "reference": sold["number"],
        "placed_at": sold["created"],
        "total": sold["total"],
        "customer": {"external_id": str(sold["client"]["id"]), "email": sold["client"]["email"]},
        "lines": [{"sku": it["sku"], "quantity": it["count"], "unit_price": it["price"]} for it in sold["items"]],
    }
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    return urlopen(Request(f"{REGULARS}/api/v1/orders/", json.dumps(order).encode(), headers)).status


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):  # a refusal breaks it off, and the shop sends again: told twice, it is one order
        self.send_response(passed_on(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 8099), Webhook).serve_forever()
