"""Loaded by schemathesis itself: each request that has a good Idempotency-Key gets one that nobody sent before.

With the same few keys over and over, nearly everything would be refused as another request of a key that is taken.
"""

import re
from itertools import count
from typing import Any

import schemathesis

GOOD = re.compile(r"[!-~]{1,100}")
_numbers = count(1)


@schemathesis.hook
def before_call(_context: Any, case: Any, _options: Any) -> None:
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and GOOD.fullmatch(key):
        case.headers["Idempotency-Key"] = f"{key}-{next(_numbers)}"
