"""PostgreSQL's own digests of arrays of days, worked out here: hash_array_extended(days, 0) of 64 bits.

They are the same in every version, for tables are partitioned by them: src/backend/utils/adt/arrayfuncs.c and, of one
number, src/common/hashfn.c, whose final mixing is that of Bob Jenkins' lookup3 (http://burtleburtle.net/bob/c/lookup3.c).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.publishing.copying import POSTGRES_DAY
from analytics.purchases.reading import Ints, Purchases

Words = NDArray[np.uint32]

BEGIN = 0x9E3779B9 + 4 + 3_923_095
EACH = np.uint64(31)


def digests(purchases: Purchases) -> Ints:
    """One of each customer's days, shape (c,)."""
    if not purchases.day.size:
        return np.zeros(0, dtype=np.int64)
    first = int(purchases.day.min())
    of_day = _of_numbers(np.arange(first, int(purchases.day.max()) + 1) - POSTGRES_DAY)
    starts = purchases.starts
    sizes = np.diff(starts, append=purchases.day.size)
    power = np.cumprod(np.append(np.uint64(1), np.repeat(EACH, sizes.max(initial=0))), dtype=np.uint64)
    behind = np.repeat(starts + sizes - 1, sizes) - np.arange(purchases.day.size)  # days of the same customer
    sums = np.add.reduceat(of_day[purchases.day - first] * power[behind], starts)
    found: Ints = (sums + power[sizes]).view(np.int64)
    return found


def _of_numbers(numbers: Any) -> NDArray[np.uint64]:
    """hash_uint32_extended(number, 0), and so of every day."""
    a = numbers.astype(np.int64).astype(np.uint32) + np.uint32(BEGIN & 0xFFFFFFFF)
    b = np.full_like(a, BEGIN & 0xFFFFFFFF)
    c = b.copy()
    for one, other, bits in ((c, b, 14), (a, c, 11), (b, a, 25), (c, b, 16), (a, c, 4), (b, a, 14), (c, b, 24)):
        one ^= other
        one -= (other << np.uint32(bits)) | (other >> np.uint32(32 - bits))
    return (b.astype(np.uint64) << np.uint64(32)) | c
