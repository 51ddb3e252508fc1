"""What staff are asked before many are changed. `params()` is the answer as JSON, for the job that does it."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.card.fields import form_for
from crm.forms import staff
from crm.models import Customer, CustomField, Tag
from crm.models.custom_field import PREFIX
from crm.models.tag import LONGEST, NoTag
from crm.own_fields.fields import form_field

# Fields of a card that many may have in common; a name or a birthday is one person's own.
SHARED = ("source", "company", "language", "time_zone", "city", "postcode", "country", "street")


class TagForm(forms.Form):
    """A new name makes a new tag."""

    name = forms.CharField(
        label=gettext_lazy("Tag"), max_length=LONGEST, widget=forms.TextInput({"list": "tags", "autocomplete": "off"})
    )

    def params(self) -> dict[str, Any]:
        return {"tag": self.tag.pk, "name": self.tag.name}

    def clean_name(self) -> str:
        try:
            self.tag = Tag.called(self.cleaned_data["name"])
        except NoTag:
            raise forms.ValidationError(_("A tag is a word or a few; at least one character can be seen.")) from None
        return self.tag.name


class UntagForm(forms.Form):
    tag = forms.ModelChoiceField(Tag.objects.order_by("name", "pk"), label=gettext_lazy("Tag"), empty_label=None)

    def params(self) -> dict[str, Any]:
        return {"tag": self.cleaned_data["tag"].pk, "name": self.cleaned_data["tag"].name}


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(
        staff(), label=gettext_lazy("Owner"), required=False, empty_label=gettext_lazy("Nobody")
    )

    def params(self) -> dict[str, Any]:
        owner = self.cleaned_data["owner"]
        return {"field": "owner", "value": owner and owner.pk, "words": str(owner or "")}


class LeaveOutForm(forms.Form):
    out = forms.TypedChoiceField(
        label=gettext_lazy("Figures"),
        choices=[("1", gettext_lazy("Leave them out of figures")), ("0", gettext_lazy("Count them again"))],
        coerce=lambda value: value == "1",
        initial="1",
        widget=forms.RadioSelect,
    )

    def params(self) -> dict[str, Any]:
        return {"out": self.cleaned_data["out"]}


def card_field(name: str) -> Any:
    return Customer._meta.get_field(name)


def shared_fields() -> list[tuple[str, str]]:
    own = [(name, str(card_field(name).verbose_name)) for name in SHARED]
    return own + [(field.name, field.label) for field in CustomField.objects.present()]


class FieldForm(forms.Form):
    """First which field, then its new value: the value's own form is asked for when the field is known."""

    field = forms.ChoiceField(label=gettext_lazy("Field"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.names = dict(shared_fields())
        self.fields["field"].choices = list(self.names.items())  # type: ignore[attr-defined]
        chosen = (data or self.initial).get("field", "")
        if chosen in self.names:
            self.fields["field"].widget = forms.HiddenInput()
            self.fields["value"] = self._value_field(chosen)

    def _value_field(self, name: str) -> forms.Field:
        if name.startswith(PREFIX):
            own = CustomField.objects.get(key=name.removeprefix(PREFIX))
            field = form_field(own)
        else:
            field = form_for(name, Customer()).fields[name]
        field.label, field.required = self.names[name], False
        field.help_text = _("Left empty, the field is emptied.")
        return field

    @property
    def incomplete(self) -> bool:
        """No value was asked for yet, which is something else than an empty one."""
        return "value" not in self.fields or (self.is_bound and "value" not in self.data)

    def params(self) -> dict[str, Any]:
        name, value = self.cleaned_data["field"], self.cleaned_data["value"]
        if name.startswith(PREFIX):
            words = CustomField.objects.get(key=name.removeprefix(PREFIX)).words(value)
        else:
            words = dict(card_field(name).flatchoices).get(value, value)
        return {"field": name, "value": value, "words": str(words), "label": self.names[name]}
