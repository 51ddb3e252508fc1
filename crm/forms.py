"""What staff type on the card, on Today and on a new card."""

from typing import Any

from django import forms
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.complaints.fields import files_field
from crm.duplicates.finding import Alike, alike
from crm.models import Complaint, Customer, Identifier, Note, Task
from shop.models import User

LIMIT = 254


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


def staff() -> Any:
    return User.objects.filter(deactivated_at=None).order_by("name", "pk")


class TaskForm(forms.ModelForm):
    class Meta:
        model = Task
        fields = ["title", "due_on", "owner"]
        widgets = {"due_on": Day()}

    def __init__(self, *args: Any, by: User, **options: Any) -> None:
        options.setdefault("initial", {}).update(due_on=timezone.localdate(), owner=by)
        super().__init__(*args, **options)
        self.fields["owner"].queryset = staff()
        self.fields["owner"].empty_label = None


class NoteForm(forms.ModelForm):
    """A conversation, and what must follow it: a title is enough, the rest has a value already."""

    title = forms.CharField(label=pgettext_lazy("task", "What"), max_length=200, required=False)
    due_on = forms.DateField(label=pgettext_lazy("task", "Due"), required=False, widget=Day())
    owner = forms.ModelChoiceField(
        User.objects.none(), label=pgettext_lazy("task", "Who"), required=False, empty_label=None
    )
    complaint = forms.ModelChoiceField(Complaint.objects.none(), label=_("Complaint"), required=False)
    files = files_field()

    class Meta:
        model = Note
        fields = ["kind", "body"]
        error_messages = {"body": {"required": _("Write what was said, then log it.")}}

    def __init__(self, *args: Any, customer: Customer | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].queryset = staff()
        if customer:
            self.fields["complaint"].queryset = customer.complaints.open()

    def follow_up(self, by: User) -> dict[str, Any] | None:
        values = self.cleaned_data
        if not values["title"]:
            return None
        return {"title": values["title"], "due_on": values["due_on"], "owner": values["owner"] or by}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("title") and not values.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Say until when."))
        return values


class ContactForm(forms.Form):
    """An e-mail address or a phone; empty takes it away."""

    kind = forms.ChoiceField(choices=[(k, Identifier.Kind(k).label) for k in ("phone", "email")])
    value = forms.CharField(max_length=LIMIT, required=False, label=_("Value"))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        check_contact(self, values.get("kind"), "value", values.get("value", ""))
        return values


def check_contact(form: forms.Form, kind: str | None, field: str, value: str) -> None:
    if not value:
        return
    if kind == "email":
        try:
            validate_email(value.strip())
        except forms.ValidationError:
            form.add_error(field, _("This is not an e-mail address: name@place.example."))
    elif kind == "phone" and sum(c.isdigit() for c in value) < 4:
        form.add_error(field, _("A phone number has at least four digits."))


class CustomerForm(forms.ModelForm):
    email = forms.CharField(label=_("E-mail"), max_length=LIMIT, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=LIMIT, required=False)
    anyway = forms.BooleanField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Customer
        fields = ["given_name", "family_name", "birthday", "company", "city", "source"]
        widgets = {"birthday": Day()}

    field_order = ["given_name", "family_name", "email", "phone", "birthday", "company", "city", "source"]

    @property
    def contacts(self) -> dict[str, str]:
        return {kind: self.cleaned_data.get(kind, "") for kind in ("email", "phone")}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for kind in ("email", "phone"):
            check_contact(self, kind, kind, values.get(kind, ""))
        if not any(values.get(name) for name in ("given_name", "family_name", "email", "phone")):
            self.add_error("given_name", _("A name, an e-mail or a phone: something to know the person by."))
        return values

    def alike(self) -> list[Alike]:
        """Who may be the same person. Families share an e-mail, so it is a warning, not an error."""
        values = self.cleaned_data
        name = f"{values.get('given_name', '')} {values.get('family_name', '')}".strip()
        return alike(self.contacts, name, values.get("birthday"))
