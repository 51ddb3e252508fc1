"""Cards for programs: one looked at, opened, edited; and what was talked about."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import cards, shapes
from crm.api.fields import Strict, source_name, text
from crm.api.inputs import BuyerInput
from crm.api.pages import PAGED, page_of, query
from crm.models import CardOpened, Customer, CustomField, Note, Tag
from crm.models.known_by import KnownBy
from shop.api.told import Told
from shop.api.views import ApiView, Command
from shop.models import User
from shop.preferences import time_zones

PLAIN = ("given_name", "family_name", "language", "time_zone", "company", "street", "postcode", "city", "country")


class CardInput(Strict):
    """What is sent is set, an empty text empties it; what is not sent stays."""

    example = {"city": "Ludlow", "birthday": "1990-03-31", "owner": "sam@shop.example"}
    says = {"owner": "The e-mail of one of the staff, or null.", "time_zone": "Such as Europe/London."}
    given_name = text(120)
    family_name = text(120)
    birthday = serializers.DateField(required=False, allow_null=True)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False, allow_blank=True)
    time_zone = text(40)
    company, street, postcode, city, country, about = text(120), text(200), text(20), text(120), text(80), text(4000)
    source = text(64)  # type: ignore[assignment]
    owner = serializers.EmailField(required=False, allow_null=True)

    def validate_birthday(self, day: Any) -> Any:
        if day and not (day.year >= 1900 and day <= timezone.localdate()):
            raise serializers.ValidationError(_("Nobody was born then."))
        return day

    def validate_time_zone(self, name: str) -> str:
        if name and name not in dict(time_zones()):
            raise serializers.ValidationError(_("This is not a time zone."))
        return name

    def validate_owner(self, email: str | None) -> User | None:
        owner = User.objects.active().filter(email=User.objects.normalize_email(email)).first() if email else None
        if email and owner is None:
            raise serializers.ValidationError(_("Nobody of the staff has this e-mail."))
        return owner


class KnownInput(BuyerInput):
    example = {"source": "shop", **BuyerInput.example}
    source = source_name()


class NoteInput(Strict):
    example = {"kind": "call", "body": "Asked about the delivery."}
    kind = serializers.ChoiceField(Note.Kind.choices)
    body = serializers.CharField(max_length=10_000)


class CardList(Command):
    """The card of somebody, found by what they are known by or made: twice is the same as once."""

    right = "customers.edit"
    key_required = False
    told = {
        "POST": Told(
            "Open a card",
            "The card of somebody, found by the strongest of what is sent, or made (`201`). Twice is once.",
            shapes.CARD,
            body=KnownInput,
            status=(200, 201),
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        told = KnownInput(data=request.data)
        told.is_valid(raise_exception=True)
        known = KnownBy(**told.validated_data)
        status = 200 if known.find() else 201
        return Response(whole(known.find_or_create(actor=self.key.actor)), status=status)


class CardDetail(ApiView):
    right = "customers.view"
    told = {"GET": Told("Get a customer", "The card with its fields, numbers, tags and values.", shapes.CARD)}

    def get(self, request: Request, pk: int) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(pk)
        CardOpened.note(customer, self.key)
        return Response(whole(customer))


class CardFields(Command):
    right = "customers.edit"
    key_required = False
    told = {"POST": Told("Edit a customer", "What is sent is set, the rest stays.", shapes.CARD, body=CardInput)}

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        told = CardInput(data=request.data, partial=True)
        told.is_valid(raise_exception=True)
        customer.edit(actor=self.key.actor, **told.validated_data)
        return Response(whole(customer))


class NoteList(Command):
    right = "customers.edit"
    told = {
        "GET": Told("List notes", "What was talked about with the customer.", list_of=shapes.NOTE),
        "POST": Told("Log a conversation", "What was said, and how.", shapes.NOTE, body=NoteInput, status=(201,)),
    }

    def get(self, request: Request, pk: int) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(pk)
        return Response(page_of(customer.notes.select_related("by"), query(request, *PAGED), note_shown))

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        told = NoteInput(data=request.data)
        told.is_valid(raise_exception=True)
        note = Note.log(customer, **told.validated_data, by=None, actor=self.key.actor)
        return Response(note_shown(note), status=201)


class TagNames(ApiView):
    """Every tag there is."""

    right = "customers.view"
    told = {"GET": Told("List tags", "Every tag there is.", list_of=shapes.TAG)}

    def get(self, request: Request) -> Response:
        asked = query(request, *PAGED)
        return Response(page_of(Tag.objects.all(), asked, lambda tag: {"id": tag.pk, "name": tag.name}))


class OwnFields(ApiView):
    """The fields that the shop defined, in its order."""

    right = "customers.view"
    told = {"GET": Told("List own fields", "The fields that the shop defined, in its order.", shapes.OWN_FIELDS)}

    def get(self, request: Request) -> Response:
        query(request)
        fields = CustomField.objects.present()
        named = ("key", "label", "kind", "choices")
        return Response({"results": [{name: getattr(field, name) for name in named} for field in fields]})


def whole(customer: Customer) -> dict[str, Any]:
    numbers = customer.identifiers.order_by("pk")
    return {
        **cards.shown(customer),
        "card_number": customer.card_number,
        "numbers": [{"kind": one.kind, "source": one.source, "value": one.value} for one in numbers],
        **{name: getattr(customer, name) for name in (*PLAIN, "source", "about")},
        "birthday": customer.birthday and customer.birthday.isoformat(),
        "owner": customer.owner and customer.owner.email,
        "created_at": timezone.localtime(customer.created_at).isoformat(),
    }


def note_shown(note: Note) -> dict[str, Any]:
    return {
        "id": note.pk,
        "kind": note.kind,
        "body": note.body,
        "at": timezone.localtime(note.at).isoformat(),
        "by": note.by and note.by.email,
    }
