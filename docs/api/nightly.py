"""Every night: the orders of a CSV file, a thousand at a time. Run it again after a fault: nothing is told twice."""

import csv
import json
import os
import sys
from urllib.request import Request, urlopen

REGULARS, KEY = os.environ["REGULARS"], os.environ["KEY"]
AT_ONCE = 1000


def send(orders):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    body = json.dumps({"orders": orders}).encode()
    return json.load(urlopen(Request(f"{REGULARS}/api/v1/orders/bulk/", body, headers)))["results"]


def order(row):
    buyer = {"external_id": row["customer"], "email": row["email"]}
    return {
        "source": "erp",
        "reference": row["number"],
        "placed_at": row["at"],
        "total": row["total"],
        "customer": buyer,
    }


def main(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    refused = 0
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        for row, result in zip(some, send([order(row) for row in some]), strict=True):
            if result["status"] >= 400:
                refused += 1
                print(row["number"], result["code"], result.get("errors") or result.get("fields"), file=sys.stderr)
    return refused


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)
