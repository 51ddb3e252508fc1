"""What the staff of the demo shop want to know of their customers: a few tags and fields of the shop's own."""

from crm.models import Customer, CustomField
from crm.tagging import tag_many

# (tag, every how manieth of those who spent most has it)
TAGS = [("VIP", 5), ("Wholesale", 3), ("Prefers e-mail", 7), ("Comes by in person", 11), ("Christmas only", 13)]

DELIVERIES = ["Carrier", "Collects", "Our van"]


def tell(best: list[Customer]) -> None:
    tag_many((customer.pk, name) for name, every in TAGS for customer in best[::every])
    for key, label, kind, choices in (
        ("delivery", "Delivery", "choice", DELIVERIES),
        ("shops", "Shops of theirs", "number", []),
        ("catalogue", "Catalogue on paper", "yes_no", []),
    ):
        CustomField.define(key=key, label=label, kind=kind, choices=choices, actor="")
    for at, customer in enumerate(best[:120]):
        customer.custom = {"delivery": DELIVERIES[at % 3], "catalogue": at % 4 == 0} | (
            {"shops": 1 + at % 5} if at % 2 else {}
        )
    Customer.objects.bulk_update(best[:120], ["custom"])
