"""What the answers of this room look like (shop/api/told.py)."""

from django.conf import settings

from crm.complaints.stages import Stage
from crm.events.kinds import KINDS
from crm.models import Complaint, Consent, CustomField, Identifier, Note
from crm.models.consent import CHANNELS
from shop.api.told import Shape

AT = "2026-03-01T10:00:00+01:00"

ORDER_NAME = Shape("OrderName", {"source": "shop", "reference": "1001"})
NUMBER = Shape(
    "CustomerNumber",
    {"kind": "external", "source": "shop", "value": "c-7"},
    choices={"kind": Identifier.Kind.values},
)
LINE = Shape(
    "OrderLine",
    {
        "position": 1,
        "sku": "tea-50",
        "name": "Green tea",
        "category": "tea",
        "quantity": "2.000",
        "unit_price": "9.450",
        "discount": "1.500",
        "paid": "17.400",
        "cost": "4.100",
    },
    maybe="cost",
)
ORDER = Shape(
    "Order",
    {
        "id": 311,
        "source": "shop",
        "reference": "1001",
        "customer": 7,
        "currency": "EUR",
        "placed_at": AT,
        "paid_at": AT,
        "cancelled_at": AT,
        "channel": "web",
        "branch": "",
        "staff": "",
        "goods": "18.900",
        "discount": "1.500",
        "shipping": "2.500",
        "tax": "3.150",
        "total": "19.900",
        "refunded": "0.000",
        "net": "19.900",
        "net_goods": "14.250",
    },
    maybe="paid_at cancelled_at",
    notes={
        "customer": "The number of the customer; who it is takes the scope customers.view.",
        "net": "What is left of the total after refunds; nothing while it is not paid, or was called off.",
        "net_goods": "The same without tax and shipping.",
        "paid_at": "The order counts from then on.",
    },
)
WHOLE_ORDER = Shape(
    "OrderWithLines",
    {
        **ORDER.told,
        "lines": [LINE],
        "refunds": [{"id": 12, "reference": "R-77", "amount": "5.000", "at": AT}],
    },
    maybe="paid_at cancelled_at",
)
REFUND = Shape("Refund", {"id": 12, "amount": "5.00", "order": ORDER})
LISTED_REFUND = Shape(
    "ListedRefund",
    {"id": 12, "order": ORDER_NAME, "customer": 7, "source": "shop", "reference": "R-77", "amount": "5.000", "at": AT},
    maybe="order",
    notes={"order": "null: money that went back without an order, as an import tells it."},
)

CARD = Shape(
    "Customer",
    {
        "id": 7,
        "tags": ["wholesale"],
        "custom": {"shoe_size": 39},
        "card_number": "2900 0000 0070",
        "numbers": [NUMBER],
        "given_name": "Dora",
        "family_name": "Bell",
        "language": "en",
        "time_zone": "",
        "company": "",
        "street": "",
        "postcode": "",
        "city": "Ludlow",
        "country": "",
        "source": "shop",
        "about": "",
        "birthday": "1990-03-31",
        "owner": "sam@shop.example",
        "created_at": AT,
    },
    maybe="birthday owner",
    free="custom",
    choices={"language": ["", *dict(settings.LANGUAGES)]},
    notes={
        "numbers": "What the customer is known by.",
        "custom": "By key, what the shop's own fields hold.",
        "owner": "The e-mail of the member of staff whose customer it is.",
    },
)
LISTED_CUSTOMER = Shape(
    "ListedCustomer",
    {"id": 7, "given_name": "Dora", "family_name": "Bell", "numbers": [NUMBER]},
    open=True,
    notes={"id": "Beside these members, every facet that the key may see, by its name."},
)
TAGS = Shape("TagsAndValues", {"id": 7, "tags": ["wholesale"], "custom": {"shoe_size": 39}}, free="custom")
NOTE = Shape(
    "Note",
    {"id": 4, "kind": "call", "body": "Asked about the delivery.", "at": AT, "by": "sam@shop.example"},
    maybe="by",
    choices={"kind": Note.Kind.values},
)
TAG = Shape("Tag", {"id": 3, "name": "wholesale"})
OWN_FIELDS = Shape(
    "OwnFields",
    {"results": [{"key": "shoe_size", "label": "Shoe size", "kind": "number", "choices": []}]},
    choices={"results[].kind": CustomField.Kind.values},
    free="results[].choices",
)
MERGE = Shape("Merge", {"id": 2, "customer": 7, "merged": 1204})
SEGMENTS = Shape(
    "Segments",
    {"results": [{"id": 5, "name": "Slipping", "question": "state=at_risk", "owner": "Sam", "shared_at": AT}]},
    maybe="results[].shared_at",
    notes={"results[].question": "As the filters of the list of customers are written."},
)
CONSENTS = Shape(
    "Consents",
    {
        "customer": 7,
        "addresses": [
            {
                "channel": "email",
                "address": "dora@people.example",
                "purposes": {
                    "offers": {"state": "given", "at": AT, "method": "web_form", "wording": "Yes, write to me."}
                },
            }
        ],
    },
    free="addresses[].purposes",
    choices={"addresses[].channel": list(dict(CHANNELS))},
    notes={
        "addresses[].purposes": f"By purpose ({', '.join(Consent.PURPOSES)}) what holds; one that nobody spoke"
        " about is not there."
    },
)
COMPLAINT = Shape(
    "Complaint",
    {
        "id": 31,
        "customer": 7,
        "title": "Lid is cracked",
        "details": "",
        "kind": "goods",
        "severity": 2,
        "channel": "web",
        "stage": "received",
        "late": False,
        "owner": "sam@shop.example",
        "order": ORDER_NAME,
        "cause": "",
        "outcome": "",
        "agreed": True,
        "opened_at": AT,
        "acknowledged_at": AT,
        "solved_at": AT,
        "told_at": AT,
        "closed_at": AT,
        "waiting_since": AT,
        "next_due_at": AT,
    },
    maybe="owner order agreed acknowledged_at solved_at told_at closed_at waiting_since next_due_at",
    choices={
        "kind": Complaint.Kind.values,
        "severity": Complaint.Severity.values,
        "channel": Complaint.Channel.values,
        "stage": Stage.values,
    },
    notes={"severity": "1 urgent, 2 normal, 3 small.", "late": "A deadline has passed."},
)
TASK = Shape(
    "Task",
    {"id": 9, "title": "Ring back", "due_on": "2026-03-31", "owner": "sam@shop.example", "customer": 7, "done_at": AT},
    maybe="customer done_at",
)
EVENT = Shape(
    "Event",
    {
        "id": 5120,
        "kind": "order.placed",
        "at": AT,
        "customer": {"id": 7, "external_ids": [{"source": "shop", "id": "c-7"}]},
        "order": {"id": 311, "source": "shop", "reference": "1001"},
        "subject": {"type": "crm.complaint", "id": 31},
        "actor": "key:5f0c7a1e9b3d",
        "details": {"reference": "1001", "total": "19.900"},
    },
    maybe="customer order subject subject.id",
    free="details",
    choices={"kind": list(KINDS)},
    notes={
        "details": "By kind, as docs/events.md says.",
        "actor": "staff:7, key:ab12 or import:3; empty: the shop itself.",
    },
)
EVENTS = Shape(
    "Events",
    {"results": [EVENT], "next": "6a5f3c1e9b3d2c48.1204.5120", "more": False},
    notes={"next": "Send it as `cursor`, now or tomorrow.", "more": "There is more already."},
)
OF_ONE = {"status": "As if it had come alone.", "errors": "By field, what is not right.", "code": "Of a refusal."}
MANY_ORDERS = Shape(
    "ManyOrders",
    {
        "results": [
            {
                "status": 201,
                "id": 311,
                "customer": 7,
                "code": "invalid",
                "errors": {"total": ["…"]},
                "fields": ["total"],
            }
        ]
    },
    sometimes="results[].id results[].customer results[].code results[].errors results[].fields",
    free="results[].errors",
    choices={"results[].status": [200, 201, 400, 409]},
    notes={f"results[].{name}": note for name, note in OF_ONE.items()},
)
MANY_CUSTOMERS = Shape(
    "ManyCustomers",
    {"results": [{"status": 201, "id": 7, "code": "invalid", "errors": {"email": ["…"]}}]},
    sometimes="results[].id results[].code results[].errors",
    free="results[].errors",
    choices={"results[].status": [200, 201, 400]},
    notes={f"results[].{name}": note for name, note in OF_ONE.items()},
)
