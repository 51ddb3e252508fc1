"""What is asked when a shop defines a field of its own, or changes one."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import CustomField
from crm.models.custom_field import KEY, MOST_CHOICES

Kind = CustomField.Kind


class ChangeForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("Label"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=Kind.choices)
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("For one of several: one choice a line."),
    )

    @staticmethod
    def of(field: CustomField) -> dict[str, Any]:
        return {"label": field.label, "kind": field.kind, "choices": "\n".join(field.choices)}

    def clean_choices(self) -> list[str]:
        lines = [" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()]
        once: dict[str, str] = {}
        for line in lines:
            if line:
                once.setdefault(line.casefold(), line)
        choices = list(once.values())
        if len(choices) > MOST_CHOICES or any(len(choice) > 80 or not choice.isprintable() for choice in choices):
            raise forms.ValidationError(_("At most %(n)s choices of at most 80 characters.") % {"n": MOST_CHOICES})
        return choices

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("kind") != Kind.CHOICE:
            values["choices"] = []
        elif len(values.get("choices", [])) < 2 and "choices" not in self.errors:
            self.add_error("choices", _("Write at least two choices, one a line."))
        return values


class DefineForm(ChangeForm):
    key = forms.CharField(
        label=gettext_lazy("Key"),
        max_length=30,
        help_text=gettext_lazy("How files, programs and mails call it: small letters, digits and _. It never changes."),
    )
    field_order = ["label", "key", "kind", "choices"]

    def clean_key(self) -> str:
        key = self.cleaned_data["key"].strip()
        if not KEY.fullmatch(key):
            raise forms.ValidationError(_("A small letter first, then small letters, digits and _."))
        if CustomField.objects.filter(key=key).exists():
            raise forms.ValidationError(_("There is a field with this key already."))
        return key
