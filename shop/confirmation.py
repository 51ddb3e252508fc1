"""The password once more, before something that a stolen session must not do."""

import time
from datetime import timedelta

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shop.models import Throttle, User

LASTS = 10 * 60  # seconds
TRIES, WINDOW = 5, timedelta(minutes=15)
KEY = "password_at"


def confirmed_lately(request: HttpRequest) -> bool:
    return 0 <= time.time() - request.session.get(KEY, 0) < LASTS


class PasswordForm(forms.Form):
    """Asks only when the password was not given in the last ten minutes."""

    password = forms.CharField(
        label=gettext_lazy("Your password"),
        help_text=gettext_lazy("So that nobody else does this on your screen."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=200,
    )

    def __init__(self, *args, request: HttpRequest, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if confirmed_lately(request):
            del self.fields["password"]

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
