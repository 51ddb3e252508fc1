"""The text of a mail as staff type it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.mail.kinds import Mail
from crm.mail.placeholders import allowed, complaints
from crm.mail.texts import Text

LONGEST = 20_000


class TextForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(label=_("Text"), max_length=LONGEST, widget=forms.Textarea({"rows": 16}))

    def __init__(self, *args: Any, mail: Mail, **options: Any) -> None:
        super().__init__(*args, **options)
        self.mail = mail

    def clean_subject(self) -> str:
        return self._checked("subject")

    def clean_body(self) -> str:
        return self._checked("body").replace("\r\n", "\n").strip() + "\n"

    def _checked(self, field: str) -> str:
        text = str(self.cleaned_data[field])
        wrong = complaints(text, allowed(self.mail))
        if wrong:
            raise forms.ValidationError(wrong)
        return text

    def text(self, language: str) -> Text:
        """As typed, before it is saved."""
        values = self.cleaned_data
        return Text(self.mail.name, language, 0, values["subject"], values["body"])


class WhomForm(forms.Form):
    """With whose card a preview is filled."""

    whom = forms.CharField(
        label=_("With the card of"),
        required=False,
        max_length=254,
        help_text=_("An e-mail, a phone or a customer number; empty: the newest card."),
    )
