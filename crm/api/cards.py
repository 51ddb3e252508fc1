"""What programs may put on a card: tags, and values of the fields that the shop defined."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import shapes
from crm.api.fields import Strict
from crm.models import Customer, Tag
from crm.models.custom_field import values_for
from crm.models.tag import LONGEST, NoTag, checked, tagged
from shop.api.told import Shape, Told
from shop.api.views import Command

MOST = 100


def _tag_name(name: str) -> str:
    try:
        return checked(name)
    except NoTag:
        raise serializers.ValidationError(_("A tag is a word or a few; at least one character can be seen.")) from None


class TagsInput(Strict):
    example = {"add": ["wholesale"], "remove": ["new"]}
    add = serializers.ListField(child=serializers.CharField(max_length=LONGEST), required=False, max_length=MOST)
    remove = serializers.ListField(child=serializers.CharField(max_length=LONGEST), required=False, max_length=MOST)

    def validate_add(self, names: list[str]) -> list[str]:
        return [_tag_name(name) for name in names]

    def validate_remove(self, names: list[str]) -> list[str]:
        return [_tag_name(name) for name in names]


VALUES = Shape("Values", {"shoe_size": 39}, open=True, sometimes="shoe_size", free="shoe_size")


class TagList(Command):
    """Twice is the same as once."""

    right = "customers.edit"
    key_required = False
    told = {
        "POST": Told(
            "Change tags", "Puts tags on and takes them off, by name. Twice is once.", shapes.TAGS, body=TagsInput
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        told = TagsInput(data=request.data)
        told.is_valid(raise_exception=True)
        for name in told.validated_data.get("add", []):
            customer.tag(Tag.called(name), actor=self.key.actor)
        for name in told.validated_data.get("remove", []):
            for tag in Tag.objects.named(name):
                customer.untag(tag, actor=self.key.actor)
        return Response(shown(customer))


class CustomValues(Command):
    """{key: value}; null empties one, and what is not named stays."""

    right = "customers.edit"
    key_required = False
    told = {
        "POST": Told(
            "Set values of own fields",
            "By key; `null` empties one, and what is not named stays.",
            shapes.TAGS,
            body=VALUES,
        )
    }

    def act(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        customer = Customer.objects.allowed(self.key, self.right).get_or_404(kwargs["pk"])
        if not isinstance(request.data, dict):
            raise serializers.ValidationError({"custom": [_("Send an object of keys and values.")]})
        try:
            values = values_for(request.data)
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        customer.edit(actor=self.key.actor, **values)
        return Response(shown(customer))


def shown(customer: Customer) -> dict[str, Any]:
    customer.refresh_from_db(fields=["custom"])
    return {"id": customer.pk, "tags": [tag.name for tag in tagged(customer)], "custom": customer.custom}
