"""Orders told over HTTP, one by one or evenly by several tellers."""

import http.client
import json
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

CLIENTS = 8


def tell(site, key, number, at=None):
    """One order over HTTP; the status and the seconds it took."""
    order = {
        "reference": f"F-{number}",
        "placed_at": (at or datetime.now(UTC)).isoformat(),
        "customer": {"external_id": str(zlib.crc32(str(number).encode()) % 50)},
        "total": "10.00",
    }
    began = time.monotonic()
    wire = http.client.HTTPConnection(*site.address, timeout=300)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        wire.request("POST", "/api/v1/orders/", json.dumps(order), headers)
        answer = wire.getresponse()
        answer.read()
        return answer.status, time.monotonic() - began
    except (OSError, http.client.HTTPException) as error:  # no answer, or half of one
        return type(error).__name__, time.monotonic() - began
    finally:
        wire.close()


def tell_evenly(site, key, numbers, within):
    """Orders spread over so many seconds, by eight tellers."""
    began = time.monotonic()

    def one(place, number):
        time.sleep(max(0.0, began + within * place / len(numbers) - time.monotonic()))
        return tell(site, key, number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(one, range(len(numbers)), numbers))
