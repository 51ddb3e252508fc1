from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from loyalty.points import wording

MOST = 1_000_000


class AdjustForm(forms.Form):
    points = forms.IntegerField(
        label=_("Points"),
        min_value=-MOST,
        max_value=MOST,
        help_text=_("With a minus they are taken away."),
    )
    reason = forms.ChoiceField(label=_("Reason"))
    note = forms.CharField(
        label=_("In your words"),
        max_length=200,
        required=False,
        help_text=_("For the statement; the customer does not see it."),
    )
    # Made with the page, so that a second press is the same adjustment.
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["reason"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "–"), *wording.CHOICES.items()]

    def clean_points(self) -> int:
        points: int = self.cleaned_data["points"]
        if not points:
            raise forms.ValidationError(_("Say how many."))
        return points

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == "other" and not cleaned.get("note"):
            self.add_error("note", _("Say what it is for."))
        return cleaned
