"""When exactly each purchase was, for what is counted in hours and not in days of the calendar."""

import numpy as np
from numpy.typing import NDArray

from analytics.definition import Definition
from analytics.purchases.reading import binary_cursor, numbers
from crm import revenue

Ints = NDArray[np.int64]

_READ = """
    SELECT string_agg(int8send(customer_id) || timestamptz_send(placed_at), '')
      FROM (SELECT customer_id, placed_at FROM crm_order
             WHERE cancelled_at IS NULL AND paid_at IS NOT NULL AND customer_id BETWEEN %s AND %s AND {net} {least} 0
             ORDER BY customer_id, placed_at) AS purchase
"""


def moments_of(customers: Ints, definition: Definition) -> tuple[Ints, Ints]:
    """Of each purchase of these customers (ids, ascending): index of the customer, microseconds since 2000."""
    net = revenue.column(definition.tax_and_shipping)
    cursor = binary_cursor()
    statement = _READ.format(net=net, least=">=" if definition.count_free_orders else ">")
    cursor.execute(statement, [int(customers[0]), int(customers[-1])])
    ids, moment = np.ascontiguousarray(numbers(cursor.fetchone()[0]).reshape(-1, 2).T)
    place = np.minimum(np.searchsorted(customers, ids), customers.size - 1)
    known = customers[place] == ids
    return place[known], moment[known]
