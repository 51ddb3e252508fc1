"""Once more the password, or a code of the second factor, before something that a stolen session must not do."""

import time
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.forms import CodeField
from shop.models import SecondFactor, Throttle, User
from shop.signing_in import accept_code, too_many_codes

LASTS = 10 * 60  # seconds
TRIES, WINDOW = 5, timedelta(minutes=15)
KEY = "password_at"


def confirmed_lately(request: HttpRequest) -> bool:
    return 0 <= time.time() - request.session.get(KEY, 0) < LASTS


class PasswordForm(forms.Form):
    """Asks only when neither was given in the last ten minutes; for a code where there is a second factor."""

    always = False
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        help_text=gettext_lazy("So that nobody else does this on your screen."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=200,
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if confirmed_lately(request) and not self.always:
            del self.fields["password"]
        elif SecondFactor.objects.filter(user=request.user.pk).exists():
            del self.fields["password"]
            self.fields["code"] = CodeField(
                label=_("Code of the app, or a recovery code"),
                help_text=_("So that nobody else does this on your screen."),
            )

    def clean_password(self) -> str:
        """Counted before it is looked at, so that parallel guesses cannot pass together."""
        user = User.objects.get(pk=self.request.user.pk)
        if not Throttle.hit("password", str(user.pk), TRIES, WINDOW).allowed:
            raise forms.ValidationError(_("There were too many tries. Try again in a quarter of an hour."))
        if not user.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(_("That is not the password you have now."))
        Throttle.forget("password", str(user.pk))
        self.request.session[KEY] = int(time.time())
        return ""

    def clean_code(self) -> str:
        passed, verdict = accept_code(User.objects.get(pk=self.request.user.pk), self.cleaned_data["code"])
        if not verdict.allowed:
            raise forms.ValidationError(too_many_codes(verdict))
        if not passed:
            raise forms.ValidationError(
                _("That code does not fit, or it was used already. The app shows the next one.")
            )
        self.request.session[KEY] = int(time.time())
        return ""


class SureForm(PasswordForm):
    """Asks every time."""

    always = True
