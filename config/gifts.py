"""What a customer can have got for a complaint: name -> dotted name of function(customer, numbers) -> [Gift].

With a customer: the newest that they got; with numbers of rows: exactly these (crm/complaints/giving.py).
"""

GIFTS: dict[str, str] = {
    "refund": "crm.complaints.giving.refunds",
    "points": "loyalty.points.gestures.given",
    "discount": "loyalty.discounts.gestures.given",
}
