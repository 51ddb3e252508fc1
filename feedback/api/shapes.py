"""What the answers of this room look like (shop/api/told.py)."""

from crm.api.shapes import AT
from feedback.models import Invitation, Question
from feedback.models.invitation import Channel
from shop.api.told import Shape

SURVEY = Shape(
    "Survey",
    {
        "id": 1,
        "name": "After the purchase",
        "kind": "nps",
        "names": "named",
        "version": 3,
        "languages": ["en"],
        "questions": [
            {
                "name": "score",
                "kind": "score",
                "branch": "low",
                "required": True,
                "lowest": 0,
                "highest": 10,
                "choices": [1],
                "texts": {"en": {"ask": "How likely is it that you recommend us?"}},
            }
        ],
    },
    maybe="version questions[].branch questions[].lowest questions[].highest",
    free="questions[].texts",
    choices={"names": ["named", "choice", "nameless"], "questions[].kind": Question.Kind.values},
    notes={"names": "Whether answers have a name.", "questions": "As they are asked now."},
)
INVITATION = Shape(
    "Invitation",
    {
        "id": 14,
        "customer": 7,
        "survey": 1,
        "order": 311,
        "state": "sent",
        "why": "no_consent",
        "due_at": AT,
        "expires_at": AT,
        "sent_at": AT,
        "answered_at": AT,
    },
    maybe="order why sent_at answered_at",
    choices={"state": Invitation.State.values},
    notes={"why": "Why it was not sent."},
)
RESPONSE = Shape(
    "Response",
    {
        "id": 21,
        "survey": 1,
        "score": 9,
        "band": "high",
        "comment": "Lovely tea.",
        "language": "en",
        "channel": "email",
        "nameless": False,
        "at": AT,
        "changed_at": AT,
        "customer": 7,
        "order": 311,
    },
    maybe="score band language channel at changed_at customer order",
    sometimes="customer order",
    choices={"channel": Channel.values},
    notes={
        "customer": "Only for keys with the scope comments.see_author.",
        "order": "Only for keys with the scope comments.see_author.",
        "at": "null: of an answer without a name, in a week that had too few.",
    },
)
